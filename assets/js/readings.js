// What the charts say without being looked at: a sentence below each, computed from its validations, and a table of them.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { make } = tlvsft;
  const SIDES = ["left", "right"];
  const CLEARLY = 1.02; // a loss that is so many times its lowest has risen, beyond a last wave
  const count = (value) => value.toLocaleString("en-US");
  const decimals = (places) => (value) =>
    value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  // For each kind of chart: how a value is written, and whether more is better.
  const KINDS = {
    loss: { write: decimals(3), isMoreBetter: false },
    accuracy: { write: (share) => `${decimals(1)(100 * share)} %`, isMoreBetter: true },
    perplexity: { write: (value) => decimals(value < 1000 ? 1 : 0)(value), isMoreBetter: false },
  };

  const last = (list) => list[list.length - 1];
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  // One side's validations: of several seeds the mean over those that have come furthest.
  // `[{ step, value }]`, in order; values that are no numbers are left out.
  tlvsft.meanSeries = (runs) => {
    const furthest = Math.max(...runs.map(({ steps }) => last(steps) ?? -1));
    const kept = runs.filter(({ steps }) => steps.length && last(steps) === furthest);
    const [first, ...others] = kept;
    if (!first) return [];
    const values = (step, place) => [
      first.values[place],
      ...others.map((run) => run.values[run.steps.indexOf(step)] ?? null),
    ];
    const series = first.steps.map((step, place) => ({ step, all: values(step, place) }));
    return series
      .filter(({ all }) => all.every((value) => value !== null))
      .map(({ step, all }) => ({ step, value: mean(all) }));
  };

  const bestOf = (series, isMoreBetter) =>
    series.reduce((best, point) => {
      const isBetter = isMoreBetter ? point.value > best.value : point.value < best.value;
      return isBetter ? point : best;
    });

  // After which step one side has been better ever since, as far as both have come; nothing while they are level.
  tlvsft.leadSince = ({ left, right }, isMoreBetter) => {
    const common = Math.min(last(left)?.step ?? -1, last(right)?.step ?? -1);
    const steps = [...left, ...right].map(({ step }) => step).filter((step) => step <= common);
    const known = (series, step) => last(series.filter((point) => point.step <= step))?.value;
    let lead = null;
    for (const step of [...new Set(steps)].sort((one, other) => one - other)) {
      const [one, other] = [known(left, step), known(right, step)];
      if (one === undefined || other === undefined) continue;
      const side = one === other ? null : (one > other) === isMoreBetter ? "left" : "right";
      if (side !== lead?.side) lead = side && { side, step };
    }
    return lead;
  };

  const describeLoss = (name, series, training) => {
    const { write } = KINDS.loss;
    const now = last(series);
    const lowest = bestOf(series, false);
    const words = `${name} ${write(now.value)} at step ${count(now.step)}`;
    if (series.length < 2) return words;
    if (now.value < CLEARLY * lowest.value) return `${words}, ${now === lowest ? "its lowest" : "about its lowest"} so far`;
    const then = training(lowest.step);
    const fell = then !== null && training(now.step) < then;
    const risen = `${words}, up from ${write(lowest.value)} at step ${count(lowest.step)}`;
    return fell ? `${risen} though its training loss fell: it overfits` : risen;
  };

  const describeBest = (name, series, { write, isMoreBetter }) => {
    const best = bestOf(series, isMoreBetter);
    return `${name} ${write(best.value)} (step ${count(best.step)})`;
  };

  // A sentence about one chart. `sides`: for each side its name, its series, and the smoothed training loss at a step.
  tlvsft.readChart = (kind, sides) => {
    const told = SIDES.filter((side) => sides[side]?.series.length);
    if (!told.length) return "";
    if (kind === "loss") {
      const parts = told.map((side) => describeLoss(sides[side].name, sides[side].series, sides[side].training));
      return `Validation loss: ${parts.join("; ")}.`;
    }
    const parts = told.map((side) => describeBest(sides[side].name, sides[side].series, KINDS[kind]));
    const series = Object.fromEntries(SIDES.map((side) => [side, sides[side]?.series ?? []]));
    const lead = tlvsft.leadSince(series, KINDS[kind].isMoreBetter);
    const ahead = lead ? ` At equal steps ${sides[lead.side].name} is ahead since step ${count(lead.step)}.` : "";
    return `Best so far: ${parts.join(", ")}.${ahead}`;
  };

  class Readings {
    constructor(element, curves) {
      this.curves = curves;
      this.figures = [...element.querySelectorAll("[data-reading]")];
      element.addEventListener("curves-changed", () => this.write());
      element.addEventListener("toggle", () => this.write(), { capture: true }); // "toggle" doesn't bubble
    }

    write() {
      for (const figure of this.figures) {
        const plot = this.curves.plots[figure.dataset.reading];
        if (!plot.data) continue;
        const runs = this.runsOf(plot);
        const { kind } = plot.layout.meta;
        this.writeSentence(figure, kind, runs);
        const table = figure.querySelector("details");
        if (table?.open) this.writeTable(table.querySelector(".chart-rows"), kind, runs);
      }
    }

    // The runs of a chart, each with its validations.
    runsOf(plot) {
      const traces = plot.data.filter(({ meta }) => meta.kind === "validation" && !meta.isOlder);
      const column = plot.layout.meta.kind === "loss" ? "validation" : "score";
      return traces.map(({ meta }) => {
        const run = this.curves.runs.get(meta.run);
        return { ...meta, steps: run.evaluations.step, values: run.evaluations[column], training: run.steps };
      });
    }

    writeSentence(figure, kind, runs) {
      const sides = Object.fromEntries(
        SIDES.map((side) => {
          const own = runs.filter((run) => run.side === side);
          return [side, { name: own[0]?.name, series: tlvsft.meanSeries(own), training: trainingOf(own) }];
        }),
      );
      const sentence = tlvsft.readChart(kind, sides);
      const note = figure.querySelector("figcaption");
      const words = sentence || (runs.length ? "The first validation comes in a moment." : note.dataset.empty);
      tlvsft.write(note, words);
    }

    writeTable(box, kind, runs) {
      const { write } = KINDS[kind];
      const steps = [...new Set(runs.flatMap((run) => run.steps))].sort((one, other) => one - other);
      const told = JSON.stringify([this.curves.drawn, steps.length, runs.map((run) => run.steps.length)]);
      if (box.dataset.told === told) return;
      box.dataset.told = told;
      const heads = runs.map((run) => make("th", { scope: "col", class: run.side }, run.title));
      const rows = steps.map((step) => {
        const cells = runs.map((run) => make("td", {}, cellOf(run.values[run.steps.indexOf(step)], write)));
        return make("tr", {}, make("th", { scope: "row" }, count(step)), ...cells);
      });
      const head = make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "step"), ...heads));
      box.replaceChildren(make("table", { class: "numbers" }, head, make("tbody", {}, ...rows)));
    }
  }

  const cellOf = (value, write) => (value === undefined || value === null ? "–" : write(value));

  // The smoothed training loss of the side's run that has come furthest, by step; null before its first step.
  const trainingOf = (runs) => (step) => {
    const longest = runs.reduce((most, run) => (run.training.step.length > most.training.step.length ? run : most));
    const place = longest.training.step.findLastIndex((taken) => taken <= step);
    return place < 0 ? null : longest.training.smooth[place];
  };

  tlvsft.connectReadings = (element, curves) => {
    new Readings(element, curves);
  };
})();
