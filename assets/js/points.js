// The points of one run, exact, and which of them a chart shows. Nothing here knows plotly or the page.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const SMOOTHING = 0.85; // weight of the past in the moving average of the loss; its start is corrected for

  // Columns rather than objects: a long run has a hundred thousand points.
  const newColumns = () => ({ step: [], seconds: [], examples: [], raw: [], smooth: [], validation: [], score: [] });

  // A run's points with all three x values, and up to which event (`cursor`) they go.
  tlvsft.RunPoints = class {
    constructor() {
      this.cursor = 0;
      this.average = 0;
      this.weight = 0;
      this.steps = newColumns();
      this.evaluations = newColumns();
    }

    // Takes what the server has new; whether that was what was asked for.
    take(chunk) {
      if (chunk.after !== this.cursor) return false;
      this.cursor = chunk.cursor;
      for (const [step, seconds, examples, loss] of chunk.steps) {
        this.addPlace(this.steps, step, seconds, examples);
        this.steps.raw.push(loss);
        this.steps.smooth.push(this.smoothed(loss));
      }
      for (const [step, seconds, examples, loss, score] of chunk.evaluations) {
        this.addPlace(this.evaluations, step, seconds, examples);
        this.evaluations.validation.push(loss);
        this.evaluations.score.push(score);
      }
      return true;
    }

    addPlace(columns, step, seconds, examples) {
      columns.step.push(step);
      columns.seconds.push(seconds);
      columns.examples.push(examples);
    }

    // A loss that is no number (null: it was infinite) leaves the average as it was.
    smoothed(loss) {
      if (loss !== null) {
        this.average = SMOOTHING * this.average + (1 - SMOOTHING) * loss;
        this.weight = SMOOTHING * this.weight + (1 - SMOOTHING);
      }
      return this.weight ? this.average / this.weight : null;
    }
  };

  // Which of `heights` stand for all of them: the first, the last, and of equal stretches between the lowest and the
  // highest each, so that no peak is lost. At most `most` places, in order; all of them where there are no more.
  tlvsft.decimate = (heights, most) => {
    const count = heights.length;
    if (count <= most) return heights.map((_, place) => place);
    const stretches = Math.floor((most - 2) / 2);
    const kept = [0];
    for (let stretch = 0; stretch < stretches; stretch += 1) {
      const begin = 1 + Math.floor((stretch * (count - 2)) / stretches);
      const end = 1 + Math.floor(((stretch + 1) * (count - 2)) / stretches);
      let low = -1;
      let high = -1;
      for (let place = begin; place < end; place += 1) {
        if (heights[place] === null) continue;
        if (low < 0 || heights[place] < heights[low]) low = place;
        if (high < 0 || heights[place] > heights[high]) high = place;
      }
      if (low < 0) continue; // a stretch without a number
      kept.push(Math.min(low, high));
      if (low !== high) kept.push(Math.max(low, high));
    }
    kept.push(count - 1);
    return kept;
  };
})();
