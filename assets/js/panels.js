// The page's small behaviours. Each function is called by one component's js_on_load (tlvsft/ui/components.py).
"use strict";

window.tlvsft = window.tlvsft || {};

// A click on any button with data- attributes sends these attributes to the server.
tlvsft.delegate = (element, trigger, event) => {
  element.addEventListener("click", (click) => {
    const button = click.target.closest("button");
    if (button && !button.disabled) trigger(event, { ...button.dataset });
  });
};

// The one button: a double click is one click, and the Stop that takes its place isn't hit by the second half of it.
tlvsft.launcher = (element, trigger, event) => {
  const QUIET_MS = 800;
  let last = -QUIET_MS;
  element.addEventListener("click", (click) => {
    const button = click.target.closest("button");
    if (!button || performance.now() - last < QUIET_MS) return;
    last = performance.now();
    trigger(event, { action: button.dataset.action });
  });
};

// A slider: where it comes to rest is sent; the ground behind the knob follows at once.
tlvsft.slider = (element, trigger, event) => {
  const send = tlvsft.lastOf((value) => trigger(event, { value }));
  element.addEventListener("input", (input) => {
    const { value, min, max, style } = input.target;
    style.setProperty("--done", `${(100 * (value - min)) / Math.max(1, max - min)}%`);
    send(Number(value));
  });
};

// A select: what is chosen is sent.
tlvsft.choice = (element, trigger, event) => {
  element.addEventListener("input", (input) => trigger(event, { value: input.target.value }));
};

// The poll tells of another checkpoint (news.js): the page asks what depends on it, by a handler that takes its time.
tlvsft.hearCheckpoints = (trigger, event) => {
  window.addEventListener("tlvsft-checkpoint", () => trigger(event, {}));
};

// What takes a while to put together is asked for once its place on the page says that it is there to be had.
tlvsft.askWhenWanted = (element, trigger, watch, event) => {
  watch("value", () =>
    requestAnimationFrame(() => {
      if (element.querySelector("[data-wanted]")) trigger(event, {});
    }),
  );
};

// Light and dark follow the system until somebody switches; that choice is kept.
tlvsft.theme = (element) => {
  const KEY = "tlvsft-theme";
  const kept = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const apply = () => {
    const choice = kept();
    if (choice) document.body.classList.toggle("dark", choice === "dark");
  };
  apply();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  element.addEventListener("click", (click) => {
    if (!click.target.closest("[data-theme-switch]")) return;
    const dark = document.body.classList.toggle("dark");
    try {
      localStorage.setItem(KEY, dark ? "dark" : "light");
    } catch {
      // Storage is off in this browser: the choice lasts as long as the page.
    }
  });
};
