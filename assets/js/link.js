// The setup as a link: copied on request, and kept in the address bar. The equivalent command line, to copy.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { write } = tlvsft;
  const OF_THE_PAGE = ["presenter", "lang", "view", "deep_link", "logs"]; // as in tlvsft/ui/link_reading.py
  const ANSWER_PATIENCE_MS = 4000; // a browser lets a page write to the clipboard for some 5 s after a click
  const SETTLED_MS = 300;
  const LATE_MS = 3000;
  const BY_HAND = "This browser doesn't let the page copy. The text is selected: copy it by hand.";

  const isOfThePage = (name) => OF_THE_PAGE.includes(name) || name.startsWith("__");

  // What the address keeps of itself: the page's own parameters, not those of a link.
  const foreign = () => [...new URLSearchParams(location.search)].filter(([name]) => isOfThePage(name));
  const hasLink = () => [...new URLSearchParams(location.search).keys()].some((name) => !isOfThePage(name));

  // The address of a setup. The page may lie behind a proxy's path, which only the browser knows.
  const addressOf = (query) => `${location.origin}${location.pathname}${query ? `?${query}` : ""}`;

  class Link {
    constructor(element, props, ask) {
      this.element = element;
      this.props = props;
      this.ask = ask;
      this.asked = 0;
      this.box = element.querySelector(".link-said");
      this.status = this.box.querySelector("[role='status']");
      this.field = this.box.querySelector("input");
      element.addEventListener("click", ({ target }) => {
        if (target.closest("[data-link]")) this.copy();
        const line = target.closest("[data-line]");
        if (line) line.setAttribute("aria-expanded", String(document.body.classList.toggle("shows-line")));
      });
      document.addEventListener("click", ({ target }) => {
        if (!element.contains(target)) this.close();
      });
      element.addEventListener("keydown", ({ key }) => {
        if (key === "Escape") this.close();
      });
    }

    // The server has sent what the form now is.
    take(value) {
      if (typeof value?.query !== "string") return;
      if (value.asked && value.asked === this.asked) this.answer?.(value);
      else if (value.query !== this.query && !this.isFresh()) this.close(); // what it says is about another setup
      this.query = value.query;
      const kept = value.left_out.length || value.problem ? "" : value.query;
      this.first ??= value.query;
      if (value.query !== this.first) document.getElementById("link-note")?.classList.add("is-over");
      if (this.isKept || value.query !== this.first || hasLink()) this.keep(kept);
    }

    // Answers to changes that were made before the click may come after its own: they say nothing new.
    isFresh() {
      return Date.now() - this.asked < LATE_MS;
    }

    // The address bar follows the form. What a link can't say isn't in it, so that a reload finds the comparison instead.
    keep(query) {
      if (this.isKept && query === this.kept) return;
      this.isKept = true;
      this.kept = query;
      clearTimeout(this.keeping);
      this.keeping = setTimeout(() => {
        const page = new URLSearchParams(foreign()).toString();
        const address = addressOf([query, page].filter(Boolean).join("&"));
        if (address !== location.href) history.replaceState(history.state, "", address);
      }, SETTLED_MS);
    }

    // Asks for the link of what is in the form now, and copies the answer. The clipboard is asked within the click.
    async copy() {
      const answered = new Promise((resolve, reject) => {
        this.answer = resolve;
        setTimeout(() => reject(new Error("The server didn't answer. Try again.")), ANSWER_PATIENCE_MS);
      });
      this.asked = Date.now();
      this.ask({ asked: this.asked });
      const text = answered.then(({ query, problem }) => {
        if (problem) throw new Error(problem);
        return addressOf(query);
      });
      const isCopied = await this.write(text);
      try {
        const [{ left_out: leftOut }, address] = [await answered, await text];
        this.say([isCopied ? "Copied." : BY_HAND, ...leftOut].join(" "), isCopied ? "" : address);
      } catch ({ message }) {
        this.say(message);
      }
    }

    async write(text) {
      try {
        if (!window.ClipboardItem) await navigator.clipboard.writeText(await text);
        else {
          const blob = text.then((words) => new Blob([words], { type: "text/plain" }));
          blob.catch(() => {}); // it is said where the text is awaited
          await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
        }
        return true;
      } catch {
        return false;
      }
    }

    // An empty status first, so that the same words are read aloud again.
    say(words, byHand = "") {
      this.box.hidden = false;
      this.field.closest("label").hidden = !byHand;
      this.field.value = byHand;
      write(this.status, "");
      requestAnimationFrame(() => write(this.status, words));
      if (!byHand) return;
      this.field.focus();
      this.field.select();
    }

    close() {
      if (this.box.contains(document.activeElement)) this.element.querySelector("[data-link]").focus();
      this.box.hidden = true;
      write(this.status, "");
    }
  }

  tlvsft.link = (element, props, watch, trigger, event) => {
    const link = new Link(element, props, (question) => trigger(event, question));
    link.take(props.value);
    watch("value", () => link.take(props.value));
  };

  // A card with a command line: its button copies it, or selects it where that isn't allowed.
  tlvsft.copyLine = (element) => {
    element.addEventListener("click", async ({ target }) => {
      if (!target.closest("[data-copy]")) return;
      const code = element.querySelector("code");
      const said = element.querySelector("[data-said]");
      write(said, "");
      try {
        await navigator.clipboard.writeText(code.textContent);
        write(said, "Copied.");
      } catch {
        window.getSelection().selectAllChildren(code);
        write(said, BY_HAND);
      }
    });
  };
})();
