// The layer ladder: a click flips rungs at once and sends all blocks that are then frozen; the server's answer settles it.
// One question at a time, since answers may overtake each other: clicks that come before the answer add to the wish,
// which is sent when the answer is there.
"use strict";

window.tlvsft = window.tlvsft || {};

tlvsft.ladder = (element, trigger, watch, event) => {
  const PATIENCE_MS = 4000; // a question without an answer by then was lost
  let wish = null;
  let asked = null;
  let askedAt = 0;
  let place = null; // the rung that Tab comes back to
  const rungs = () => [...element.querySelectorAll("button[data-block]")];
  const isFrozen = (rung) => rung.getAttribute("aria-pressed") === "true";
  const current = () => new Set(rungs().filter(isFrozen).map((rung) => rung.dataset.block));
  const show = (frozen) =>
    rungs().forEach((rung) => rung.setAttribute("aria-pressed", String(frozen.has(rung.dataset.block))));
  const same = (one, other) => one.size === other.size && [...one].every((block) => other.has(block));
  const ask = () => {
    asked = wish;
    askedAt = performance.now();
    trigger(event, { frozen: [...wish] });
  };
  const isWaiting = () => Boolean(asked) && performance.now() - askedAt < PATIENCE_MS;
  const want = (frozen) => {
    const waiting = isWaiting();
    wish = frozen;
    show(wish);
    if (!waiting) ask();
  };

  // Flips a rung; with Shift, everything below it becomes what it becomes.
  const flip = (rung, { shiftKey }) => {
    const frozen = isWaiting() ? new Set(wish) : current();
    const freeze = !frozen.has(rung.dataset.block);
    const all = rungs();
    const chosen = shiftKey ? all.slice(all.indexOf(rung)) : [rung];
    chosen.forEach(({ dataset }) => (freeze ? frozen.add(dataset.block) : frozen.delete(dataset.block)));
    want(frozen);
  };

  // One rung is in the order of Tab; an answer of the server puts the first one there again.
  const keepPlace = () => {
    if (!rungs().some((rung) => rung.dataset.block === place)) return;
    rungs().forEach((rung) => (rung.tabIndex = rung.dataset.block === place ? 0 : -1));
  };
  const moveTo = (rung) => {
    if (rung) rung.focus();
  };
  const keys = {
    ArrowUp: (all, at) => moveTo(all[at - 1]),
    ArrowDown: (all, at) => moveTo(all[at + 1]),
    Home: (all) => moveTo(all[0]),
    End: (all) => moveTo(all[all.length - 1]),
    Enter: (all, at, key) => key.repeat || flip(all[at], key),
    " ": (all, at, key) => key.repeat || flip(all[at], key),
  };

  watch("value", () => {
    keepPlace();
    const answered = asked;
    asked = null;
    if (!wish || !answered || same(wish, answered)) {
      wish = null; // the answer is on the screen, whether it grants the wish or refuses it
      return;
    }
    show(wish);
    ask();
  });
  element.addEventListener("click", (click) => {
    const shortcut = click.target.closest("button[data-freeze]");
    if (shortcut && !shortcut.disabled) want(new Set(shortcut.dataset.freeze.split(",").filter(Boolean)));
    const rung = click.target.closest("button[data-block]");
    if (rung) flip(rung, click);
  });
  element.addEventListener("focusin", ({ target }) => {
    const rung = target.closest("button[data-block]");
    if (!rung) return;
    place = rung.dataset.block;
    keepPlace();
  });
  element.addEventListener("keydown", (key) => {
    const rung = key.target.closest("button[data-block]");
    if (!rung || !(key.key in keys) || key.ctrlKey || key.metaKey || key.altKey) return;
    key.preventDefault();
    const all = rungs();
    keys[key.key](all, all.indexOf(rung), key);
  });
  element.addEventListener("keyup", (key) => {
    if (key.key === " " && key.target.closest("button[data-block]")) key.preventDefault(); // or Firefox clicks it, too
  });
};
