// What moves: a small chart for each block, both variants on one scale. The points come with the poll (news.js), are kept
// here, and are drawn only when there are new ones.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { write } = tlvsft;
  const SIDES = ["left", "right"];
  const MEASURES = {
    change: { column: 0, title: "Weight change", words: (value) => percent(value) },
    gradient: { column: 1, title: "Gradient norm", words: (value) => (value >= 10 ? value.toFixed(0) : figures(value)) },
  };
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

  // What has been told of the moves of one comparison: for each run, rows of [step, seconds, examples, blocks].
  class Told {
    constructor(comparison) {
      this.comparison = comparison;
      this.runs = new Map();
    }

    // Whether there was anything new in it.
    take(name, chunk) {
      const known = this.runs.get(name);
      if (known && chunk.after !== 0 && chunk.after !== known.cursor) return false;
      const rows = chunk.after === 0 || !known ? [] : known.rows;
      this.runs.set(name, { cursor: chunk.cursor, rows });
      rows.push(...(chunk.moves ?? []));
      return Boolean(chunk.moves?.length) && chunk.cursor !== known?.cursor;
    }

    // The rows of a side: of its latest seed that has any.
    rowsOf(side) {
      const seeds = [...this.runs].filter(([name, { rows }]) => name.startsWith(`${side}-`) && rows.length);
      return seeds.length ? seeds.at(-1)[1].rows : [];
    }
  }

  let told = new Told("");
  let panel = null;

  window.addEventListener("tlvsft-news", ({ detail: { comparison, runs, moves } }) => {
    if (told.comparison !== comparison) told = new Told(comparison);
    const isNew = Object.entries(runs).map(([name, chunk]) => told.take(name, chunk));
    panel?.say(comparison, moves);
    if (isNew.some(Boolean)) panel?.draw();
  });

  class Panel {
    constructor(element) {
      this.element = element;
      this.measure = "change";
      this.value = { comparison: "", names: {}, blocks: [], sentence: "" };
      element.addEventListener("change", ({ target }) => {
        if (target.name !== "moves-measure") return;
        this.measure = target.value;
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
      this.say(value.comparison, value.sentence);
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

    say(comparison, sentence) {
      if (comparison === this.value.comparison) write(this.element.querySelector("#moves-in-words"), sentence);
    }

    draw() {
      const isTold = told.comparison === this.value.comparison && told.comparison !== "";
      const rows = Object.fromEntries(SIDES.map((side) => [side, isTold ? told.rowsOf(side) : []]));
      const { column } = MEASURES[this.measure];
      const valuesOf = (side, block) => rows[side].map((row) => row[3][block]?.[column] ?? null);
      const highest = (blocks) => Math.max(0, ...blocks.flatMap((block) => SIDES.flatMap((side) => valuesOf(side, block))));
      const names = this.value.blocks.map(({ name }) => name);
      const top = { backbone: highest(names.filter((name) => name !== HEAD)), head: highest([HEAD]) };
      const last = Math.max(1, ...SIDES.map((side) => rows[side].at(-1)?.[0] ?? 1));
      for (const item of this.element.querySelector(".moves-grid").children) {
        const block = item.dataset.block;
        const scale = block === HEAD ? top.head : top.backbone;
        this.drawBlock(item, { rows, last, scale, values: (side) => valuesOf(side, block) });
      }
    }

    drawBlock(item, { rows, last, scale, values }) {
      const { title, words } = MEASURES[this.measure];
      const said = [];
      for (const side of SIDES) {
        const heights = values(side);
        const path = this.path(rows[side].map(([step]) => step), heights, { last, scale });
        item.querySelector(`svg .${side}`).setAttribute("d", path);
        const now = heights.at(-1) ?? null;
        write(item.querySelector(`.move-now.${side} b`), now === null ? "–" : words(now));
        item.querySelector(`.move-now.${side}`).classList.toggle("is-still", now === 0);
        if (now !== null) said.push(`${this.value.names[side]} ${words(now)}`);
      }
      write(item.querySelector(".move-scale"), scale > 0 ? words(scale) : "");
      const block = item.querySelector("h3").textContent;
      item.querySelector("svg").setAttribute("aria-label", `${title} of ${block}: ${said.join(", ") || "nothing yet"}`);
    }

    // A line; weights begin where they are, so their change begins at zero.
    path(steps, heights, { last, scale }) {
      const points = steps.map((step, place) => [step, heights[place]]).filter(([, height]) => height !== null);
      if (!points.length) return "";
      if (this.measure === "change") points.unshift([0, 0]);
      if (points.at(-1)[0] === 0) points.push([last, points.at(-1)[1]]); // nothing was trained: flat to the end
      const place = ([step, height]) =>
        `${((WIDTH * step) / last).toFixed(2)} ${(HEIGHT * (1 - (scale > 0 ? height / scale : 0))).toFixed(2)}`;
      return `M${points.map(place).join("L")}`;
    }
  }

  tlvsft.moves = (element, props, watch) => {
    panel = new Panel(element);
    panel.show(props.value);
    watch("value", () => panel.show(props.value));
  };
})();
