// A canvas for a digit: mouse, pen or finger. Each finished stroke sends the whole picture, bright ink on black.
"use strict";

window.tlvsft = window.tlvsft || {};

tlvsft.drawing = (element, trigger, event) => {
  const PEN_WIDTH = 20; // of 280: about what the handwritten digits of the data have
  const canvas = element.querySelector("canvas");
  const context = canvas.getContext("2d");
  let last = null;

  const clear = () => {
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
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
  };
  const finish = () => {
    if (!last) return;
    last = null;
    trigger(event, { image: canvas.toDataURL("image/png") });
  };

  canvas.addEventListener("pointerdown", (pointer) => {
    if (pointer.button !== 0) return;
    pointer.preventDefault();
    canvas.setPointerCapture(pointer.pointerId);
    element.querySelector(".drawing").classList.remove("is-empty");
    last = place(pointer);
    draw(last, last);
  });
  canvas.addEventListener("pointermove", (pointer) => {
    if (!last) return;
    for (const part of pointer.getCoalescedEvents?.() ?? [pointer]) {
      const next = place(part);
      draw(last, next);
      last = next;
    }
  });
  canvas.addEventListener("pointerup", finish);
  canvas.addEventListener("pointercancel", finish);
  element.querySelector("[data-clear]").addEventListener("click", () => {
    clear();
    trigger(event, { image: "" });
  });
  clear();
};
