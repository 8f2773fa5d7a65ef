// The room guesses first: hands are counted, results are covered until they are revealed, then the guess is judged by
// the verdict on the screen. All of it happens in the browser.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { write } = tlvsft;
  const CHOICES = ["left", "tie", "right"];
  const MOST_HANDS = 9999;
  const find = (selector) => document.querySelector(selector);

  class Guess {
    constructor(element) {
      this.element = element;
      this.part = (name) => element.querySelector(`[data-${name}]`);
      element.addEventListener("click", (click) => this.click(click));
      element.addEventListener("input", ({ target }) => {
        if (target.dataset.hands) this.count(target.dataset.hands, Number(target.value));
      });
      for (const name of ["tlvsft-shown", "tlvsft-state", "tlvsft-replay", "tlvsft-talk"]) {
        window.addEventListener(name, () => this.render());
      }
      this.story = null;
      tlvsft.follow(["#stories", "#columns", "#launcher", "#outcome"], () => this.render());
    }

    // The comparison on the screen, live or recorded; empty for none.
    shown() {
      return tlvsft.replay.film?.comparison ?? tlvsft.race?.drawn?.comparison ?? "";
    }

    // Whether that is over. The server says so: while one step of a chain is shown, another may be training.
    isOver() {
      return tlvsft.replay.film ? tlvsft.replay.isOver : tlvsft.race?.shown?.over !== false;
    }

    // What the verdict on the screen says; null while there is none.
    winner() {
      if (tlvsft.replay.film) return tlvsft.replay.isOver ? tlvsft.replay.film.winner : null;
      const badge = find("#outcome .verdict-card .badge");
      return CHOICES.find((choice) => badge?.classList.contains(choice)) ?? null;
    }

    // The guess about what is on the screen: begun when it begins to train, or to play. A comparison that was over
    // before has none, and hides nothing.
    round() {
      const shown = this.shown();
      if (!tlvsft.talk.isOn || !shown) return null;
      if (!tlvsft.talk.rounds[shown] && !this.isOver()) this.begin(shown);
      return tlvsft.talk.rounds[shown] ?? null;
    }

    begin(shown) {
      const { talk } = tlvsft;
      delete talk.rounds[shown]; // the newest comes last
      talk.rounds[shown] = { hands: talk.pending, isRevealed: false };
      const open = tlvsft.replay.film ? talk.open : shown; // no reload brings a recording back
      Object.assign(talk, { pending: talk.noHands(), isAsking: false, open });
      talk.save();
    }

    // The hands that are being counted: for what is on the screen until it is revealed, else for what comes next.
    hands() {
      const round = this.round();
      return round && !tlvsft.talk.isAsking && !round.isRevealed ? round.hands : tlvsft.talk.pending;
    }

    count(choice, number) {
      this.hands()[choice] = Math.min(Math.max(0, Math.floor(number) || 0), MOST_HANDS);
      tlvsft.talk.save();
      this.render();
    }

    vote(choice) {
      if (!this.isTold()) this.count(choice, this.hands()[choice] + 1);
    }

    reveal() {
      const { talk } = tlvsft;
      const round = this.round();
      if (!round && !this.isLoading()) return tlvsft.stageManager.say("Nothing is hidden yet: train both, or play a recording.");
      if (round) round.isRevealed = true;
      talk.isAsking = false;
      if (!tlvsft.replay.film) talk.open = "";
      talk.save();
      this.render();
      if (this.winner()) tlvsft.bringIntoView(tlvsft.replay.film ? "#replay-outcome" : "#results");
    }

    askAgain() {
      Object.assign(tlvsft.talk, { isAsking: true, pending: tlvsft.talk.noHands() });
      tlvsft.talk.save();
      this.render();
    }

    click(click) {
      const button = click.target.closest("button");
      if (!button) return;
      if (button.dataset.vote) this.vote(button.dataset.vote);
      if (button.matches("[data-reveal]")) this.reveal();
      if (button.matches("[data-again]")) this.askAgain();
      if (click.detail > 0) button.blur();
    }

    // What comes after a reload is hidden before it is there.
    isLoading() {
      return !this.shown() && tlvsft.talk.open !== "";
    }

    isCovered() {
      const { talk } = tlvsft;
      const round = this.round();
      return talk.isOn && talk.isHiding && (round ? !round.isRevealed : this.isLoading());
    }

    // Whether the guess is judged, rather than asked for.
    isTold() {
      const round = this.round();
      if (!round || tlvsft.talk.isAsking) return false;
      return round.isRevealed || (!tlvsft.talk.isHiding && this.winner() !== null);
    }

    // Another story is another question.
    noticeStory() {
      const story = tlvsft.chosenStory()?.dataset.story ?? null;
      const isOther = this.story !== null && story !== null && story !== this.story;
      this.story = story ?? this.story;
      if (isOther && this.isTold()) this.askAgain();
    }

    render() {
      if (!tlvsft.replay) return;
      this.noticeStory();
      document.body.classList.toggle("is-covered", this.isCovered());
      if (!tlvsft.talk.isOn) return;
      const isTold = this.isTold();
      const hands = this.hands();
      this.element.querySelector(".room").classList.toggle("is-told", isTold);
      for (const choice of CHOICES) {
        write(this.part(`name='${choice}'`), this.name(choice));
        const field = this.part(`hands='${choice}'`);
        if (Number(field.value) !== hands[choice]) field.value = hands[choice];
      }
      write(this.part("told"), isTold ? this.judge(this.round().hands) : "");
      this.part("again").hidden = !isTold || !this.isOver();
      this.part("reveal").disabled = !this.isCovered();
    }

    // A side by its popular name; where both have the same, by its place.
    name(choice) {
      if (choice === "tie") return "Tie";
      const [left, right] = ["left", "right"].map((side) => find(`.column-heading.${side} h2`)?.textContent ?? "");
      if (!left || left === right) return choice === "left" ? "Left" : "Right";
      return choice === "left" ? left : right;
    }

    // What the room said, and what became of it, in words.
    judge(hands) {
      const total = CHOICES.reduce((sum, choice) => sum + hands[choice], 0);
      const most = Math.max(...CHOICES.map((choice) => hands[choice]));
      const favourites = CHOICES.filter((choice) => hands[choice] === most);
      const winner = this.winner();
      const outcome = winner === "tie" ? "the verdict is a tie, too close to call" : `the verdict is ${this.name(winner ?? "tie")}`;
      const end = this.isOver() ? "there is no verdict this time" : "the verdict is still to come";
      if (!total) return `The room made no guess: ${winner ? outcome : end}.`;
      if (favourites.length > 1) return `The room was split: ${winner ? outcome : end}.`;
      const said = `The room said ${this.name(favourites[0])} (${most} of ${total})`;
      if (!winner) return `${said}: ${end}.`;
      if (favourites[0] === winner) return `${said}: it was right.`;
      return winner === "tie" ? `${said}: ${outcome}.` : `${said}: it was wrong, ${outcome}.`;
    }
  }

  tlvsft.room = (element) => {
    tlvsft.guess = new Guess(element);
  };
})();
