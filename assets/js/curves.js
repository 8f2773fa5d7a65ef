// The live curves: two plotly charts that are mounted once. New points are added to their traces, so zoom and hover
// survive; another comparison brings new figures for the same two nodes.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const SMOOTHING = 0.85; // weight of the past in the moving average of the loss; its start is corrected for
  const AXES = { step: "steps", seconds: "seconds since the start", examples: "examples seen" };
  const CONFIG = {
    responsive: true,
    displaylogo: false,
    scrollZoom: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  };

  // What is known of one run: every point with all three x values, and how far the server's events were read.
  const newRun = () => ({ cursor: 0, average: 0, weight: 0, steps: [], evaluations: [] });

  const readChunk = (run, chunk) => {
    const steps = chunk.steps.filter(([number]) => number > run.cursor);
    const evaluations = chunk.evaluations.filter(([number]) => number > run.cursor);
    run.cursor = Math.max(run.cursor, chunk.cursor);
    const newSteps = steps.map(([, step, seconds, examples, loss]) => {
      run.average = SMOOTHING * run.average + (1 - SMOOTHING) * loss;
      run.weight = SMOOTHING * run.weight + (1 - SMOOTHING);
      return { step, seconds, examples, raw: loss, smooth: run.average / run.weight };
    });
    const newEvaluations = evaluations.map(([, step, seconds, examples, loss, score]) => ({
      step, seconds, examples, loss, score,
    }));
    run.steps.push(...newSteps);
    run.evaluations.push(...newEvaluations);
    return { steps: newSteps, evaluations: newEvaluations };
  };

  // Which points a trace shows, and which number of them.
  const pointsOf = (source, kind) => (kind === "validation" ? source.evaluations : source.steps);
  const heightOf = (chart, kind) =>
    kind === "validation" ? (point) => (chart === "loss" ? point.loss : point.score) : (point) => point[kind];

  class Curves {
    constructor(element) {
      this.plots = Object.fromEntries(
        [...element.querySelectorAll("[data-chart]")].map((node) => [node.dataset.chart, node]),
      );
      Object.values(this.plots).forEach((plot) => this.follow(plot));
      this.axis = "step";
      this.runs = new Map();
      this.queue = Promise.resolve();
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
    }

    take(value) {
      if (!value || !value.chunks) return;
      if (value.figures) this.later(() => this.draw(value));
      else if (value.comparison === this.comparison || !this.comparison) this.later(() => this.extend(value));
    }

    async draw(value) {
      this.comparison = value.comparison;
      this.runs = new Map();
      value.chunks.forEach((chunk) => this.read(chunk));
      for (const [chart, plot] of Object.entries(this.plots)) {
        const figure = structuredClone(value.figures[chart]);
        for (const trace of figure.data) {
          const points = pointsOf(this.run(trace.meta.run), trace.meta.kind);
          trace.x = points.map((point) => point[this.axis]);
          trace.y = points.map(heightOf(chart, trace.meta.kind));
        }
        figure.layout.xaxis.title.text = AXES[this.axis];
        figure.layout.uirevision = value.comparison;
        figure.layout.dragmode = window.matchMedia("(pointer: coarse)").matches ? false : "zoom";
        await Plotly.react(plot, figure.data, figure.layout, CONFIG);
      }
      await this.paint();
    }

    async extend(value) {
      if (value.comparison !== this.comparison) return;
      const added = new Map(value.chunks.map((chunk) => [chunk.run, this.read(chunk)]));
      for (const [chart, plot] of Object.entries(this.plots)) {
        const x = [], y = [], indices = [];
        (plot.data || []).forEach((trace, index) => {
          const points = added.has(trace.meta.run) ? pointsOf(added.get(trace.meta.run), trace.meta.kind) : [];
          if (points.length === 0) return;
          x.push(points.map((point) => point[this.axis]));
          y.push(points.map(heightOf(chart, trace.meta.kind)));
          indices.push(index);
        });
        if (indices.length) await Plotly.extendTraces(plot, { x, y }, indices);
      }
    }

    async showAxis(axis) {
      this.axis = axis;
      for (const plot of Object.values(this.plots)) {
        const x = plot.data.map((trace) => pointsOf(this.run(trace.meta.run), trace.meta.kind).map((p) => p[axis]));
        const layout = { "xaxis.title.text": AXES[axis], "xaxis.autorange": true };
        if (x.length) await Plotly.update(plot, { x }, layout);
        else await Plotly.relayout(plot, layout);
      }
    }

    // Colours come from the style sheet, so that charts follow light and dark.
    async paint() {
      const style = getComputedStyle(document.body);
      const color = (name) => style.getPropertyValue(name).trim();
      for (const plot of Object.values(this.plots)) {
        if (!plot.layout) continue;
        const sides = plot.data.map((trace) => color(`--${trace.meta.side}`));
        if (sides.length) {
          await Plotly.restyle(plot, {
            "line.color": sides,
            "marker.color": sides,
            "marker.line.color": sides.map(() => color("--card")),
          });
        }
        const axis = (name) => ({ [`${name}.gridcolor`]: color("--grid"), [`${name}.linecolor`]: color("--line") });
        await Plotly.relayout(plot, { "font.color": color("--muted"), ...axis("xaxis"), ...axis("yaxis") });
      }
    }

    read(chunk) {
      return readChunk(this.run(chunk.run), chunk);
    }

    run(id) {
      if (!this.runs.has(id)) this.runs.set(id, newRun());
      return this.runs.get(id);
    }
  }

  tlvsft.curves = (element, props, watch) => {
    const curves = new Curves(element);
    curves.take(props.value);
    watch("value", () => curves.take(props.value));
  };
})();
