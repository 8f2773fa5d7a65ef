// The card of what can be taken home: a click has it made, and what is ready is fetched at once.
"use strict";

window.tlvsft = window.tlvsft || {};

tlvsft.takeHome = (element, trigger, event) => {
  let fetched = ""; // the address that was fetched last: the card may be drawn again with the same link
  tlvsft.delegate(element, trigger, event);

  // The button that was pressed is drawn anew; the keyboard goes on from the line that says what became of it.
  const keepFocus = (status) => {
    if (document.activeElement === document.body) status.focus({ preventScroll: true });
  };

  new MutationObserver(() => {
    const status = element.querySelector(".take-home-status[tabindex]");
    if (!status) return;
    const link = status.querySelector("a[data-fresh]");
    keepFocus(link || status);
    if (!link || link.href === fetched) return;
    fetched = link.href;
    link.click();
  }).observe(element, { childList: true, subtree: true });
};
