// The poll: asks the server what is new in the comparison on the screen, and shows points, bars and words by itself.
// Whatever else has changed (the answer's stamp says so) is renewed by a handler of the server, asked once.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { write } = tlvsft;
  const EVERY_MS = 400;
  const DRAWING_SHARE = 0.15; // of the time, at most: a slow machine draws less often, and trains on
  const FIRST_MS = 100; // until the first point is there,
  const FIRST_WITHIN_MS = 5000; // if that is soon
  const FIRST_PATIENCE_MS = 1500; // so long the first point goes before whatever a handler would show
  const SLOWEST_MS = 10_000; // while the server doesn't answer
  const ANSWER_WITHIN_MS = 10_000;
  const HANDLER_PATIENCE_MS = 5000; // a handler that hasn't answered by then is asked again

  const showProgress = ({ rows, summary }) => {
    const panel = document.querySelector("#race-progress");
    for (const [side, { done, words }] of Object.entries(rows)) {
      const row = panel.querySelector(`.progress-row.${side}`);
      const bar = row.querySelector(".bar");
      write(row.querySelector(".when"), words);
      if (bar.getAttribute("aria-valuenow") === String(done)) continue;
      bar.setAttribute("aria-valuenow", done);
      bar.firstElementChild.style.width = `${done}%`;
    }
    write(panel.querySelector("#curves-in-words"), summary);
  };

  class News {
    constructor(curves, askHandler) {
      this.curves = curves;
      this.askHandler = askHandler;
      this.checkpoint = "";
      this.asked = { stamp: null, at: 0 };
      document.addEventListener("visibilitychange", () => this.poll());
    }

    // What a handler says: which comparison is on the screen, where its news are, and up to which change it is shown.
    take(value) {
      if (!value) return;
      this.shown = value.news ? value : null;
      this.failures = 0;
      if (value.figures) this.drawn = value;
      if (value.figures && !this.isAside) this.draw();
      this.poll();
      if (value.figures) window.dispatchEvent(new Event("tlvsft-shown"));
      else window.dispatchEvent(new Event("tlvsft-state")); // the same comparison, further or over
    }

    draw() {
      const { figures, comparison } = this.drawn;
      this.isWaiting = true;
      this.waitsSince = performance.now();
      this.curves.later(() => this.curves.draw(figures, comparison));
    }

    // A recording borrows the curves.
    stepAside() {
      this.isAside = true;
    }

    // The curves are back: everything is drawn and asked for again.
    goOn() {
      this.isAside = false;
      this.draw();
      this.poll();
    }

    // Asks now. One question at a time, and only while somebody can see the answer.
    async poll() {
      clearTimeout(this.timer);
      if (!this.shown || this.isAside || this.isAsking || document.visibilityState !== "visible") return;
      this.isAsking = true;
      const shown = this.shown;
      const pause = await this.ask(shown).finally(() => (this.isAsking = false));
      if (shown !== this.shown) this.poll(); // meanwhile a handler said something else
      else if (pause !== null) this.timer = setTimeout(() => this.poll(), pause);
    }

    // Asks, and shows the answer; in how many milliseconds to ask again, or null for never.
    async ask(shown) {
      await this.curves.later(() => {});
      const { status, answer } = await this.fetchNews(shown);
      if (shown !== this.shown) return null;
      if (status !== 200) return this.refused(status);
      this.failures = 0;
      return this.show(shown, answer);
    }

    // No answer at all is status 0: the server may be starting again.
    async fetchNews(shown) {
      try {
        const reply = await fetch(`${shown.news}?${this.cursors(shown)}`, {
          headers: { "X-Tlvsft-Key": shown.key },
          cache: "no-store",
          signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        });
        return { status: reply.status, answer: await reply.json() };
      } catch {
        return { status: 0 };
      }
    }

    cursors(shown) {
      const known = [...this.curves.runs].map(([id, run]) => [id.slice(shown.comparison.length + 1), run.cursor]);
      return new URLSearchParams(known).toString();
    }

    // After a restart the server has other keys; its handler gives the new one. In how many milliseconds to ask again.
    refused(status) {
      if (status === 403 || status === 404) this.renew(`refused ${status}`);
      this.failures += 1;
      return Math.min(EVERY_MS * 2 ** this.failures, SLOWEST_MS);
    }

    renew(stamp) {
      const now = performance.now();
      if (this.asked.stamp === stamp && now - this.asked.at < HANDLER_PATIENCE_MS) return;
      this.asked = { stamp, at: now };
      this.askHandler();
    }

    async show(shown, answer) {
      const chunks = Object.entries(answer.runs);
      const named = chunks.map(([name, chunk]) => [`${shown.comparison}-${name}`, chunk]);
      await this.curves.later(() => shown === this.shown && this.curves.extend(Object.fromEntries(named)));
      if (shown !== this.shown) return null;
      showProgress(answer);
      window.dispatchEvent(new CustomEvent("tlvsft-news", { detail: { comparison: shown.comparison, ...answer } }));
      tlvsft.showScores(answer.scores);
      if (answer.checkpoint !== this.checkpoint) {
        this.checkpoint = answer.checkpoint;
        if (answer.checkpoint) window.dispatchEvent(new Event("tlvsft-checkpoint"));
      }
      if (chunks.some(([, chunk]) => chunk.steps.length || chunk.evaluations.length)) this.isWaiting = false;
      const isNew = answer.stamp !== shown.stamp;
      const waitedMs = this.isWaiting ? performance.now() - this.waitsSince : Infinity;
      if (isNew && waitedMs > FIRST_PATIENCE_MS) this.renew(answer.stamp);
      if (chunks.some(([, chunk]) => chunk.more)) return 0;
      if (answer.over && !isNew) return null;
      return waitedMs < FIRST_WITHIN_MS ? FIRST_MS : Math.max(EVERY_MS, this.curves.drawingMs / DRAWING_SHARE);
    }
  }

  tlvsft.live = (element, props, watch, askHandler) => {
    const news = new News(new tlvsft.Curves(element), askHandler);
    tlvsft.race = news;
    news.take(props.value);
    watch("value", () => news.take(props.value));
  };
})();
