// Words of the glossary: pointing at one, tabbing to it or tapping it shows its entry; Escape puts it away.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const EDGE = 8; // pixels that stay free at the edges of the window
  const LEAVE_MS = 150; // so long the explanation stays after the pointer has left
  const WORDS = ".term, [data-testid='block-info']";
  let tip = null;
  let word = null;
  let leaving = 0;

  // The entry of a marked word; of a label of the form, the entry that has its text as one of its forms.
  const entryOf = (marked) => {
    if (marked.dataset.term) return document.getElementById(`glossary-${marked.dataset.term}`);
    const wanted = tlvsft.language.sourceOf(marked).trim().toLowerCase().replace(/, (left|right)$/, "");
    const names = [...document.querySelectorAll(".glossary dt")];
    const found = names.find((name) => name.dataset.forms.split(",").includes(wanted));
    return found ? found.nextElementSibling.firstElementChild : null;
  };

  const makeTip = () => {
    const made = document.createElement("div");
    made.className = "term-tip";
    made.setAttribute("aria-hidden", "true"); // whoever listens has heard the description of the word
    made.hidden = true;
    made.addEventListener("pointerenter", () => clearTimeout(leaving));
    made.addEventListener("pointerleave", hideSoon);
    document.querySelector(".gradio-container").append(made);
    return made;
  };

  const place = () => {
    const around = word.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = tip;
    const room = document.documentElement.clientWidth;
    const left = Math.max(EDGE, Math.min(around.left, room - width - EDGE));
    const below = around.bottom + 6;
    const top = below + height + EDGE <= window.innerHeight ? below : Math.max(EDGE, around.top - height - 6);
    tip.style.left = `${left}px`;
    tip.style.top = `${top}px`;
  };

  const show = (marked) => {
    clearTimeout(leaving);
    const entry = entryOf(marked);
    if (!entry) return;
    tip = tip || makeTip();
    word = marked;
    tip.textContent = entry.textContent;
    tip.hidden = false;
    place();
  };

  const hide = () => {
    clearTimeout(leaving);
    if (tip) tip.hidden = true;
    word = null;
  };

  // The explanation goes along with its word until that is out of sight (a focused word may be scrolled into it).
  const follow = () => {
    if (!word) return;
    const { top, bottom } = word.getBoundingClientRect();
    if (bottom < 0 || top > window.innerHeight) hide();
    else place();
  };

  const hideSoon = () => {
    clearTimeout(leaving);
    leaving = setTimeout(hide, LEAVE_MS);
  };

  const marked = (event) => (event.target.closest ? event.target.closest(WORDS) : null);

  tlvsft.glossary = () => {
    document.addEventListener("pointerover", (event) => {
      if (event.pointerType === "mouse" && marked(event)) show(marked(event));
    });
    document.addEventListener("pointerout", (event) => {
      if (event.pointerType === "mouse" && word && marked(event) === word) hideSoon();
    });
    document.addEventListener("focusin", (event) => (marked(event) ? show(marked(event)) : hide()));
    document.addEventListener("click", (event) => (marked(event) ? show(marked(event)) : hide()));
    document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
    window.addEventListener("scroll", follow, { passive: true });
    window.addEventListener("resize", follow);
  };
})();
