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

// The ladder: a click flips a rung at once and sends all frozen blocks; the server's answer then settles it. Clicks
// that come before the answer build on the last wish, not on what is still on the screen.
tlvsft.ladder = (element, trigger, watch, event) => {
  let wish = null;
  let waiting = 0;
  const rungs = () => [...element.querySelectorAll("button[data-block]")];
  const frozenNow = () => rungs().filter((rung) => rung.getAttribute("aria-pressed") === "true");
  watch("value", () => {
    waiting = Math.max(0, waiting - 1);
    if (waiting === 0) wish = null;
  });
  element.addEventListener("click", (click) => {
    const rung = click.target.closest("button[data-block]");
    if (!rung) return;
    const frozen = new Set(wish ?? frozenNow().map((item) => item.dataset.block));
    const freeze = !frozen.has(rung.dataset.block);
    const all = rungs();
    const chosen = click.shiftKey ? all.slice(all.indexOf(rung)) : [rung];
    for (const item of chosen) {
      freeze ? frozen.add(item.dataset.block) : frozen.delete(item.dataset.block);
      item.setAttribute("aria-pressed", String(freeze));
    }
    wish = [...frozen];
    waiting += 1;
    trigger(event, { frozen: wish });
  });
};

// The list of comparisons: a click opens one; coming back to the window looks for new ones (the command line's).
tlvsft.history = (element, trigger, event) => {
  tlvsft.delegate(element, trigger, event);
  window.addEventListener("focus", () => trigger(event, {}));
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
