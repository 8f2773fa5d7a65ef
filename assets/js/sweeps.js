// The section of sweeps. The server renders what is shown; what was typed and which sweep is looked at is kept here, in
// this tab. While a sweep is on its way and can be seen, it asks now and then how far it is.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { write, lastOf } = tlvsft;
  const TYPED_AFTER_MS = 400; // after the last letter
  const CHANGED_AFTER_MS = 700; // after the last change of the form above
  const ANSWER_WITHIN_MS = 20_000; // what isn't answered by then is asked again
  const UNKNOWN = "-"; // what the form was, where that doesn't matter; nothing at all is a page that is just being opened
  const FORM = "#stories, #setup, #columns, #more";
  const OTHER_TABS = "tlvsft-sweeps"; // what changes under this name tells other tabs to look again

  // HTML that the server made and escaped; the same again leaves everything in its place.
  const fill = (node, html) => {
    if (node.shows === html) return;
    node.innerHTML = html;
    node.shows = html;
  };

  class Sweeps {
    constructor(element, trigger) {
      this.element = element;
      this.trigger = trigger;
      this.asked = 0;
      this.kind = "labels";
      this.source = "form"; // what fills the fields: the form above, the fields themselves, the sweep that is shown
      this.form = "";
      this.of = {}; // backbone, data and epochs of the fields
      this.shown = "";
      this.stamp = "";
      this.delete = "";
      element.addEventListener("click", (click) => this.clicked(click));
      element.addEventListener("input", ({ target }) => target.closest(".sweep-choices") && this.typed());
      element.addEventListener("keydown", (key) => this.pressed(key));
      document.addEventListener("visibilitychange", () => this.poll());
      for (const event of ["tlvsft-shown", "tlvsft-state"]) window.addEventListener(event, () => this.lookAgain());
      window.addEventListener("focus", () => this.lookAgain()); // the command line may have started something
      window.addEventListener("storage", ({ key }) => key === OTHER_TABS && this.ask());
      this.typedSoon = lastOf(() => this.ask(), TYPED_AFTER_MS);
      const changed = lastOf(() => this.lookAgain(), CHANGED_AFTER_MS);
      for (const event of ["input", "change", "click"]) {
        document.addEventListener(event, ({ target }) => target.closest?.(FORM) && changed());
      }
      new IntersectionObserver(([{ isIntersecting }]) => this.seen(isIntersecting)).observe(element);
    }

    // Whoever scrolls here finds what fits the form as it is by now.
    seen(isSeen) {
      const wasSeen = this.isSeen;
      this.isSeen = isSeen;
      if (isSeen && !wasSeen && this.isBegun) this.ask();
    }

    lookAgain() {
      if (this.isSeen || !this.isBegun) this.ask();
    }

    // Asks for what is to be shown now: one question at a time, since gradio would repeat the first of two.
    ask() {
      this.isBegun = true;
      this.asked += 1;
      clearTimeout(this.timer);
      if (!this.isWaiting) this.send();
    }

    // How far the sweep is that is shown; nobody who doesn't see it asks.
    poll() {
      clearTimeout(this.timer);
      if (!this.everyMs || !this.isSeen || this.isWaiting || document.visibilityState !== "visible") return;
      this.asked += 1;
      this.send({ only_shown: true });
    }

    send(more = {}) {
      const { asked, kind, source, form, shown, stamp } = this;
      this.isWaiting = true;
      clearTimeout(this.patience);
      this.patience = setTimeout(() => this.send(more), ANSWER_WITHIN_MS);
      this.trigger("input", { asked, kind, source, form, shown, stamp, choices: this.choices(), delete: this.delete, ...more });
    }

    choices() {
      const find = (selector) => this.element.querySelector(`.sweep-choices ${selector}`);
      if (!find("input")) return null;
      const checked = [...this.element.querySelectorAll("[name=sweep-method]:checked")];
      const [labels, seeds] = ["labels", "seeds"].map((name) => find(`[name=sweep-${name}]`).value);
      return { ...this.of, methods: checked.map(({ value }) => value), labels, seeds };
    }

    typed() {
      this.source = "choices";
      this.say("");
      this.typedSoon();
    }

    // A double click is one click, and the Cancel that takes its place isn't hit by the second half of it.
    clicked({ target, detail }) {
      const button = target.closest("button");
      if (!button || button.disabled || detail > 1) return;
      const { kind, show, delete: doomed, confirm, download, sweep } = button.dataset;
      if (kind) this.turn(kind);
      else if (show) this.open(show);
      else if (doomed) this.askBefore(doomed);
      else if ("keep" in button.dataset) this.keep();
      else if (confirm) this.confirm(confirm);
      else if (download) this.act({ do: "download", sweep, file: download });
      else if (button.dataset.do) this.act({ do: button.dataset.do, sweep, kind: this.kind, choices: this.choices() });
    }

    // The other kind of sweep, from the form above.
    turn(kind) {
      if (kind === this.kind) return;
      Object.assign(this, { kind, source: "form", shown: "" });
      this.say("");
      this.form = this.form || UNKNOWN;
      this.ask();
    }

    // An earlier one, with its own settings in the fields.
    open(sweep) {
      Object.assign(this, { shown: sweep, source: "sweep", form: UNKNOWN });
      this.say("");
      this.ask();
    }

    act(what) {
      this.say("");
      this.trigger("click", what);
    }

    askBefore(sweep) {
      this.delete = sweep;
      this.isAsking = true;
      this.ask();
    }

    // Nothing is deleted, and the keyboard is where it was.
    keep() {
      const sweep = this.delete;
      this.close();
      this.element.querySelector(`[data-delete="${CSS.escape(sweep)}"]`)?.focus();
    }

    close() {
      this.delete = "";
      this.isAsking = false;
      fill(this.element.querySelector(".sweep-question"), "");
    }

    confirm(sweep) {
      this.close();
      this.act({ do: "delete", sweep });
    }

    // Escape answers the question; Enter in a field starts nothing, but asks at once what it would take.
    pressed({ key, target }) {
      if (key === "Escape" && target.closest(".sweep-question")) this.keep();
      else if (key === "Enter" && target.closest(".sweep-field")) this.ask();
    }

    take(value) {
      if (!value) return;
      if (value.asked === undefined) return this.heard(value);
      clearTimeout(this.patience);
      this.isWaiting = false;
      if (value.asked !== this.asked) return this.send();
      this.everyMs = value.every_ms;
      if (!value.only_shown) this.showAll(value);
      this.showSweep(value);
      if (this.everyMs) this.timer = setTimeout(() => this.poll(), this.everyMs);
    }

    // Something was done, or couldn't be; other tabs look again, too.
    heard({ said, show, file, stamp }) {
      if (show !== undefined) this.shown = show;
      if (show) this.source = this.source === "form" ? "sweep" : this.source;
      this.say(said ?? "", file);
      if (show === "") this.element.querySelector("#sweeps-heading").focus({ preventScroll: true });
      if (file) return;
      try {
        localStorage.setItem(OTHER_TABS, String(stamp));
      } catch {
        // Storage is off in this browser: other tabs look again when they come into view.
      }
      this.ask();
    }

    // A line, and what is ready to be fetched: it is fetched at once.
    say(words, file) {
      const line = this.element.querySelector(".sweep-said");
      line.hidden = !words;
      write(line, words);
      if (!file) return;
      const link = tlvsft.make("a", { href: file.href, download: file.name, translate: "no" }, file.name);
      line.append(" ", link);
      link.click();
    }

    showAll(value) {
      const find = (selector) => this.element.querySelector(selector);
      if (value.kind) this.showKind(value);
      if (value.choices !== undefined) {
        fill(find(".sweep-choices"), value.choices);
        this.of = value.of;
        this.source = value.source;
      }
      if (value.form) this.form = value.form;
      write(find(".sweep-problem"), value.problem ?? "");
      write(find(".sweep-estimate"), value.estimate ?? "");
      this.renew(find(".sweep-launch"), value.launch ?? "");
      fill(find(".sweep-line"), value.line ?? "");
      find(".sweep-command").hidden = !value.line;
      if (value.list !== undefined) this.showList(value.list);
      this.showQuestion(value.question);
    }

    showKind({ kind, introduction }) {
      this.kind = kind;
      this.element.querySelectorAll("[data-kind]").forEach((button) => {
        button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
      });
      write(this.element.querySelector(".sweep-introduction"), introduction);
    }

    // The button; where another takes its place, the keyboard goes on from there.
    renew(node, html) {
      const hadFocus = node.contains(document.activeElement);
      fill(node, html);
      if (hadFocus && !node.contains(document.activeElement)) node.querySelector("button")?.focus({ preventScroll: true });
    }

    showList(html) {
      const list = this.element.querySelector(".history-list");
      const kept = list.contains(document.activeElement) ? document.activeElement.dataset.show : "";
      fill(list, html);
      this.element.querySelector(".sweep-none").hidden = Boolean(html);
      if (kept) list.querySelector(`[data-show="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });
    }

    showQuestion(question) {
      const node = this.element.querySelector(".sweep-question");
      fill(node, question ?? "");
      if (!question || !this.isAsking) return;
      this.isAsking = false;
      node.querySelector("[data-keep]").focus();
    }

    showSweep({ shown, only_shown: onlyShown }) {
      const box = this.element.querySelector(".sweep-shown");
      box.hidden = !shown;
      if (!shown) {
        Object.assign(this, { shown: "", stamp: "", isOver: undefined });
        return;
      }
      const hasEnded = shown.id === this.shown && this.isOver === false && shown.over;
      Object.assign(this, { shown: shown.id, stamp: shown.stamp, isOver: shown.over });
      fill(box.querySelector(".sweep-progress"), shown.progress);
      if (shown.figure !== undefined) this.showFigure(box, shown);
      if (hasEnded) write(this.element.querySelector(".sweep-aloud"), shown.told);
      if (hasEnded && onlyShown) this.ask(); // the button and the list say so, too
    }

    // What was opened stays open.
    showFigure(box, { title, take, reading, figure }) {
      const opened = () => [...box.querySelectorAll(".sweep-figure details")];
      const before = opened().map(({ open }) => open);
      fill(box.querySelector(".sweep-title"), title);
      this.renew(box.querySelector(".sweep-take"), take);
      write(box.querySelector(".sweep-reading"), reading);
      fill(box.querySelector(".sweep-figure"), figure);
      opened().forEach((details, number) => {
        if (before[number]) details.open = true;
      });
    }
  }

  tlvsft.sweeps = (element, props, watch, trigger) => {
    const sweeps = new Sweeps(element, trigger);
    tlvsft.copyLine(element);
    watch("value", () => sweeps.take(props.value));
    requestAnimationFrame(() => requestAnimationFrame(() => sweeps.lookAgain()));
  };
})();
