// The answers to examples: filters, pages, questions; the newest answers while both learn; explanations.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { write } = tlvsft;

  // The explanation is on its way: it says so, and comes into sight.
  const expectExplanation = () => {
    const section = document.querySelector("#why section");
    if (!section) return;
    section.setAttribute("aria-busy", "true");
    tlvsft.bringIntoView("#why section", "nearest");
  };

  // One answer on a card; the screen changes only where the answer has.
  const showAnswer = (line, [title, confidence, word]) => {
    write(line.querySelector("b"), title);
    write(line.querySelector(".confidence"), confidence);
    write(line.querySelector(".sign"), word === "right" ? "✓" : "✗");
    write(line.querySelector(".word"), `(${word})`);
    line.classList.toggle("was-right", word === "right");
    line.classList.toggle("was-wrong", word === "wrong");
  };

  // The list of examples. What is filtered stands in its section's data- attributes; a click sends all of it.
  tlvsft.answers = (element, trigger, watch, event) => {
    let touched = null; // what has to have the focus again when the list is renewed
    const ask = (changes) => {
      const { filter, label, group } = element.querySelector("section").dataset;
      trigger(event, { filter, label, group, page: "0", ...changes });
    };
    const keyOf = ({ dataset }) => {
      const [name, value] = Object.entries(dataset)[0] ?? [];
      return name === "choice" ? `[data-choice="${value}"]` : name === "filter" ? `[data-filter="${value}"]` : null;
    };

    element.addEventListener("click", (click) => {
      const button = click.target.closest("button");
      if (!button || button.disabled) return;
      if ("why" in button.dataset) {
        expectExplanation();
        trigger(event, { why: button.dataset.why });
      } else if ("copy" in button.dataset) {
        document.querySelector("#try-it").scrollIntoView({ block: "nearest" });
        trigger(event, { copy: button.dataset.copy });
      } else {
        touched = button.closest(".pager") ? `.pager button:${button.matches(":last-child") ? "last" : "first"}-child` : keyOf(button);
        ask({ ...button.dataset });
      }
    });
    element.addEventListener("change", (change) => {
      const { choice } = change.target.dataset;
      if (!choice) return;
      touched = keyOf(change.target);
      ask({ [choice]: change.target.value });
    });
    watch("value", () => {
      if (!touched) return;
      const wanted = touched;
      touched = null;
      requestAnimationFrame(() => {
        const found = element.querySelector(`section ${wanted}`);
        const next = found && !found.disabled ? found : element.querySelector("section .pager button:not(:disabled)");
        next?.focus({ preventScroll: true });
      });
    });
    window.addEventListener("tlvsft-news", ({ detail }) => {
      const section = element.querySelector("section");
      if (!detail.sample || section?.dataset.sample !== detail.comparison) return;
      for (const [side, answers] of Object.entries(detail.sample.rows)) {
        const lines = section.querySelectorAll(`.said.${side}`);
        answers.forEach((answer, place) => lines[place] && showAnswer(lines[place], answer));
      }
      write(section.querySelector(".sample-words"), detail.sample.words);
    });
  };

  // The answers to the visitor's own: "Why?" sends the drawing along, which nobody else has.
  tlvsft.ownAnswer = (element, trigger, event) => {
    element.addEventListener("click", (click) => {
      if (!click.target.closest("button[data-why]")) return;
      const canvas = document.querySelector("#try-it canvas");
      expectExplanation();
      trigger(event, { why: "own", image: canvas ? canvas.toDataURL("image/png") : "" });
    });
  };

  // An explanation that has just come is looked at, wherever it was asked for.
  tlvsft.explanation = (element, watch) => {
    watch("value", () =>
      requestAnimationFrame(() => {
        if (element.querySelector(".why-both, [role=alert]")) element.querySelector("h2").focus();
      }),
    );
  };
})();
