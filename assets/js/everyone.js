// For everyone: what the page needs beyond what is seen. Loaded with the page's head, before gradio (tlvsft/ui/head.py).
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const LOOK_MS = 250; // so long changes of the page are gathered before they are looked at
  const find = (selector) => document.querySelector(selector);

  // What gradio's and plotly's own markup leaves unsaid.
  const MENDED = [
    [".js-plotly-plot .main-svg", { "aria-hidden": "true" }], // the sentence and the table below say the same in order
  ];
  const mend = () => {
    for (const [selector, attributes] of MENDED) {
      for (const node of document.querySelectorAll(selector)) {
        for (const [name, value] of Object.entries(attributes)) {
          if (node.getAttribute(name) !== value) node.setAttribute(name, value);
        }
      }
    }
  };

  // What scrolls can be scrolled by keys: it is a stop of Tab for as long as there is more in it than is seen.
  const SCROLLERS = ".example-text, .continuation";
  const reachScrollers = () => {
    for (const node of document.querySelectorAll(SCROLLERS)) {
      const hasMore = node.scrollHeight > node.clientHeight + 1;
      if (hasMore) node.tabIndex = 0;
      else node.removeAttribute("tabindex");
    }
  };

  // Calls all of `looks` soon after the page has changed, however often it changes.
  const looks = [mend, reachScrollers];
  tlvsft.look = (look) => looks.push(look);
  const watch = () => {
    let isDue = false;
    const soon = () => {
      if (isDue) return;
      isDue = true;
      setTimeout(() => {
        isDue = false;
        looks.forEach((look) => look());
      }, LOOK_MS);
    };
    new MutationObserver(soon).observe(document.body, { subtree: true, childList: true });
    soon();
  };

  // The skip link moves the focus; followed as a link it would lead to another address, for the page has a <base>.
  const skip = (click) => {
    const link = click.target.closest?.("[data-skip-to]");
    if (!link) return;
    click.preventDefault();
    const parts = [link.dataset.skipTo, "columns", "race"].map((id) => document.getElementById(id));
    const part = parts.find((node) => node?.getClientRects().length); // a talk hides the stories
    if (!part) return;
    part.tabIndex = -1;
    part.focus();
  };

  // What has the focus never lies below the bar at the foot: the browser scrolls it clear of that, also at the page's end.
  const keepFootFree = () => {
    const bar = find("#launch-bar");
    if (!bar) return;
    const { position } = getComputedStyle(bar);
    const height = Math.ceil(bar.getBoundingClientRect().height);
    const { style } = document.documentElement;
    style.scrollPaddingBottom = ["fixed", "sticky"].includes(position) ? `${height + 8}px` : "";
    style.setProperty("--foot", position === "fixed" ? `${height}px` : "0px");
  };
  let measured = null;
  tlvsft.look(() => {
    const bar = find("#launch-bar");
    if (!bar || bar === measured) return;
    measured = bar;
    new ResizeObserver(keepFootFree).observe(bar);
  });

  // Escape puts away what came by pointing at something; it comes again when something else is pointed at.
  const putTipsAway = (key) => {
    if (key.key !== "Escape") return;
    document.body.classList.add("tips-off");
    document.querySelectorAll("#curves .js-plotly-plot").forEach((plot) => window.Plotly.Fx.unhover(plot));
  };
  const bringTipsBack = () => document.body.classList.remove("tips-off");

  // The frame of a phone's browser or of the installed app has the page's ground, whatever the switch says.
  const paintFrame = () => {
    const paper = getComputedStyle(document.body).getPropertyValue("--paper").trim();
    if (!paper) return;
    document.querySelectorAll("meta[name='theme-color']").forEach((meta) => (meta.content = paper));
  };

  // Only the installed app keeps a page for when the server is away: in a tab the browser says so itself.
  tlvsft.keepOfflinePage = () => navigator.serviceWorker?.register("tlvsft-worker.js").catch(() => null);
  if (window.matchMedia("(display-mode: standalone)").matches) tlvsft.keepOfflinePage();
  window.addEventListener("appinstalled", () => tlvsft.keepOfflinePage());

  document.addEventListener("click", skip);
  document.addEventListener("keydown", putTipsAway);
  document.addEventListener("pointerover", bringTipsBack);
  document.addEventListener("focusin", bringTipsBack);
  window.addEventListener("resize", keepFootFree);
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(paintFrame).observe(document.body, { attributes: true, attributeFilter: ["class"] });
    tlvsft.look(paintFrame);
    watch();
  });
})();
