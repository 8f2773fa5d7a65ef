// What moves: a small chart for each block, both variants on one scale. The points come with the poll (news.js), are kept
// here, and are drawn only when there are new ones. Weights and gradients come as `moves`, CKA as `similarities`.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { write } = tlvsft;
  const SIDES = ["left", "right"];
  const MEASURES = {
    change: {
      list: "moves",
      read: (told) => told?.[0],
      title: "Weight change",
      words: (value) => percent(value),
      still: 0,
    },
    gradient: {
      list: "moves",
      read: (told) => told?.[1],
      title: "Gradient norm",
      words: (value) => (value >= 10 ? value.toFixed(0) : figures(value)),
      still: 0,
    },
    cka: { list: "similarities", read: (told) => told, title: "CKA", words: (value) => likeness(value), still: 1 },
  };
  const FLOORS = [0.9, 0.5]; // where the axis of CKA begins, if nothing lies below
  const WIDTH = 100;
  const HEIGHT = 40;
  const HEAD = "head";
  // Constant: no data ever stands in here.
  const PANEL = `
    <h3></h3><span class="move-scale" aria-hidden="true"></span>
    <svg viewBox="0 -2 ${WIDTH} ${HEIGHT + 4}" preserveAspectRatio="none" role="img">
      <path class="top" d="M0 0H${WIDTH}"></path><path class="ground" d="M0 ${HEIGHT}H${WIDTH}"></path>
      <path class="left"></path><path class="right"></path>
    </svg>
    ${SIDES.map((side) => `<p class="move-now ${side}"><span class="dot" aria-hidden="true"></span><b>–</b>
      <span class="sign"></span></p>`).join("")}`;

  const figures = (value) => String(Number(value.toPrecision(2)));
  // The same words as tlvsft.comparison.movements.share_words.
  const percent = (share) => {
    const value = 100 * share;
    if (value === 0) return "0 %";
    if (value < 0.001) return "< 0.001 %";
    return `${value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : figures(value)} %`;
  };

  // The same words as tlvsft.comparison.similarities.cka_words.
  const likeness = (value) => {
    if (value === 1) return "1";
    if (value > 0.9999) return "> 0.9999";
    return value.toFixed(value < 0.95 ? 2 : value < 0.995 ? 3 : 4).replace("-", "−");
  };

  // What has been told of one comparison: for each run two lists with rows of [step, seconds, examples, blocks].
  class Told {
    constructor(comparison) {
      this.comparison = comparison;
      this.runs = new Map();
    }

    // Whether there was anything new in it.
    take(name, chunk) {
      const known = this.runs.get(name);
      if (known && chunk.after !== 0 && chunk.after !== known.cursor) return false;
      const run = chunk.after === 0 || !known ? { moves: [], similarities: [] } : known;
      const isNew = chunk.cursor !== known?.cursor && (chunk.moves?.length || chunk.similarities?.length);
      this.runs.set(name, { ...run, cursor: chunk.cursor });
      for (const list of ["moves", "similarities"]) run[list].push(...(chunk[list] ?? []));
      return Boolean(isNew);
    }

    // The rows of a side: of its latest seed that has any.
    rowsOf(side, list) {
      const seeds = [...this.runs].filter(([name, run]) => name.startsWith(`${side}-`) && run[list].length);
      return seeds.length ? seeds.at(-1)[1][list] : [];
    }
  }

  let told = new Told("");
  let panel = null;

  window.addEventListener("tlvsft-news", ({ detail: { comparison, runs, moves, likeness } }) => {
    if (told.comparison !== comparison) told = new Told(comparison);
    const isNew = Object.entries(runs).map(([name, chunk]) => told.take(name, chunk));
    panel?.say(comparison, { sentence: moves, likeness });
    if (isNew.some(Boolean)) panel?.draw();
  });

  class Panel {
    constructor(element) {
      this.element = element;
      this.measure = "change";
      this.value = { comparison: "", names: {}, blocks: [], sentence: "", likeness: "" };
      element.addEventListener("change", ({ target }) => {
        if (target.name !== "moves-measure") return;
        this.measure = target.value;
        this.say(this.value.comparison, this.value);
        this.draw();
      });
    }

    // Which blocks there are, what each side does with them, and what the sentence is.
    show(value) {
      this.value = value;
      const grid = this.element.querySelector(".moves-grid");
      const shown = [...grid.children].map(({ dataset }) => dataset.block);
      if (shown.join() !== value.blocks.map(({ name }) => name).join()) {
        grid.replaceChildren(...value.blocks.map((block) => this.newPanel(block)));
      }
      for (const [place, block] of value.blocks.entries()) {
        for (const side of SIDES) this.showState(grid.children[place].querySelector(`.move-now.${side}`), block[side]);
      }
      for (const side of SIDES) write(this.element.querySelector(`.moves-key .${side} b`), value.names[side] ?? side);
      this.say(value.comparison, value);
      this.draw();
    }

    newPanel({ name, title }) {
      const item = document.createElement("li");
      item.dataset.block = name;
      item.innerHTML = PANEL;
      item.querySelector("h3").textContent = title;
      return item;
    }

    showState(row, state) {
      write(row.querySelector(".sign"), state?.sign ?? "");
      row.title = state?.words ?? "";
    }

    // Each measure has its sentence.
    say(comparison, { sentence, likeness }) {
      if (comparison !== this.value.comparison) return;
      this.value = { ...this.value, sentence, likeness };
      write(this.element.querySelector("#moves-in-words"), this.measure === "cka" ? likeness : sentence);
    }

    draw() {
      const isTold = told.comparison === this.value.comparison && told.comparison !== "";
      const { list, read } = MEASURES[this.measure];
      const rows = Object.fromEntries(SIDES.map((side) => [side, isTold ? told.rowsOf(side, list) : []]));
      const valuesOf = (side, block) => rows[side].map((row) => read(row[3][block]) ?? null);
      const knownOf = (blocks) =>
        blocks.flatMap((block) => SIDES.flatMap((side) => valuesOf(side, block))).filter((value) => value !== null);
      const backbone = this.value.blocks.map(({ name }) => name).filter((name) => name !== HEAD);
      const scales = { backbone: this.scale(knownOf(backbone)), head: this.scale(knownOf([HEAD])) };
      const last = Math.max(1, ...SIDES.map((side) => rows[side].at(-1)?.[0] ?? 1));
      for (const item of this.element.querySelector(".moves-grid").children) {
        const block = item.dataset.block;
        const scale = block === HEAD ? scales.head : scales.backbone;
        this.drawBlock(item, { rows, last, scale, values: (side) => valuesOf(side, block) });
      }
    }

    // From where to where the axis goes, and what stands above it.
    scale(values) {
      const { words } = MEASURES[this.measure];
      if (this.measure !== "cka") {
        const top = Math.max(0, ...values);
        return { bottom: 0, top, words: top > 0 ? words(top) : "" };
      }
      const bottom = FLOORS.find((floor) => Math.min(1, ...values) >= floor) ?? 0;
      return { bottom, top: 1, words: values.length ? `${bottom} – 1` : "" };
    }

    drawBlock(item, { rows, last, scale, values }) {
      const { title, words, still } = MEASURES[this.measure];
      const said = [];
      for (const side of SIDES) {
        const heights = values(side);
        const path = this.path(rows[side].map(([step]) => step), heights, { last, scale });
        item.querySelector(`svg .${side}`).setAttribute("d", path);
        const now = heights.at(-1) ?? null;
        write(item.querySelector(`.move-now.${side} b`), now === null ? "–" : words(now));
        item.querySelector(`.move-now.${side}`).classList.toggle("is-still", now === still);
        if (now !== null) said.push(`${this.value.names[side]} ${words(now)}`);
      }
      write(item.querySelector(".move-scale"), scale.words);
      const block = item.querySelector("h3").textContent;
      item.querySelector("svg").setAttribute("aria-label", `${title} of ${block}: ${said.join(", ") || "nothing yet"}`);
    }

    // A line; weights begin where they are, so their change begins at zero.
    path(steps, heights, { last, scale: { bottom, top } }) {
      const points = steps.map((step, place) => [step, heights[place]]).filter(([, height]) => height !== null);
      if (!points.length) return "";
      if (this.measure === "change") points.unshift([0, 0]);
      if (points.at(-1)[0] === 0) points.push([last, points.at(-1)[1]]); // nothing was trained: flat to the end
      const share = (height) => (top > bottom ? Math.max(0, height - bottom) / (top - bottom) : 0);
      const place = ([step, height]) =>
        `${((WIDTH * step) / last).toFixed(2)} ${(HEIGHT * (1 - share(height))).toFixed(2)}`;
      return `M${points.map(place).join("L")}`;
    }
  }

  tlvsft.moves = (element, props, watch) => {
    panel = new Panel(element);
    panel.show(props.value);
    watch("value", () => panel.show(props.value));
  };
})();
