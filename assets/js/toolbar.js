// The row above the curves: x axis, scale, smoothing, and back from a zoom.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  // Over how many steps a moving average reaches: the weights of the last 1 / (1 - past) are most of all.
  const reachOf = (smoothing) => Math.round(1 / (1 - smoothing));
  const describe = (smoothing, about) => (smoothing ? `${about} ${reachOf(smoothing)} steps` : "none");
  const explain = (smoothing) =>
    smoothing ? `bold: moving average over about the last ${reachOf(smoothing)} steps` : "bold: each batch as it is";

  tlvsft.connectToolbar = (element, curves) => {
    const bar = element.querySelector(".curves-bar");
    if (!bar) return;
    const whole = bar.querySelector("[data-whole]");
    const slider = bar.querySelector("[name=smoothing]");
    let isWaiting = false; // a slider that is drawn moves faster than charts are

    const smooth = () => {
      isWaiting = false;
      return curves.showSmoothing(Number(slider.value));
    };
    const write = () => {
      const smoothing = Number(slider.value);
      bar.querySelector("output").textContent = describe(smoothing, "≈");
      slider.setAttribute("aria-valuetext", describe(smoothing, "about"));
      element.querySelector("[data-smoothing]").textContent = explain(smoothing);
    };
    const actions = {
      "x-axis": ({ value }) => curves.later(() => curves.showAxis(value)),
      log: ({ checked }) => curves.later(() => curves.showScale(checked)),
      smoothing: () => {
        write();
        if (!isWaiting) curves.later(smooth);
        isWaiting = true;
      },
    };
    bar.addEventListener("input", ({ target }) => actions[target.name]?.(target));
    whole.addEventListener("click", () => curves.later(() => curves.showWhole()));
    element.addEventListener("curves-changed", () => {
      whole.disabled = !curves.isZoomed;
    });
    write();
  };
})();
