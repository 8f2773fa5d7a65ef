// The points of one run, exact, and which of them a chart shows. Nothing here knows plotly or the page.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  tlvsft.SMOOTHING = 0.85; // how much of the moving average is the past, until somebody chooses otherwise

  // Columns rather than objects: a long run has a hundred thousand points.
  const newColumns = () => ({ step: [], seconds: [], examples: [], raw: [], smooth: [], validation: [], score: [] });

  // A run's points with all three x values, and up to which event (`cursor`) they go. Each point stands for `stride`
  // steps, which is more than one only where the server has averaged a long older run.
  tlvsft.RunPoints = class {
    constructor(smoothing = tlvsft.SMOOTHING, stride = 1) {
      this.cursor = 0;
      this.steps = newColumns();
      this.evaluations = newColumns();
      this.stride = stride;
      this.smoothBy(smoothing);
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

    // Smooths all that is there anew, from the exact points: 0 leaves them as they are, towards 1 hardly any wave is left.
    smoothBy(smoothing) {
      this.past = smoothing ** this.stride;
      this.average = 0;
      this.weight = 0;
      this.steps.smooth = this.steps.raw.map((loss) => this.smoothed(loss));
    }

    // The exponential moving average, which begins at zero, divided by the weight that it has gathered: so its start isn't
    // too low (Adam's bias correction, Kingma & Ba 2015; TensorBoard smooths its curves alike).
    // A loss that is no number (null: it was infinite) leaves the average as it was.
    smoothed(loss) {
      if (loss !== null) {
        this.average = this.past * this.average + (1 - this.past) * loss;
        this.weight = this.past * this.weight + (1 - this.past);
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

  // The first place whose value is at least this; `ascending` values.
  const placeOf = (ascending, value) => {
    let low = 0;
    let high = ascending.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ascending[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  // The same for what a zoomed chart shows: of the `heights` at `along` between both ends of `view` as many places as
  // fit, one beyond on each side for the lines that leave the picture, and the very first and last.
  tlvsft.decimateWithin = (heights, along, view, most) => {
    const last = heights.length - 1;
    if (!view || last < most) return tlvsft.decimate(heights, most);
    const from = Math.max(0, placeOf(along, Math.min(...view)) - 1);
    const to = Math.min(last, placeOf(along, Math.max(...view)));
    const seen = tlvsft.decimate(heights.slice(from, to + 1), most).map((place) => place + from);
    return [...(from > 0 ? [0] : []), ...seen, ...(to < last ? [last] : [])];
  };
})();
