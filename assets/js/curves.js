// The live curves: two plotly charts that are mounted once. New points are added to their traces, so zoom and hover
// survive; another comparison brings new figures for the same two nodes. A trace with thousands of points is decimated.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const MOST_POINTS = 2000; // a decimated trace has so many; as soon as it shows twice as many, it is decimated again
  const AXES = { step: "steps", seconds: "seconds since the start", examples: "examples seen" };
  const CONFIG = {
    responsive: true,
    displaylogo: false,
    scrollZoom: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  };

  // Colours come from the style sheet, so that charts follow light and dark.
  const colorsOf = (side) => {
    const style = getComputedStyle(document.body);
    const color = (name) => style.getPropertyValue(`--${name}`).trim();
    const [card, grid, line, muted] = ["card", "grid", "line", "muted"].map(color);
    return { side: side && color(side), card, grid, line, muted };
  };
  const paintTrace = ({ side, card }) => ({ "line.color": side, "marker.color": side, "marker.line.color": card });
  const paintLayout = ({ grid, line, muted }) => ({
    "font.color": muted,
    "xaxis.gridcolor": grid, "xaxis.linecolor": line, "yaxis.gridcolor": grid, "yaxis.linecolor": line,
  });

  // Writes `{"a.b": value}` into nested objects: before a figure is drawn, that spares drawing it again.
  const assign = (target, values) => {
    for (const [path, value] of Object.entries(values)) {
      const names = path.split(".");
      const last = names.pop();
      names.reduce((inner, name) => (inner[name] ??= {}), target)[last] = value;
    }
  };

  // Which columns of a run a trace shows.
  const sourceOf = (run, kind) => (kind === "validation" ? run.evaluations : run.steps);
  const heightsOf = (source, chart, kind) => source[kind === "validation" && chart === "score" ? "score" : kind];

  tlvsft.Curves = class {
    constructor(element) {
      this.plots = Object.fromEntries(
        [...element.querySelectorAll("[data-chart]")].map((node) => [node.dataset.chart, node]),
      );
      Object.values(this.plots).forEach((plot) => this.follow(plot));
      this.axis = "step";
      this.runs = new Map();
      this.queue = Promise.resolve();
      this.drawingMs = 0; // how long the last points took
      element.addEventListener("change", (change) => {
        if (change.target.name === "x-axis") this.later(() => this.showAxis(change.target.value));
      });
      new MutationObserver(() => this.later(() => this.paint())).observe(document.body, {
        attributes: true,
        attributeFilter: ["class"],
      });
    }

    // A chart keeps its column's width, however that changes.
    follow(plot) {
      new ResizeObserver(() => plot.layout && Plotly.Plots.resize(plot)).observe(plot);
    }

    // Plotly's calls are asynchronous: one after the other, whatever comes in between.
    later(task) {
      this.queue = this.queue.then(task).catch((error) => console.error("curves:", error));
      return this.queue;
    }

    // Draws the empty figures of another comparison; its points follow.
    async draw(figures, comparison) {
      this.runs = new Map();
      for (const [chart, plot] of Object.entries(this.plots)) {
        const figure = structuredClone(figures[chart]);
        for (const trace of figure.data) {
          this.runs.set(trace.meta.run, new tlvsft.RunPoints());
          assign(trace, paintTrace(colorsOf(trace.meta.side)));
        }
        assign(figure.layout, paintLayout(colorsOf()));
        figure.layout.xaxis.title.text = AXES[this.axis];
        figure.layout.uirevision = comparison;
        figure.layout.dragmode = window.matchMedia("(pointer: coarse)").matches ? false : "zoom";
        await Plotly.react(plot, figure.data, figure.layout, CONFIG);
      }
    }

    // Adds each run's new points: `chunks` by the run's id.
    async extend(chunks) {
      const before = new Map();
      for (const [id, chunk] of Object.entries(chunks)) {
        const run = this.runs.get(id);
        if (!run || !(chunk.steps.length || chunk.evaluations.length || chunk.cursor > run.cursor)) continue;
        const known = { steps: run.steps.step.length, evaluations: run.evaluations.step.length };
        if (run.take(chunk)) before.set(id, known);
      }
      const begun = performance.now();
      for (const [chart, plot] of Object.entries(this.plots)) await this.extendChart(chart, plot, before);
      this.drawingMs = performance.now() - begun;
    }

    async extendChart(chart, plot, before) {
      const added = { x: [], y: [], places: [] };
      const renewed = { x: [], y: [], places: [] };
      plot.data.forEach((trace, place) => {
        const known = before.get(trace.meta.run);
        if (!known) return;
        const source = sourceOf(this.runs.get(trace.meta.run), trace.meta.kind);
        const from = trace.meta.kind === "validation" ? known.evaluations : known.steps;
        const more = source.step.length - from;
        if (more === 0) return;
        const isFull = trace.x.length + more > 2 * MOST_POINTS;
        const points = isFull ? this.decimated(source, chart, trace) : this.pointsFrom(source, chart, trace, from);
        const target = isFull ? renewed : added;
        target.x.push(points.x);
        target.y.push(points.y);
        target.places.push(place);
      });
      if (renewed.places.length) await Plotly.restyle(plot, { x: renewed.x, y: renewed.y }, renewed.places);
      if (added.places.length) await Plotly.extendTraces(plot, { x: added.x, y: added.y }, added.places);
    }

    pointsFrom(source, chart, trace, from) {
      return { x: source[this.axis].slice(from), y: heightsOf(source, chart, trace.meta.kind).slice(from) };
    }

    decimated(source, chart, trace) {
      const heights = heightsOf(source, chart, trace.meta.kind);
      const kept = tlvsft.decimate(heights, MOST_POINTS);
      return { x: kept.map((place) => source[this.axis][place]), y: kept.map((place) => heights[place]) };
    }

    async showAxis(axis) {
      this.axis = axis;
      for (const [chart, plot] of Object.entries(this.plots)) {
        const points = plot.data.map((trace) =>
          this.decimated(sourceOf(this.runs.get(trace.meta.run), trace.meta.kind), chart, trace),
        );
        const layout = { "xaxis.title.text": AXES[axis], "xaxis.autorange": true };
        const traces = { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
        if (points.length) await Plotly.update(plot, traces, layout);
        else await Plotly.relayout(plot, layout);
      }
    }

    // Light has become dark, or the other way round.
    async paint() {
      for (const plot of Object.values(this.plots)) {
        if (!plot.layout) continue;
        const painted = plot.data.map((trace) => paintTrace(colorsOf(trace.meta.side)));
        const names = Object.keys(painted[0] ?? {});
        const traces = Object.fromEntries(names.map((name) => [name, painted.map((paint) => paint[name])]));
        if (painted.length) await Plotly.update(plot, traces, paintLayout(colorsOf()));
        else await Plotly.relayout(plot, paintLayout(colorsOf()));
      }
    }
  };
})();
