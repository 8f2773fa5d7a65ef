// The list of comparisons: pages, search, two setups compared, deleting after a question; and the card of the comparison
// on the screen. The server renders what is listed; what was typed, turned to and chosen is kept here, in this tab.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { write } = tlvsft;
  const SEARCH_AFTER_MS = 250; // after the last letter
  const QUIET_MS = 800; // a double click is one click
  const SURE_AFTER_MS = 800; // without another answer
  const ANSWER_WITHIN_MS = 15_000; // what isn't answered by then is asked again
  const MOST_CHOSEN = 2;
  const OTHER_TABS = "tlvsft-history"; // what changes under this name tells other tabs to look again

  // When gradio has taken over everything that an answer brought, which visitor it is among it.
  const soon = (act) => requestAnimationFrame(() => requestAnimationFrame(act));

  // HTML that the server made and escaped; the same again leaves everything in its place.
  const fill = (node, html) => {
    if (node.shows === html) return;
    node.innerHTML = html;
    node.shows = html;
  };

  // Whether a click comes so soon after the last one that it is the second half of it.
  const once = () => {
    let last = -QUIET_MS;
    return () => {
      const isSecond = performance.now() - last < QUIET_MS;
      if (!isSecond) last = performance.now();
      return isSecond;
    };
  };

  // What finds a control of a row again after its row was renewed.
  const keyOf = (node) => {
    const [name, value] = Object.entries(node?.dataset ?? {})[0] ?? [];
    return name && value ? `[data-${name}="${CSS.escape(value)}"]` : null;
  };

  class History {
    constructor(element, trigger) {
      this.element = element;
      this.trigger = trigger;
      this.asked = 0;
      this.words = "";
      this.page = 0;
      this.chosen = [];
      this.delete = []; // ids that the question is about, or "all"
      this.isSecondClick = once();
      this.search = element.querySelector("input[type=search]");
      this.question = element.querySelector(".history-question");
      this.rows = element.querySelector(".history-list");
      this.search.addEventListener("input", () => this.searchSoon());
      element.addEventListener("click", (click) => this.clicked(click.target.closest("button")));
      element.addEventListener("change", ({ target }) => target.dataset.choose && this.choose(target));
      element.addEventListener("keydown", (key) => this.pressed(key));
      for (const event of ["tlvsft-shown", "tlvsft-state"]) window.addEventListener(event, () => soon(() => this.ask()));
      window.addEventListener("focus", () => this.ask()); // the command line may have started something
      window.addEventListener("storage", ({ key }) => key === OTHER_TABS && this.ask());
      window.addEventListener("tlvsft-shown", () => this.follow());
    }

    // Asks for what is to be shown now: one question at a time, since gradio would repeat the first of two.
    ask() {
      this.asked += 1;
      if (!this.isWaiting) this.send();
    }

    send() {
      const { asked, words, page, chosen } = this;
      this.isWaiting = true;
      clearTimeout(this.patience);
      this.patience = setTimeout(() => this.send(), ANSWER_WITHIN_MS);
      this.trigger("input", { asked, words, page, chosen, delete: this.delete });
    }

    searchSoon() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.searchNow(), SEARCH_AFTER_MS);
    }

    searchNow() {
      clearTimeout(this.timer);
      const words = this.search.value.trim();
      if (words === this.words) return;
      Object.assign(this, { words, page: 0 });
      this.say("");
      this.close();
      this.ask();
    }

    clicked(button) {
      if (!button || button.disabled) return;
      const { comparison, rerun, delete: doomed, page } = button.dataset;
      if (comparison || rerun) this.open({ comparison, rerun });
      else if (doomed) this.askBefore([doomed], button);
      else if ("deleteAll" in button.dataset) this.askBefore("all", button);
      else if (page !== undefined) this.turn(Number(page));
      else if ("keep" in button.dataset) this.keep();
      else if ("confirm" in button.dataset) this.confirm();
      else if ("chooseNone" in button.dataset) this.chooseNone();
    }

    // Another comparison comes to the screen, which is far up: the page follows.
    open({ comparison, rerun }) {
      if (this.isSecondClick()) return;
      this.isFollowing = true;
      this.say("");
      this.trigger("click", comparison ? { comparison } : { rerun });
    }

    follow() {
      if (!this.isFollowing) return;
      this.isFollowing = false;
      tlvsft.bringIntoView("#race");
    }

    turn(page) {
      this.page = page;
      this.isTurning = true;
      this.ask();
    }

    choose({ checked, dataset }) {
      const others = this.chosen.filter((id) => id !== dataset.choose);
      this.chosen = checked ? [...others, dataset.choose].slice(-MOST_CHOSEN) : others;
      this.ask();
    }

    chooseNone() {
      this.chosen = [];
      this.ask();
      this.search.focus();
    }

    askBefore(doomed, button) {
      this.delete = doomed;
      this.askedBy = keyOf(button) ?? "[data-delete-all]";
      this.isAsking = true;
      this.say("");
      this.ask();
    }

    // Nothing is deleted, and the keyboard is where it was.
    keep() {
      this.close();
      this.element.querySelector(this.askedBy)?.focus();
    }

    close() {
      this.delete = [];
      this.ids = [];
      this.isAsking = false;
      fill(this.question, "");
    }

    confirm() {
      if (this.isSecondClick() || !this.ids?.length) return;
      const { ids } = this;
      this.close();
      this.trigger("click", { delete: ids });
    }

    // Up and down through the list; Escape answers the question, Enter searches at once.
    pressed(key) {
      if (key.key === "Escape" && this.question.contains(key.target)) this.keep();
      else if (key.key === "Enter" && key.target === this.search) this.searchNow();
      else if (key.key === "ArrowDown" || key.key === "ArrowUp") this.step(key);
    }

    step(key) {
      const openers = [...this.rows.querySelectorAll(".history-open")];
      const stops = [this.search, ...openers];
      const at = stops.indexOf(key.target);
      const next = stops[at + (key.key === "ArrowDown" ? 1 : -1)];
      if (at < 0 || !next) return;
      key.preventDefault();
      next.focus();
    }

    take(value) {
      if (!value) return;
      if (value.said !== undefined) return this.heard(value);
      clearTimeout(this.patience);
      this.isWaiting = false;
      if (value.asked === this.asked) this.show(value);
      else this.send();
    }

    // Something was done, or couldn't be; other tabs look again, too.
    heard({ said, stamp }) {
      this.isFollowing = false;
      this.say(said);
      this.element.querySelector("#history-heading").focus({ preventScroll: true });
      try {
        localStorage.setItem(OTHER_TABS, String(stamp));
      } catch {
        // Storage is off in this browser: other tabs look again when they come to the front.
      }
      this.ask();
    }

    say(words) {
      const line = this.element.querySelector(".history-said");
      line.hidden = !words;
      write(line, words);
    }

    show(value) {
      this.page = value.page;
      this.chosen = value.chosen;
      write(this.element.querySelector(".history-words"), value.words);
      this.element.querySelector("[data-delete-all]").hidden = !value.rows;
      this.element.querySelector(".history-search").hidden = !value.everything;
      this.renew(value);
      this.showSetups(value.setups);
      this.showQuestion(value);
      if (value.gone) this.trigger("click", { comparison: value.gone }); // it was deleted: the screen says so
      else if (value.pending) soon(() => this.ask());
    }

    // The rows; the keyboard keeps its place among them.
    renew({ rows, pager, chosen }) {
      const active = this.element.contains(document.activeElement) ? document.activeElement : null;
      const key = active && active !== this.search ? keyOf(active) : null;
      fill(this.rows, rows);
      fill(this.element.querySelector(".history-pager"), pager);
      this.rows.querySelectorAll("[data-choose]").forEach((box) => {
        box.checked = chosen.includes(box.dataset.choose);
      });
      if (this.isTurning) this.rows.querySelector(".history-open")?.focus();
      else if (key && !active.isConnected) this.element.querySelector(key)?.focus({ preventScroll: true });
      this.isTurning = false;
    }

    showSetups(setups) {
      const panel = this.element.querySelector(".history-setups");
      panel.hidden = !setups;
      write(panel.querySelector("h3"), setups?.words ?? "");
      fill(panel.querySelector(".setups-body"), setups?.html ?? "");
      panel.querySelector(".only-differences").hidden = !setups?.html;
    }

    showQuestion({ question, ids, problem }) {
      if (problem) {
        this.close();
        this.say(problem);
        return;
      }
      this.ids = ids ?? [];
      fill(this.question, question ?? "");
      if (!question || !this.isAsking) return;
      this.isAsking = false;
      this.question.querySelector("[data-keep]").focus();
    }
  }

  tlvsft.history = (element, props, watch, trigger) => {
    const history = new History(element, trigger);
    watch("value", () => history.take(props.value));
    soon(() => history.ask());
  };

  // The card of the comparison on the screen: its own setup, what was changed above since, and the same trained again.
  tlvsft.ownSetup = (element, props, watch, trigger) => {
    const isSecondClick = once();
    let wasOver = null;
    const find = (selector) => element.querySelector(selector);
    const ask = () => {
      wasOver = tlvsft.race?.shown?.over;
      soon(() => trigger("input", {}));
    };
    // A form that is filled in changes in several steps, and gradio may answer one of the first last: that it was
    // changed is asked once more when all is quiet.
    let isAskedAgain = false;
    let later = 0;
    const makeSure = ({ actions }) => {
      clearTimeout(later);
      const isSure = isAskedAgain || !actions?.includes("data-comparison");
      isAskedAgain = false;
      if (isSure) return;
      later = setTimeout(() => {
        isAskedAgain = true;
        ask();
      }, SURE_AFTER_MS);
    };
    const show = ({ shown, words, details, repeat, actions, summary, setups }) => {
      find(".own-setup").hidden = !shown;
      if (!shown) return;
      write(find(".own-words"), words);
      write(find(".own-details"), details);
      write(find(".own-repeat"), repeat);
      fill(find(".own-actions"), actions);
      find(".own-setups").hidden = !setups;
      write(find(".own-setups summary"), summary);
      fill(find(".setups-body"), setups);
    };

    element.addEventListener("click", ({ target }) => {
      const { rerun, comparison } = target.closest("button")?.dataset ?? {};
      if ((!rerun && !comparison) || isSecondClick()) return;
      trigger("click", comparison ? { comparison } : { rerun });
    });
    window.addEventListener("tlvsft-shown", ask);
    window.addEventListener("tlvsft-state", () => tlvsft.race?.shown?.over !== wasOver && ask());
    watch("value", () => {
      if (!props.value) return;
      show(props.value);
      makeSure(props.value);
    });
  };
})();
