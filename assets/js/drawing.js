// A canvas for a digit: mouse, pen or finger; without dragging by clicks that lines join, or by a pen that keys move.
// Each finished stroke sends the whole picture, bright ink on black.
"use strict";

window.tlvsft = window.tlvsft || {};

tlvsft.drawing = (element, trigger, event) => {
  const send = tlvsft.lastOf((image) => trigger(event, { image }));
  const PEN_WIDTH = 20; // of 280: about what the handwritten digits of the data have
  const KEY_STEP = 10;
  const MOVES = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const canvas = element.querySelector("canvas");
  const lines = element.querySelector("[data-lines]");
  const context = canvas.getContext("2d");
  let last = null; // where the stroke that is being drawn has come to
  let corner = null; // where the last click was, while clicks are joined

  const clear = () => {
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
    corner = null;
    element.querySelector(".drawing").classList.add("is-empty");
  };
  const place = (pointer) => {
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    return { x: (pointer.clientX - box.left) * scale, y: (pointer.clientY - box.top) * scale };
  };
  const draw = (from, to) => {
    Object.assign(context, { strokeStyle: "#fff", lineWidth: PEN_WIDTH, lineCap: "round", lineJoin: "round" });
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x + 0.01, to.y);
    context.stroke();
    element.querySelector(".drawing").classList.remove("is-empty");
  };
  const finish = () => {
    if (!last) return;
    last = null;
    send(canvas.toDataURL("image/png"));
  };

  // The pen that keys move: a ring over the canvas, filled while it is down.
  const pen = { x: canvas.width / 2, y: canvas.height / 4, ring: element.querySelector(".pen") };
  const showPen = () => {
    const scale = canvas.offsetWidth / canvas.width;
    pen.ring.style.left = `${canvas.offsetLeft + pen.x * scale}px`;
    pen.ring.style.top = `${canvas.offsetTop + pen.y * scale}px`;
    pen.ring.classList.toggle("is-down", last !== null);
    pen.ring.hidden = false;
  };
  const movePen = ([right, down]) => {
    pen.x = Math.min(canvas.width, Math.max(0, pen.x + right * KEY_STEP));
    pen.y = Math.min(canvas.height, Math.max(0, pen.y + down * KEY_STEP));
    if (!last) return;
    draw(last, pen);
    last = { x: pen.x, y: pen.y };
  };
  const togglePen = () => {
    if (last) return finish();
    last = { x: pen.x, y: pen.y };
    draw(last, last);
  };

  canvas.addEventListener("keydown", (key) => {
    if (key.ctrlKey || key.metaKey || key.altKey || !(key.key in MOVES || key.key === " ")) return;
    key.preventDefault();
    if (key.key in MOVES) movePen(MOVES[key.key]);
    else if (!key.repeat) togglePen();
    showPen();
  });
  canvas.addEventListener("blur", () => {
    finish();
    pen.ring.hidden = true;
  });
  canvas.addEventListener("pointerdown", (pointer) => {
    if (pointer.button !== 0) return;
    pointer.preventDefault();
    canvas.setPointerCapture(pointer.pointerId);
    last = place(pointer);
    draw(corner ?? last, last);
    corner = lines.getAttribute("aria-pressed") === "true" ? last : null;
  });
  canvas.addEventListener("pointermove", (pointer) => {
    if (!last || !canvas.hasPointerCapture(pointer.pointerId)) return;
    for (const part of pointer.getCoalescedEvents?.() ?? [pointer]) {
      const next = place(part);
      draw(last, next);
      last = next;
    }
    if (corner) corner = last;
  });
  canvas.addEventListener("pointerup", finish);
  canvas.addEventListener("pointercancel", finish);
  element.querySelector("[data-clear]").addEventListener("click", () => {
    clear();
    send("");
  });
  lines.addEventListener("click", () => {
    const isOn = lines.getAttribute("aria-pressed") !== "true";
    lines.setAttribute("aria-pressed", String(isOn));
    corner = null;
  });
  clear();
};
