// "Collect photos": classes are named, filled with pictures from files or a camera, and sent to be trained on.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { tidy, write } = tlvsft;
  const PATIENCE_MS = 120_000; // an answer that hasn't come by then was lost
  const NAMES_SHOWN = 2;

  const newId = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
  const newClass = () => ({ id: newId(), name: "", pictures: [] });
  const newDraft = () => ({ title: "", classes: [newClass(), newClass()] });
  const counted = (number, noun, plural = `${noun}s`) => `${number} ${number === 1 ? noun : plural}`;
  const isEmpty = ({ title, classes }) => !title && classes.every(({ name, pictures }) => !name && !pictures.length);
  const picturesOf = ({ classes }) => classes.flatMap(({ pictures }) => pictures);

  class Collector {
    constructor(element, props, trigger, upload) {
      const root = element.querySelector("details");
      const part = (name) => root.querySelector(`[data-${name}]`);
      const limits = Object.fromEntries(Object.entries(root.dataset).map(([name, value]) => [name, Number(value)]));
      Object.assign(this, { root, props, trigger, upload, limits, part, draft: newDraft(), cards: new Map() });
      Object.assign(this, { addresses: new Map(), before: null, used: null, isBusy: false, keeps: true, saving: Promise.resolve() });
      this.camera = new tlvsft.Camera({
        onPhoto: (blob) => this.looking && this.addPictures(this.looking.id, [blob]),
        onClose: (hadFocus) => this.lookAway(hadFocus),
      });
      this.listen();
      this.render();
      this.load();
    }

    listen() {
      const { root, part } = this;
      part("title").addEventListener("input", ({ target }) => this.show({ ...this.draft, title: target.value }));
      part("add").addEventListener("click", () => this.addClass());
      part("undo").addEventListener("click", () => this.undo());
      part("discard").addEventListener("click", () => this.discard());
      part("use").addEventListener("click", () => this.use());
      part("more").addEventListener("click", () => this.goOn());
      part("train").addEventListener("click", () => {
        document.querySelector("#launcher [data-action='train']")?.click();
        tlvsft.bringIntoView("#launch-bar", "center");
      });
      root.addEventListener("toggle", () => root.open || this.camera.close());
      for (const name of ["dragover", "drop"]) {
        root.addEventListener(name, (event) => event.preventDefault()); // else the browser would open the file
      }
      document.addEventListener("visibilitychange", () => document.hidden || this.load());
    }

    // What another tab may have changed meanwhile is read again, too.
    async load() {
      if (!this.keeps) return;
      try {
        await this.saving;
        const kept = await tlvsft.drafts.read();
        const isSame = kept ? kept.stamp === this.draft.stamp : isEmpty(this.draft);
        if (this.isBusy || this.camera.isOpen || isSame) return;
        this.before = null;
        this.draft = kept ?? newDraft();
        this.render();
      } catch {
        // This browser keeps nothing, as some do in private windows: the draft lasts as long as the page.
      }
    }

    // Shows a changed draft and keeps it.
    show(draft, words = "") {
      this.draft = { ...draft, stamp: newId() };
      this.part("saved").hidden = true;
      this.render();
      this.say(words);
      if (this.isDue) return;
      this.isDue = true;
      this.saving = this.saving.then(() => this.save()).then(
        () => (this.keeps = true),
        () => (this.keeps = false),
      );
    }

    save() {
      this.isDue = false;
      return isEmpty(this.draft) ? tlvsft.drafts.discard() : tlvsft.drafts.save(this.draft);
    }

    // The same for what can be undone.
    showUndoable(draft, words) {
      const before = this.draft;
      this.show(draft, words);
      this.before = before;
      this.part("undo").hidden = false;
    }

    say(words, { isProblem = false } = {}) {
      this.before = null;
      this.part("undo").hidden = true;
      this.part("words").classList.toggle("is-problem", isProblem);
      write(this.part("words"), words);
    }

    render() {
      const { classes, title } = this.draft;
      const wanted = new Set(classes.map(({ id }) => id));
      for (const [id, card] of this.cards) {
        if (wanted.has(id)) continue;
        if (this.looking === card) this.camera.close();
        card.node.remove();
        this.cards.delete(id);
      }
      const list = this.part("classes");
      classes.forEach(({ id }, place) => {
        const card = this.cards.get(id) ?? new tlvsft.ClassCard(this, id);
        this.cards.set(id, card);
        if (list.children[place] !== card.node) list.insertBefore(card.node, list.children[place] ?? null);
        card.render(place, classes.length > this.limits.fewestClasses);
      });
      if (this.part("title").value !== title) this.part("title").value = title;
      this.part("add").disabled = classes.length >= this.limits.mostClasses;
      const pictures = picturesOf(this.draft).length;
      write(this.part("tally"), pictures ? `draft: ${counted(pictures, "picture")}` : "");
      this.part("discard").disabled = isEmpty(this.draft);
    }

    address(id, blob) {
      if (!this.addresses.has(id)) this.addresses.set(id, URL.createObjectURL(blob));
      return this.addresses.get(id);
    }

    countWords(count) {
      const { fewest, most } = this.limits;
      if (count < fewest) return `${count} of at least ${fewest}`;
      return count < most ? counted(count, "picture") : `${most} pictures, as many as there may be`;
    }

    // The draft with one class changed.
    withClass(id, change) {
      const classes = this.draft.classes.map((one) => (one.id === id ? { ...one, ...change(one) } : one));
      return { ...this.draft, classes };
    }

    rename(id, name) {
      this.show(this.withClass(id, () => ({ name })));
    }

    addClass() {
      const added = newClass();
      this.show({ ...this.draft, classes: [...this.draft.classes, added] });
      this.cards.get(added.id).name.focus();
    }

    removeClass(id) {
      const { title } = this.cards.get(id);
      const place = this.draft.classes.findIndex((one) => one.id === id);
      const classes = this.draft.classes.filter((one) => one.id !== id);
      this.showUndoable({ ...this.draft, classes }, `Removed ${title}.`);
      this.cards.get(classes[Math.min(place, classes.length - 1)].id).name.focus();
    }

    removePicture(id, picture) {
      const card = this.cards.get(id);
      const place = card.one.pictures.findIndex((one) => one.id === picture);
      const without = this.withClass(id, ({ pictures }) => ({ pictures: pictures.filter((one) => one.id !== picture) }));
      this.showUndoable(without, `Removed picture ${place + 1} of ${card.title}.`);
      card.focusPicture(place);
    }

    undo() {
      if (this.before) this.show(this.before, "It is back.");
    }

    discard() {
      this.camera.close();
      this.showUndoable(newDraft(), "The draft is discarded.");
      this.part("undo").focus();
    }

    async addFiles(id, files) {
      if (!files.length) return this.say("Those are no files: drop picture files, or choose some.", { isProblem: true });
      const room = this.limits.most - this.cards.get(id).one.pictures.length;
      const [pictures, unread] = [[], []];
      this.say(`Reading ${counted(files.length, "file")}…`);
      for (const file of files) {
        if (pictures.length === room) break;
        try {
          pictures.push(await tlvsft.readPhoto(file));
        } catch {
          unread.push(file.name);
        }
      }
      const leftOut = files.length - pictures.length - unread.length;
      await this.addPictures(id, pictures, { unread, leftOut });
    }

    // Adds pictures to a class: none twice, and no more than there may be.
    async addPictures(id, blobs, { unread = [], leftOut = 0 } = {}) {
      const pictures = await Promise.all(blobs.map(async (blob) => ({ blob, print: await tlvsft.fingerprint(blob) })));
      const card = this.cards.get(id);
      if (!card) return; // its class was removed meanwhile
      const known = new Set(card.one.pictures.map(({ print }) => print));
      const added = pictures.filter(({ print }) => !known.has(print) && known.add(print));
      const fitting = added.slice(0, this.limits.most - card.one.pictures.length);
      const named = fitting.map((picture) => ({ id: newId(), ...picture }));
      this.show(this.withClass(id, (one) => ({ pictures: [...one.pictures, ...named] })));
      const again = pictures.length - added.length;
      const problems = [
        unread.length && this.unreadWords(unread),
        again && `${counted(again, "picture was", "pictures were")} there already.`,
        leftOut + added.length > fitting.length && `A class takes ${this.limits.most} pictures: the others were left out.`,
      ].filter(Boolean);
      const told = `${card.title}: ${this.countWords(card.one.pictures.length)}.`;
      this.say([told, ...problems].join(" "), { isProblem: problems.length > 0 });
    }

    unreadWords(names) {
      const shown = names.slice(0, NAMES_SHOWN).join(", ");
      const others = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
      return `Not read, as no picture or too large: ${shown}${others}. Give JPEG, PNG or WebP files.`;
    }

    lookAt(card) {
      if (this.looking === card) return this.camera.close();
      this.camera.close();
      this.looking = card;
      card.look.setAttribute("aria-expanded", "true");
      card.tools.after(this.camera.node);
      this.camera.open();
    }

    lookAway(hadFocus) {
      const card = this.looking;
      this.looking = null;
      card?.look.setAttribute("aria-expanded", "false");
      if (hadFocus) card?.look.focus();
    }

    // Why the set can't be used yet, and where to go on; null if it can.
    problem() {
      return this.problemOfNames() ?? this.problemOfCounts() ?? this.problemOfRepeats();
    }

    problemOfNames() {
      const seen = new Set();
      for (const { id } of this.draft.classes) {
        const card = this.cards.get(id);
        const name = tidy(card.one.name);
        if (!name) return { words: `Give ${card.fallback} a name.`, part: card.name };
        if (seen.has(name.toLowerCase())) return { words: `Two classes are called ${name}: give each a name of its own.`, part: card.name };
        seen.add(name.toLowerCase());
      }
      return null;
    }

    problemOfCounts() {
      for (const { id } of this.draft.classes) {
        const card = this.cards.get(id);
        const missing = this.limits.fewest - card.one.pictures.length;
        if (missing > 0) return { words: `${card.title} needs ${counted(missing, "more picture", "more pictures")}.`, part: card.choose };
      }
      return null;
    }

    problemOfRepeats() {
      const homes = new Map();
      for (const { id, pictures } of this.draft.classes) {
        for (const [place, { print }] of pictures.entries()) {
          const home = homes.get(print);
          const card = this.cards.get(id);
          if (home) {
            const words = `Picture ${place + 1} of ${card.title} is in ${home.title}, too: remove one of them.`;
            return { words, part: card.list.querySelectorAll("button")[place] };
          }
          homes.set(print, card);
        }
      }
      return null;
    }

    async use() {
      if (this.isBusy) return;
      const problem = this.problem();
      if (problem) {
        this.say(problem.words, { isProblem: true });
        return problem.part.focus();
      }
      this.camera.close();
      this.setBusy(true);
      try {
        const classes = [];
        for (const { name, pictures } of this.draft.classes) {
          this.say(`Sending the pictures of ${tidy(name)}…`);
          const { path } = await this.upload(tlvsft.packPhotos(pictures.map(({ blob }) => blob)));
          classes.push({ name: tidy(name), parcel: path });
        }
        this.say("Checking the pictures…");
        this.trigger("input", { title: tidy(this.draft.title), classes });
        this.lost = setTimeout(() => this.fail("No answer came: check the connection and press the button again."), PATIENCE_MS);
      } catch {
        this.fail("The pictures couldn't be sent: check the connection and press the button again.");
      }
    }

    setBusy(isBusy) {
      clearTimeout(this.lost);
      this.isBusy = isBusy;
      this.root.setAttribute("aria-busy", String(isBusy));
      for (const control of this.root.querySelectorAll("[data-form] :is(button, input)")) control.disabled = isBusy;
      if (!isBusy) this.render();
    }

    fail(words) {
      this.setBusy(false);
      this.say(words, { isProblem: true });
    }

    // The server's answer: one line that says what to change, or what was saved.
    hear({ problem, words }) {
      if (problem) return this.fail(problem);
      if (!words) return;
      this.setBusy(false);
      this.used = this.draft;
      this.show(newDraft(), "");
      write(this.part("saved-words"), words);
      this.part("saved").hidden = false;
      this.part("train").focus({ preventScroll: true });
      requestAnimationFrame(() => tlvsft.bringIntoView("#collect .collect-saved", "center"));
    }

    // More pictures for the set that was just used: it becomes the draft again.
    goOn() {
      if (!this.used) return;
      this.show(this.used, "These pictures are the draft again: used once more, they become a set of their own.");
      this.part("title").focus();
    }
  }

  tlvsft.collect = (element, props, trigger, upload, watch) => {
    const collector = new Collector(element, props, trigger, upload);
    watch("value", () => collector.hear(props.value ?? {}));
  };
})();
