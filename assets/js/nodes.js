// Small helpers for the page's nodes, which the other scripts share; loaded before any of them.
"use strict";

window.tlvsft = window.tlvsft || {};

// Writes what has changed, and nothing else; the reader may see it in another language.
tlvsft.write = (node, text) => {
  const known = tlvsft.language?.sourceOf(node) ?? node?.textContent;
  if (node && known !== text) node.textContent = text;
};

// A new element with these attributes and children; text stays text.
tlvsft.make = (tag, attributes, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

// Of calls that follow each other quickly only the last is made, when it is quiet. Gradio's own `always_last` would send
// what the first of them said.
tlvsft.lastOf = (act, quietMs = 120) => {
  let later = 0;
  return (...said) => {
    clearTimeout(later);
    later = setTimeout(act, quietMs, ...said);
  };
};

// Brings something into view, gently unless the reader wants no motion.
tlvsft.bringIntoView = (selector, block = "start") => {
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.querySelector(selector)?.scrollIntoView({ behavior: isStill ? "auto" : "smooth", block });
};
