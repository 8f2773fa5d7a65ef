// Older runs, laid over the curves: a menu beside the toolbar, thin dashed lines in the sides' colours, and their key.
// The menu asks the server (olderSignal) for what there is and for the points of what was chosen.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { make } = tlvsft;
  const DASHES = ["dash", "dot", "longdashdot"]; // for at most three, so that they are told apart
  const SIGNS = ["╌╌", "┈┈", "─·─"];
  const SYMBOLS = { left: "circle-open", right: "diamond-open" };
  const ASKED = "tlvsft-older-asked";
  const ANSWERED = "tlvsft-older";

  const traceOf = (run, name, chart, kind, number) => ({
    type: "scatter",
    mode: kind === "smooth" ? "lines" : chart === "score" ? "lines+markers" : "markers",
    name,
    line: { width: 1.3, dash: DASHES[number] },
    marker: { symbol: SYMBOLS[run.side], size: 5 },
    opacity: 0.8,
    hoverinfo: "skip",
    meta: { run: run.id, side: run.side, kind, isOlder: true },
  });

  // The traces of older comparisons in one of the charts, still without colours and points.
  tlvsft.olderTraces = (older, chart) =>
    older.flatMap(({ name, runs }, number) =>
      runs.flatMap((run) =>
        (chart === "loss" ? ["smooth", "validation"] : ["validation"]).map((kind) =>
          traceOf(run, name, chart, kind, number),
        ),
      ),
    );

  class Older {
    constructor(element, curves) {
      this.curves = curves;
      this.button = element.querySelector("[data-older]");
      this.menu = element.querySelector(".older-menu");
      this.key = element.querySelector(".older-key");
      this.chosen = [];
      this.asked = 0;
      this.drawn = 0; // over which drawing they lie
      this.button.addEventListener("click", () => this.open(this.menu.hidden));
      this.menu.addEventListener("change", () => this.choose(this.checked()));
      this.key.addEventListener("click", ({ target }) => this.drop(target.closest("button")?.dataset.drop));
      element.addEventListener("keydown", (key) => key.key === "Escape" && !this.menu.hidden && this.close());
      document.addEventListener("pointerdown", ({ target }) => {
        if (!this.menu.hidden && !this.menu.parentElement.contains(target)) this.open(false);
      });
      element.addEventListener("curves-changed", () => this.follow());
      window.addEventListener(ANSWERED, ({ detail }) => this.take(detail));
    }

    open(isOpen) {
      this.menu.hidden = !isOpen;
      this.button.setAttribute("aria-expanded", String(isOpen));
      if (isOpen) this.ask();
    }

    close() {
      this.open(false);
      this.button.focus();
    }

    // Another comparison was drawn, which has other older ones: those of the last one go.
    follow() {
      if (this.drawn === this.curves.drawn) return;
      this.drawn = this.curves.drawn;
      this.chosen = [];
      this.asked += 1; // an answer on its way comes too late
      this.name([]);
      this.open(false);
    }

    checked() {
      return [...this.menu.querySelectorAll("input:checked")].map(({ value }) => value);
    }

    choose(chosen) {
      this.chosen = chosen;
      this.limit();
      this.ask();
    }

    drop(id) {
      if (id === undefined) return;
      this.choose(id ? this.chosen.filter((other) => other !== id) : []);
      this.button.focus(); // the pressed button goes with its line
    }

    ask() {
      this.asked += 1;
      const detail = { asked: this.asked, comparison: this.curves.comparison, chosen: this.chosen };
      window.dispatchEvent(new CustomEvent(ASKED, { detail }));
    }

    take({ asked, comparison, words, choices, most, older }) {
      if (asked !== this.asked || comparison !== this.curves.comparison) return;
      this.most = most;
      this.chosen = older.map(({ id }) => id);
      this.list(words, choices);
      this.name(older);
      this.curves.later(() => comparison === this.curves.comparison && this.curves.overlay(older));
    }

    // The list stays as it is while it says the same, so that the keyboard keeps its place.
    list(words, choices) {
      const told = JSON.stringify([words, choices]);
      if (told !== this.told) {
        this.told = told;
        const lines = choices.map((choice) => this.line(choice));
        this.menu.replaceChildren(make("p", { class: "facts" }, words), ...lines);
      }
      this.menu.querySelectorAll("input").forEach((box) => {
        box.checked = this.chosen.includes(box.value);
      });
      this.limit();
    }

    line({ id, name, facts }) {
      const box = make("input", { type: "checkbox", value: id });
      return make("label", {}, box, make("span", {}, make("b", {}, name), " ", make("span", { class: "facts" }, facts)));
    }

    limit() {
      const isFull = this.chosen.length >= this.most;
      this.menu.querySelectorAll("input").forEach((box) => {
        box.disabled = isFull && !box.checked;
      });
    }

    name(older) {
      const lines = older.map(({ id, name, facts }, number) => {
        const sign = make("span", { class: "older-sign", "aria-hidden": "true" }, SIGNS[number]);
        const drop = make("button", { type: "button", "data-drop": id, "aria-label": `Take away ${name}` }, "×");
        return make("li", { title: facts }, sign, name, drop);
      });
      const all = make("li", {}, make("button", { type: "button", "data-drop": "" }, "clear"));
      this.key.replaceChildren(...lines, ...(lines.length > 1 ? [all] : []));
      this.button.querySelector("b").textContent = older.length ? String(older.length) : "";
    }
  }

  tlvsft.connectOlder = (element, curves) => {
    if (element.querySelector("[data-older]")) new Older(element, curves);
  };

  // Between the menu and the server's handler, which answers through the component's value.
  tlvsft.olderSignal = (props, watch, trigger, event) => {
    window.addEventListener(ASKED, ({ detail }) => trigger(event, detail));
    watch("value", () => {
      if (props.value) window.dispatchEvent(new CustomEvent(ANSWERED, { detail: props.value }));
    });
  };
})();
