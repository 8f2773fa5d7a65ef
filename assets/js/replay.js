// Plays a recording: the same curves, bars and sentence as a live comparison, by the clock of the recording. The live
// page waits untouched behind it: the curves are borrowed, everything else stands in panels of its own.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { write } = tlvsft;
  const TICK_MS = 100;
  const ANSWER_WITHIN_MS = 20_000;
  const HELD = ["#setup", "#unfolding", ".variant-head"]; // can't be changed while a recording is on
  const find = (selector) => document.querySelector(selector);

  // Several chunks of a run as one, whatever columns they have.
  const joinChunks = (chunks) => {
    const joined = structuredClone(chunks[0]);
    for (const chunk of chunks.slice(1)) {
      for (const [name, value] of Object.entries(chunk)) {
        if (Array.isArray(value)) joined[name] = (joined[name] ?? []).concat(value);
        else if (name !== "after") joined[name] = value;
      }
    }
    return joined;
  };

  class Replay {
    constructor() {
      this.film = null; // what is on
      this.isOver = false;
      this.isLoading = false;
      window.addEventListener("tlvsft-shown", () => this.leave()); // another comparison is on the screen
    }

    name() {
      return tlvsft.chosenStory()?.dataset.story ?? "";
    }

    // Why the chosen story's recording can't be played now; empty if it can.
    hindrance() {
      if (this.film || this.isLoading) return "A recording is on.";
      if (tlvsft.isTraining()) return "While something trains, no recording is played.";
      if (!this.name()) return "Recordings are of the stories: choose one.";
      return this.recordings.includes(this.name()) ? "" : "There is no recording of this story.";
    }

    // The visitor asked for it, by button or key.
    async offered() {
      const hindrance = this.hindrance();
      if (hindrance) return this.say(hindrance);
      this.isLoading = true;
      this.showOffer();
      this.say("");
      const name = this.name();
      const film = await this.fetchFilm(name).finally(() => (this.isLoading = false));
      if (film && !tlvsft.isTraining() && name === this.name()) this.begin(film);
      this.showOffer();
    }

    async fetchFilm(name) {
      try {
        const reply = await fetch(`tlvsft/replays/${name}`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
        const film = await reply.json();
        if (reply.ok && film.frames) return film;
        this.say(film.error ?? "The recording can't be read.");
      } catch {
        this.say("The recording didn't come: is the server still there?");
      }
      return null;
    }

    begin(film) {
      this.film = film;
      this.speed = 1;
      tlvsft.race.stepAside();
      this.stage.innerHTML = film.stage;
      this.describedBy("replay-in-words");
      document.body.classList.add("is-replaying");
      HELD.forEach((selector) => document.querySelectorAll(selector).forEach((node) => (node.inert = true)));
      if (tlvsft.talk.isOn) tlvsft.guess.begin(film.comparison);
      this.restart();
      if (tlvsft.talk.isOn) tlvsft.bringIntoView("#race");
    }

    restart() {
      const { film } = this;
      Object.assign(this, { clock: 0, next: 0, isOver: false });
      this.outcome.innerHTML = this.emptyOutcome;
      tlvsft.race.curves.later(() => this.film === film && tlvsft.race.curves.draw(film.figures, film.comparison));
      this.run();
      window.dispatchEvent(new Event("tlvsft-replay"));
      this.tick();
    }

    // The clock goes, from now on.
    run() {
      clearInterval(this.timer);
      Object.assign(this, { isPaused: false, before: performance.now() });
      this.timer = setInterval(() => this.tick(), TICK_MS);
    }

    tick() {
      const now = performance.now();
      this.clock += (this.speed * (now - this.before)) / 1000;
      this.before = now;
      this.showUntil(Math.min(this.clock, this.film.lasts_s));
    }

    showUntil(clock) {
      const { frames, lasts_s: lasts } = this.film;
      const from = this.next;
      while (this.next < frames.length && frames[this.next].at <= clock) this.next += 1;
      const passed = frames.slice(from, this.next);
      if (passed.length) this.showFrames(passed);
      write(this.stage.querySelector("[data-clock]"), `${clock.toFixed(1)} of ${lasts.toFixed(1)} s`);
      if (this.next === frames.length && !this.isOver) this.end();
      this.showControls();
    }

    showFrames(passed) {
      const { film } = this;
      const chunks = {};
      for (const { runs } of passed) {
        for (const [run, chunk] of Object.entries(runs ?? {})) (chunks[run] ??= []).push(chunk);
      }
      const joined = Object.fromEntries(Object.entries(chunks).map(([run, list]) => [run, joinChunks(list)]));
      tlvsft.race.curves.later(() => this.film === film && tlvsft.race.curves.extend(joined));
      const { rows, summary } = passed.at(-1);
      for (const [side, { done, words }] of Object.entries(rows)) {
        const row = this.stage.querySelector(`.progress-row.${side}`);
        write(row.querySelector(".when"), words);
        row.querySelector(".bar").setAttribute("aria-valuenow", done);
        row.querySelector(".bar i").style.width = `${done}%`;
      }
      write(this.stage.querySelector(".summary"), summary);
      const ladders = passed.findLast((frame) => frame.ladders)?.ladders ?? {};
      Object.entries(ladders).forEach(([side, html]) => this.showLadder(side, html));
    }

    // The recorded ladder stands where the live one does, which is hidden meanwhile.
    showLadder(side, html) {
      const live = find(`#columns .ladder.${side}`);
      let shown = find(`.replay-ladder.${side}`);
      if (!shown) {
        shown = document.createElement("div");
        shown.className = `replay-ladder ${side}`;
        live.after(shown);
      }
      shown.innerHTML = html;
    }

    showControls() {
      const part = (name) => this.stage.querySelector(`[data-${name}]`);
      write(part("pause"), this.isPaused ? "Go on" : "Pause");
      part("pause").disabled = part("end").disabled = this.isOver;
      for (const button of this.stage.querySelectorAll("[data-speed]")) {
        button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === this.speed));
      }
    }

    pause() {
      if (this.isOver) return;
      if (this.isPaused) {
        this.run();
      } else {
        this.tick();
        clearInterval(this.timer);
        this.isPaused = !this.isOver;
      }
      this.showControls();
    }

    toEnd() {
      this.clock = this.film.lasts_s;
      this.isPaused = false;
      this.tick();
    }

    end() {
      clearInterval(this.timer);
      this.isOver = true;
      this.outcome.innerHTML = this.film.outcome;
      window.dispatchEvent(new Event("tlvsft-replay"));
    }

    // The live page is back, as it is by now.
    leave() {
      if (!this.film) return;
      clearInterval(this.timer);
      Object.assign(this, { film: null, isOver: false });
      document.body.classList.remove("is-replaying");
      HELD.forEach((selector) => document.querySelectorAll(selector).forEach((node) => (node.inert = false)));
      document.querySelectorAll(".replay-ladder").forEach((node) => node.remove());
      this.stage.innerHTML = "";
      this.outcome.innerHTML = this.emptyOutcome;
      this.describedBy("curves-in-words");
      tlvsft.race.goOn();
      this.showOffer();
      window.dispatchEvent(new Event("tlvsft-replay"));
    }

    describedBy(id) {
      find("#curves .plots")?.setAttribute("aria-describedby", id);
    }

    say(text) {
      write(this.offer.querySelector("[data-why]"), text);
    }

    showOffer() {
      const button = this.offer.querySelector("[data-play]");
      const hindrance = this.hindrance();
      button.disabled = hindrance !== "";
      button.title = hindrance || "Shows a real run again, without training";
    }

    click(click) {
      const button = click.target.closest("button");
      if (!button || !this.film) return;
      const { speed, ...named } = button.dataset;
      if (speed) this.speed = Number(speed);
      if ("pause" in named) this.pause();
      if ("end" in named) this.toEnd();
      if ("restart" in named) this.restart();
      if ("leave" in named) this.leave();
      if (this.film) this.showControls();
      if (click.detail > 0) button.blur();
    }

    // Another story, or a change of the setup, is another comparison than the recorded one.
    noticeSetup() {
      if (this.film && this.name() !== this.film.name) this.leave();
      this.showOffer();
    }
  }

  tlvsft.replay = new Replay();

  tlvsft.replayOffer = (element) => {
    const { replay } = tlvsft;
    replay.offer = element;
    replay.recordings = element.querySelector("[data-play]").dataset.recordings.split(" ");
    element.addEventListener("click", (click) => {
      if (click.target.closest("[data-play]")) replay.offered();
    });
    tlvsft.follow(["#stories", "#launcher"], () => replay.noticeSetup());
  };

  tlvsft.replayStage = (element) => {
    tlvsft.replay.stage = element;
    element.addEventListener("click", (click) => tlvsft.replay.click(click));
  };

  tlvsft.replayOutcome = (element) => {
    tlvsft.replay.outcome = element;
    tlvsft.replay.emptyOutcome = element.innerHTML;
  };
})();
