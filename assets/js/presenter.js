// Presenter mode: large type and few controls, the stories by arrow keys, and what the browser keeps of a talk.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { write } = tlvsft;
  const KEPT_AS = "tlvsft-presenter";
  const ROUNDS_KEPT = 20;
  const FIELDS = "input, textarea, select, canvas, [contenteditable='true'], [role='textbox'], [role='combobox']";
  const OWN_ARROWS = "[role='tablist'], [role='radiogroup'], [role='listbox'], [role='slider'], [role='grid']";
  const PRESSABLE = "button, a, summary, [role='button']";
  const STEP_PATIENCE_MS = 8000; // a story that the server hasn't shown by then was lost
  const STEP_AGAIN_MS = 600;
  const CHART_TYPE = { talk: 17, desk: 13 };

  const find = (selector) => document.querySelector(selector);
  const noHands = () => ({ left: 0, tie: 0, right: 0 });

  // What is kept over a reload. Rounds are guesses by the comparison that they are about; `pending` is the guess about
  // the next one, `isAsking` whether that is being asked for, `open` the live comparison that is covered.
  const fresh = () => ({ isOn: false, isHiding: true, rounds: {}, pending: noHands(), isAsking: false, open: "" });
  const read = () => {
    try {
      return { ...fresh(), ...JSON.parse(localStorage.getItem(KEPT_AS)) };
    } catch {
      return fresh();
    }
  };
  const talk = (tlvsft.talk = read());
  talk.save = () => {
    Object.keys(talk.rounds).slice(0, -ROUNDS_KEPT).forEach((key) => delete talk.rounds[key]);
    try {
      localStorage.setItem(KEPT_AS, JSON.stringify(talk));
    } catch {
      // Storage is off in this browser: the talk is kept as long as the page.
    }
  };
  talk.noHands = noHands;

  // Calls `render` now, and whenever something inside one of these parts of the page has changed.
  tlvsft.follow = (selectors, render) => {
    let isDue = false;
    const soon = () => {
      if (isDue) return;
      isDue = true;
      queueMicrotask(() => {
        isDue = false;
        render();
      });
    };
    const waiting = new Set(selectors);
    const observer = new MutationObserver(soon);
    const attach = () => {
      for (const selector of [...waiting].filter(find)) {
        observer.observe(find(selector), {
          subtree: true, childList: true, characterData: true, attributes: true,
          attributeFilter: ["aria-pressed", "data-action", "class"],
        });
        waiting.delete(selector);
      }
      if (!waiting.size) arrivals.disconnect();
      soon();
    };
    const arrivals = new MutationObserver(attach); // gradio mounts the parts one after the other
    arrivals.observe(document.body, { subtree: true, childList: true });
    attach();
  };

  tlvsft.stories = () => [...document.querySelectorAll("#stories button[data-story]")];
  tlvsft.chosenStory = () => tlvsft.stories().find((chip) => chip.getAttribute("aria-pressed") === "true");
  tlvsft.isTraining = () => Boolean(find("#launcher [data-action='stop']"));

  class Presenter {
    constructor(element) {
      this.element = element;
      this.part = (name) => element.querySelector(`[data-${name}]`);
      this.keysList = element.querySelector(".keys-list");
      this.target = { at: -1, since: 0 };
      this.wasTraining = false;
      element.addEventListener("click", (click) => this.click(click));
      this.part("hiding").addEventListener("change", ({ target }) => {
        talk.isHiding = target.checked;
        target.blur();
        this.changed();
      });
      document.addEventListener("keydown", (event) => this.key(event));
      for (const name of ["tlvsft-shown", "tlvsft-replay"]) {
        window.addEventListener(name, () => this.fitCharts());
      }
      tlvsft.follow(["#stories", "#launcher"], () => this.render());
      const isAsked = new URLSearchParams(location.search).has("presenter");
      this.part("hiding").checked = talk.isHiding;
      this.show(talk.isOn || isAsked);
    }

    show(isOn) {
      talk.isOn = isOn;
      document.body.classList.toggle("presenting", isOn);
      this.part("presenter").setAttribute("aria-pressed", String(isOn));
      write(this.part("presenter"), isOn ? "Leave" : "Presenter");
      if (!isOn) this.showKeys(false);
      this.fitCharts();
      this.render();
      this.changed();
    }

    changed() {
      talk.save();
      window.dispatchEvent(new Event("tlvsft-talk"));
    }

    toggle() {
      const isOn = !talk.isOn;
      const address = new URL(location.href);
      if (!isOn && address.searchParams.has("presenter")) {
        address.searchParams.delete("presenter");
        history.replaceState(history.state, "", address);
      }
      this.show(isOn);
      this.say(isOn ? "Presenter mode. Press the question mark for the keys." : "Presenter mode is over.");
      if (isOn && tlvsft.isTraining()) tlvsft.bringIntoView("#race");
    }

    say(text) {
      write(this.part("say"), text);
    }

    // Charts have no zoom of their own (it would lead the mouse astray): their type grows instead.
    fitCharts() {
      const size = talk.isOn ? CHART_TYPE.talk : CHART_TYPE.desk;
      tlvsft.race?.curves.later(async () => {
        for (const plot of document.querySelectorAll("#curves .js-plotly-plot")) {
          if (plot.layout?.font?.size === size) continue;
          await Plotly.relayout(plot, { "font.size": size, "title.font.size": size + 1, "margin.t": size + 21 });
        }
      });
    }

    click(click) {
      const button = click.target.closest("button");
      if (!button) return;
      if (button.matches("[data-presenter]")) this.toggle();
      if (button.matches("[data-step]")) this.step(Number(button.dataset.step));
      if (button.matches("[data-keys]")) this.showKeys(this.keysList.hidden);
      if (click.detail > 0) button.blur(); // a mouse leaves no focus behind, so that Space trains
    }

    showKeys(isOpen) {
      this.keysList.hidden = !isOpen;
      this.part("keys").setAttribute("aria-expanded", String(isOpen));
    }

    // Where the stepper stands: the chosen story, or the one that the server is about to show.
    place() {
      const chosen = tlvsft.stories().indexOf(tlvsft.chosenStory());
      const isLate = performance.now() - this.target.since > STEP_PATIENCE_MS;
      if (this.target.at === chosen || isLate) this.target.at = -1;
      return this.target.at < 0 ? chosen : this.target.at;
    }

    step(by) {
      const chips = tlvsft.stories();
      const from = this.place();
      const to = from < 0 && by < 0 ? chips.length - 1 : from + by;
      if (!chips[to]) return;
      this.target = { at: to, since: performance.now() };
      this.ask();
    }

    // While the server answers one click, the page drops others: it is asked until it shows what is wanted.
    ask() {
      clearTimeout(this.asking);
      this.render();
      if (this.target.at < 0) return;
      tlvsft.stories()[this.target.at]?.click();
      this.asking = setTimeout(() => this.ask(), STEP_AGAIN_MS);
    }

    render() {
      const chips = tlvsft.stories();
      const place = this.place();
      const isSettled = place === chips.indexOf(tlvsft.chosenStory());
      const title = chips[place]?.textContent ?? "Your own setup";
      write(this.part("step-title"), place < 0 ? title : `${place + 1} of ${chips.length}: ${title}`);
      write(this.part("step-question"), isSettled ? (find("#stories .story-question")?.textContent ?? "") : "…");
      this.element.querySelector("[data-step='-1']").disabled = place === 0;
      this.element.querySelector("[data-step='1']").disabled = place === chips.length - 1;
      const isTraining = tlvsft.isTraining();
      if (talk.isOn && isTraining && !this.wasTraining) tlvsft.bringIntoView("#race");
      this.wasTraining = isTraining;
    }

    key(event) {
      if (event.defaultPrevented || event.isComposing || event.repeat) return;
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(FIELDS)) return;
      const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const isTaken = name === "p" ? (this.toggle(), true) : talk.isOn && this.act(name, event);
      if (isTaken) event.preventDefault();
    }

    // Whether the key meant something.
    act(name, event) {
      if (name === " ") return this.space(event);
      const steps = { ArrowLeft: -1, ArrowRight: 1 };
      if (name in steps) return !event.target.closest(OWN_ARROWS) && (this.step(steps[name]), true);
      const hands = { 1: "left", 2: "tie", 3: "right" };
      if (name in hands) tlvsft.guess.vote(hands[name]);
      else if (name === "r") tlvsft.guess.reveal();
      else if (name === "l") tlvsft.replay.offered();
      else if (name === "?") this.showKeys(this.keysList.hidden);
      else if (name === "Escape") this.escape();
      else return false;
      return true;
    }

    space(event) {
      if (event.target.closest(PRESSABLE)) return false;
      if (event.shiftKey) tlvsft.replay.offered();
      else if (tlvsft.replay.film) tlvsft.replay.pause();
      else find("#launcher button")?.click();
      return true;
    }

    escape() {
      if (this.keysList.hidden) this.toggle();
      else this.showKeys(false);
    }
  }

  tlvsft.presenter = (element) => {
    tlvsft.stageManager = new Presenter(element);
  };
})();
