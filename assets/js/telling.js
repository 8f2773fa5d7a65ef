// What happens, in the tab's title and, seldom, aloud: begin, quarters, end. Bars and figures themselves are silent, or
// a screen reader would read several a second.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { write } = tlvsft;
  const QUARTER = 25;
  const GAP_MS = 8000; // between two quarters that are read out
  const VERDICT_WITHIN_MS = 4000;
  const APP = "tlvsft";
  const WORDS = {
    training: (share) => `Training ${share} %`,
    recording: "Recording",
    done: "Done",
    over: "Over",
    begun: "Training has begun.",
    quarter: (share) => `${share} % trained.`,
    noVerdict: "Training is over. There is no verdict.",
    covered: "Training is over. The outcome is hidden until you reveal it.",
  };
  const find = (selector) => document.querySelector(selector);
  const isTraining = () => Boolean(find("#launcher [data-action='stop']"));
  const isCovered = () => document.body.classList.contains("is-covered");

  // How far both variants are together, in per cent.
  const share = () => {
    const bars = [...document.querySelectorAll("#race-progress [role='progressbar']")];
    const sum = bars.reduce((total, bar) => total + Number(bar.getAttribute("aria-valuenow")), 0);
    return Math.round(sum / Math.max(1, bars.length));
  };

  const aloud = (words) => write(find("[data-told-aloud]"), words);

  class Telling {
    constructor() {
      this.wasTraining = false;
      this.ending = ""; // how the training ended that this page has seen
      this.page = find("meta[property='og:title']")?.content ?? document.title; // not the title: it may be translated
      this.title = this.page;
    }

    look() {
      const now = isTraining();
      if (now && !this.wasTraining) this.begin();
      if (now) this.goOn();
      if (!now && this.wasTraining) {
        this.endedAt = performance.now();
        setTimeout(() => this.look(), VERDICT_WITHIN_MS);
      }
      this.wasTraining = now;
      if (this.endedAt) this.end();
      this.entitle();
    }

    begin() {
      Object.assign(this, { ending: "", endedAt: 0, told: 0, toldAt: performance.now() });
      aloud(WORDS.begun);
    }

    goOn() {
      const quarter = QUARTER * Math.floor(share() / QUARTER);
      if (quarter <= this.told || quarter >= 100 || performance.now() - this.toldAt < GAP_MS) return;
      Object.assign(this, { told: quarter, toldAt: performance.now() });
      aloud(WORDS.quarter(quarter));
    }

    // The verdict comes a moment after the button; a stopped run has none.
    end() {
      const verdict = find("#verdict");
      const isLate = performance.now() - this.endedAt >= VERDICT_WITHIN_MS;
      if (!verdict && !isLate) return;
      this.endedAt = 0;
      this.ending = verdict ? WORDS.done : WORDS.over;
      aloud(isCovered() ? WORDS.covered : (tlvsft.language.sourceOf(verdict) ?? WORDS.noVerdict));
    }

    // Written when it says something else: whoever translates titles has the last word.
    entitle() {
      const title = this.wasTraining ? `${WORDS.training(share())} · ${APP}` : this.calmTitle();
      if (title !== this.title) document.title = this.title = title;
    }

    calmTitle() {
      const state = document.body.classList.contains("is-replaying") ? WORDS.recording : this.ending;
      return state ? `${state} · ${this.page}` : this.page;
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const telling = new Telling();
    tlvsft.look(() => telling.look());
  });
})();
