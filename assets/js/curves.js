// The live curves: two plotly charts that are mounted once. New points are added to their traces, so zoom and hover
// survive; another comparison brings new figures for the same two nodes. A trace with thousands of points is decimated,
// when somebody zooms in, within what is then seen. What stands around the charts (toolbar.js, older.js, readings.js)
// hears of every change by the event "curves-changed" of the element.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const MOST_POINTS = 2000; // a decimated trace has so many; as soon as it shows twice as many, it is decimated again
  const AXES = {
    step: { title: "steps", hover: ",d", place: "step %{x:,d}" },
    seconds: { title: "seconds since the start", hover: ".1f", place: "%{x:.1f} s" },
    examples: { title: "examples seen", hover: ",d", place: "%{x:,d} examples" },
  };
  const CONFIG = {
    responsive: true,
    displaylogo: false,
    scrollZoom: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  };
  // A finger scrolls the page, so it can't drag inside a chart; the buttons + and − zoom.
  const isTouched = () => window.matchMedia("(pointer: coarse)").matches;
  const TOUCH_CONFIG = {
    ...CONFIG,
    modeBarButtonsToRemove: [...CONFIG.modeBarButtonsToRemove, "toImage", "zoom2d", "pan2d"],
  };

  // Colours come from the style sheet, so that charts follow light and dark.
  const colorsOf = (side) => {
    const style = getComputedStyle(document.body);
    const color = (name) => style.getPropertyValue(`--${name}`).trim();
    const [card, grid, line, muted, ink] = ["card", "grid", "line", "muted", "ink"].map(color);
    return { side: side && color(side), card, grid, line, muted, ink };
  };
  const paintTrace = ({ side, card }) => ({ "line.color": side, "marker.color": side, "marker.line.color": card });
  const paintLayout = ({ card, grid, line, muted, ink }) => ({
    "font.color": muted, "plot_bgcolor": card,
    "xaxis.gridcolor": grid, "xaxis.linecolor": line, "yaxis.gridcolor": grid, "yaxis.linecolor": line,
    "xaxis.spikecolor": muted,
    "hoverlabel.bgcolor": card, "hoverlabel.bordercolor": line, "hoverlabel.font.color": ink,
  });
  const nameAxis = ({ title, hover, place }) => ({
    "xaxis.title.text": tlvsft.language.translate(title),
    "xaxis.hoverformat": hover,
    "xaxis.unifiedhovertitle.text": tlvsft.language.translate(place),
  });

  // What stands in a figure, in the reader's language; `meta` stays English, since sentences are made from it.
  const nameTrace = ({ name, hovertemplate }) => ({
    name: tlvsft.language.translate(name),
    ...(hovertemplate ? { hovertemplate: hovertemplate.replace(" at ", ` ${tlvsft.language.translate("at")} `) } : {}),
  });
  const nameLayout = ({ title, annotations = [] }) => ({
    "title.text": tlvsft.language.translate(title.text),
    annotations: annotations.map((note) => ({ ...note, text: tlvsft.language.translate(note.text) })),
    separators: tlvsft.language.separators,
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

  // The two ends of what a zoomed chart shows of x; null while it shows all.
  const viewOf = ({ layout }) => (layout?.xaxis.autorange === false && layout.xaxis.range) || null;
  const isSame = (one, other) => String(one) === String(other);

  tlvsft.Curves = class {
    constructor(element) {
      this.element = element;
      this.plots = Object.fromEntries(
        [...element.querySelectorAll("[data-chart]")].map((node) => [node.dataset.chart, node]),
      );
      Object.values(this.plots).forEach((plot) => this.follow(plot));
      this.comparison = "";
      this.drawn = 0; // how often a comparison was drawn
      this.axis = "step";
      this.isLogarithmic = false;
      this.smoothing = tlvsft.SMOOTHING;
      this.runs = new Map();
      this.older = new Map(); // the runs of older comparisons that are laid over
      this.queue = Promise.resolve();
      this.drawingMs = 0; // how long the last points took
      new MutationObserver(() => this.later(() => this.paint())).observe(document.body, {
        attributes: true,
        attributeFilter: ["class"],
      });
      window.addEventListener("tlvsft-language", () => this.later(() => this.rename()));
      for (const connect of [tlvsft.connectToolbar, tlvsft.connectOlder, tlvsft.connectReadings]) connect(element, this);
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

    tell() {
      this.element.dispatchEvent(new Event("curves-changed"));
    }

    // Draws the empty figures of another comparison; its points follow.
    async draw(figures, comparison) {
      this.comparison = comparison;
      this.drawn += 1;
      this.runs = new Map();
      this.older = new Map();
      for (const [chart, plot] of Object.entries(this.plots)) {
        const figure = structuredClone(figures[chart]);
        for (const trace of figure.data) {
          this.runs.set(trace.meta.run, new tlvsft.RunPoints(this.smoothing));
          assign(trace, { ...paintTrace(colorsOf(trace.meta.side)), ...nameTrace(trace) });
        }
        plot.figure = figures[chart];
        assign(figure.layout, nameLayout(figure.layout));
        assign(figure.layout, { ...paintLayout(colorsOf()), ...nameAxis(AXES[this.axis]), ...this.scale(figure.layout) });
        figure.layout.uirevision = comparison;
        figure.layout.dragmode = isTouched() ? false : "zoom";
        const isFirst = !plot.layout;
        plot.wholeHeight = figure.layout.yaxis.range; // of a chart whose axis is fixed
        await Plotly.react(plot, figure.data, figure.layout, isTouched() ? TOUCH_CONFIG : CONFIG);
        if (isFirst) plot.on("plotly_relayout", () => this.later(() => this.refine(chart, plot)));
        plot.view = viewOf(plot);
      }
      this.tell();
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
      if (before.size) this.tell();
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
        const points = isFull ? this.decimated(chart, plot, trace) : this.pointsFrom(source, chart, trace, from);
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

    // What a trace shows of its run: of a long one what can be told apart, in what is seen of it.
    decimated(chart, plot, { meta }) {
      const source = sourceOf(this.runs.get(meta.run) ?? this.older.get(meta.run), meta.kind);
      const heights = heightsOf(source, chart, meta.kind);
      const kept = tlvsft.decimateWithin(heights, source[this.axis], plot.view, MOST_POINTS);
      return { x: kept.map((place) => source[this.axis][place]), y: kept.map((place) => heights[place]) };
    }

    // Chooses anew what the traces that are `wanted` show, and changes the layout with them.
    async renew(chart, plot, { wanted = () => true, layout = {} }) {
      const places = plot.data.map((_, place) => place).filter((place) => wanted(plot.data[place]));
      const points = places.map((place) => this.decimated(chart, plot, plot.data[place]));
      const traces = { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
      if (places.length) await Plotly.update(plot, traces, layout, places);
      else if (Object.keys(layout).length) await Plotly.relayout(plot, layout);
    }

    async showAxis(axis) {
      this.axis = axis;
      for (const [chart, plot] of Object.entries(this.plots)) {
        plot.view = null;
        await this.renew(chart, plot, { layout: { ...nameAxis(AXES[axis]), "xaxis.autorange": true } });
      }
      this.tell();
    }

    // The scale of the y axis, where the figure says that it may be logarithmic.
    scale({ meta }) {
      return meta?.may_be_logarithmic ? { "yaxis.type": this.isLogarithmic ? "log" : "linear" } : {};
    }

    // Plotly takes a zoomed range along into the other scale.
    async showScale(isLogarithmic) {
      this.isLogarithmic = isLogarithmic;
      for (const plot of Object.values(this.plots)) {
        const change = this.scale(plot.layout);
        if (Object.keys(change).length) await Plotly.relayout(plot, change);
      }
      this.tell();
    }

    async showSmoothing(smoothing) {
      this.smoothing = smoothing;
      for (const run of [...this.runs.values(), ...this.older.values()]) run.smoothBy(smoothing);
      const wanted = ({ meta }) => meta.kind === "smooth";
      for (const [chart, plot] of Object.entries(this.plots)) await this.renew(chart, plot, { wanted });
      this.tell();
    }

    // Somebody zoomed or turned back: a long run's points are chosen anew, among those that are seen now.
    async refine(chart, plot) {
      const view = viewOf(plot);
      const wanted = ({ meta }) => {
        const run = this.runs.get(meta.run) ?? this.older.get(meta.run);
        return sourceOf(run, meta.kind).step.length > MOST_POINTS;
      };
      if (!isSame(view, plot.view)) {
        plot.view = view;
        await this.renew(chart, plot, { wanted });
      }
      this.tell();
    }

    get isZoomed() {
      return Object.values(this.plots).some(({ layout, wholeHeight }) => {
        const isWhole = wholeHeight ? isSame(layout?.yaxis.range, wholeHeight) : layout?.yaxis.autorange !== false;
        return layout !== undefined && !(isWhole && layout.xaxis.autorange !== false);
      });
    }

    async showWhole() {
      for (const plot of Object.values(this.plots)) {
        const height = plot.wholeHeight ? { "yaxis.range": [...plot.wholeHeight] } : { "yaxis.autorange": true };
        await Plotly.relayout(plot, { "xaxis.autorange": true, ...height });
      }
    }

    // Lays the curves of older comparisons over these, instead of those that were; `older` by `older.js`.
    async overlay(older) {
      this.older = new Map();
      for (const { id, chunk, stride } of older.flatMap(({ runs }) => runs)) {
        const points = new tlvsft.RunPoints(this.smoothing, stride);
        points.take(chunk);
        this.older.set(id, points);
      }
      for (const [chart, plot] of Object.entries(this.plots)) {
        const gone = plot.data.map((_, place) => place).filter((place) => plot.data[place].meta.isOlder);
        if (gone.length) await Plotly.deleteTraces(plot, gone);
        const traces = tlvsft.olderTraces(older, chart);
        for (const trace of traces) {
          assign(trace, paintTrace(colorsOf(trace.meta.side)));
          Object.assign(trace, this.decimated(chart, plot, trace));
        }
        if (traces.length) await Plotly.addTraces(plot, traces);
      }
      this.tell();
    }

    // The reader has chosen another language. Older runs are named beside the charts only.
    async rename() {
      for (const plot of Object.values(this.plots)) {
        if (!plot.figure || !plot.layout) continue;
        const { data, layout } = plot.figure;
        const change = { ...nameLayout(layout), ...nameAxis(AXES[this.axis]) };
        const named = data.map(nameTrace);
        const traces = {
          name: named.map(({ name }) => name),
          hovertemplate: named.map(({ hovertemplate }) => hovertemplate ?? null),
        };
        if (!named.length) await Plotly.relayout(plot, change);
        else await Plotly.update(plot, traces, change, [...named.keys()]);
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
