// A class of collected photos on the screen: its name, its count, its pictures, and the ways to add some.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { make, write } = tlvsft;
  const button = (words, options = {}) => make("button", { type: "button", class: "quiet small", ...options }, words);

  // A name on one line, without spaces around it.
  tlvsft.tidy = (name) => name.replace(/\s+/g, " ").trim();

  // It keeps its nodes while it lives, so that the focus stays where it is.
  tlvsft.ClassCard = class {
    constructor(collector, id) {
      Object.assign(this, { collector, id, shown: new Map() });
      const { nameCharacters } = collector.limits;
      this.name = make("input", { type: "text", maxlength: nameCharacters, autocomplete: "off", spellcheck: "false", translate: "no" });
      this.nameLabel = make("span", {});
      this.count = make("span", { class: "collect-count" });
      this.files = make("input", { type: "file", accept: "image/*", multiple: "", hidden: "" });
      this.choose = button("Choose pictures");
      this.look = button("Camera", { "aria-expanded": "false" });
      this.remove = button("Remove class");
      this.list = make("ul", { class: "collect-pictures" });
      const label = make("label", { class: "collect-name" }, this.nameLabel, this.name);
      this.tools = make("div", { class: "collect-tools" }, this.choose, this.look, this.remove, this.files);
      const hint = make("p", { class: "collect-hint facts" }, "Or drop picture files here.");
      const head = make("div", { class: "collect-head" }, label, this.count);
      this.node = make("li", { class: "collect-class" }, head, this.tools, this.list, hint);
      this.listen();
    }

    get one() {
      return this.collector.draft.classes.find(({ id }) => id === this.id);
    }

    get title() {
      return tlvsft.tidy(this.one.name) || this.fallback;
    }

    listen() {
      const { collector, id } = this;
      this.name.addEventListener("input", () => collector.rename(id, this.name.value));
      this.choose.addEventListener("click", () => this.files.click());
      this.files.addEventListener("change", () => {
        collector.addFiles(id, [...this.files.files]);
        this.files.value = ""; // the same file may be chosen again
      });
      this.look.addEventListener("click", () => collector.lookAt(this));
      this.remove.addEventListener("click", () => collector.removeClass(id));
      this.list.addEventListener("click", ({ target }) => {
        const picture = target.closest("button")?.dataset.picture;
        if (picture) collector.removePicture(id, picture);
      });
      this.node.addEventListener("dragover", () => this.node.classList.add("is-target"));
      this.node.addEventListener("dragleave", ({ relatedTarget }) => {
        if (!this.node.contains(relatedTarget)) this.node.classList.remove("is-target");
      });
      this.node.addEventListener("drop", ({ dataTransfer }) => {
        this.node.classList.remove("is-target");
        collector.addFiles(id, [...dataTransfer.files]);
      });
    }

    render(place, isRemovable) {
      const { one } = this;
      this.fallback = `class ${place + 1}`;
      write(this.nameLabel, `Name of class ${place + 1}`);
      if (this.name.value !== one.name) this.name.value = one.name;
      write(this.count, this.collector.countWords(one.pictures.length));
      this.node.classList.toggle("is-enough", one.pictures.length >= this.collector.limits.fewest);
      for (const [part, words] of [[this.choose, "Choose pictures"], [this.look, "Camera"], [this.remove, "Remove class"]]) {
        part.setAttribute("aria-label", `${words}: ${this.title}`);
      }
      this.remove.hidden = !isRemovable;
      this.renderPictures(one.pictures);
    }

    renderPictures(pictures) {
      const wanted = new Set(pictures.map(({ id }) => id));
      for (const [id, item] of this.shown) {
        if (wanted.has(id)) continue;
        item.remove();
        this.shown.delete(id);
      }
      pictures.forEach(({ id, blob }, place) => {
        const item = this.shown.get(id) ?? this.newPicture(id, blob);
        item.firstChild.alt = `Picture ${place + 1} of ${this.title}`;
        item.lastChild.setAttribute("aria-label", `Remove picture ${place + 1} of ${this.title}`);
        if (this.list.children[place] !== item) this.list.insertBefore(item, this.list.children[place] ?? null);
      });
    }

    newPicture(id, blob) {
      const image = make("img", { src: this.collector.address(id, blob), width: 72, height: 72, draggable: "false" });
      const remove = make("button", { type: "button", class: "collect-remove", "data-picture": id, title: "Remove" }, "×");
      const item = make("li", {}, image, remove);
      this.shown.set(id, item);
      return item;
    }

    focusPicture(place) {
      const buttons = this.list.querySelectorAll("button");
      (buttons[Math.min(place, buttons.length - 1)] ?? this.choose).focus();
    }
  };
})();
