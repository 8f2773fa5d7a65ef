// A camera: preview, "Take a photo" (held down it takes several), and clear words where there is none.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const { make, write } = tlvsft;
  const EVERY_MS = 250;
  const WIDTH = 640;
  const KEYS = [" ", "Enter"];
  const PROBLEMS = {
    NotAllowedError: "This page may not use the camera: allow it beside the browser's address line, then open the camera again.",
    NotFoundError: "No camera was found: plug one in, or add picture files.",
    OverconstrainedError: "No camera was found: plug one in, or add picture files.",
    NotReadableError: "The camera can't be used now, perhaps because another program does: close that one and open the camera again.",
  };
  const INSECURE = "Browsers give a camera only to pages on https or localhost: open this page there, or add picture files.";
  const UNKNOWN = "The camera can't be opened: check it, or add picture files.";

  let running = null; // one camera at a time

  const button = (words, options = {}) => make("button", { type: "button", class: "quiet", ...options }, words);

  class Camera {
    // `onPhoto` gets each photo, `onClose` hears that the camera is closed, and whether the focus was in it; with
    // `isRepeating` a held button takes several.
    constructor({ onPhoto, onClose = () => {}, isRepeating = true }) {
      Object.assign(this, { onPhoto, onClose, isRepeating, stream: null, facing: "environment", asked: 0 });
      this.video = make("video", { playsinline: "", muted: "", "aria-label": "What the camera sees" });
      this.video.muted = true;
      this.words = make("p", { class: "camera-words facts", role: "status" });
      this.take = button("Take a photo", { class: "ask camera-take", disabled: "" });
      this.turn = button("Other camera", { hidden: "" });
      const close = button("Close the camera");
      const buttons = make("div", { class: "camera-buttons" }, this.take, this.turn, close);
      this.node = make("div", { class: "camera", role: "group", "aria-label": "Camera", hidden: "" }, this.video, buttons, this.words);
      close.addEventListener("click", () => this.close());
      this.turn.addEventListener("click", () => {
        this.facing = this.facing === "user" ? "environment" : "user";
        this.start();
      });
      this.listen();
      new ResizeObserver(() => this.video.offsetParent || this.close()).observe(this.node);
      window.addEventListener("pagehide", () => this.close());
    }

    get isOpen() {
      return !this.node.hidden;
    }

    async open() {
      if (running && running !== this) running.close();
      running = this;
      this.node.hidden = false;
      await this.start();
    }

    async start() {
      this.stop();
      const asked = ++this.asked;
      this.take.disabled = true;
      write(this.words, "Waiting for the camera…");
      try {
        if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) throw new DOMException(INSECURE, "Insecure");
        const video = { width: { ideal: WIDTH }, facingMode: this.facing };
        const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
        if (asked !== this.asked) return void stream.getTracks().forEach((track) => track.stop()); // closed meanwhile
        await this.show(stream);
      } catch (error) {
        if (asked !== this.asked) return;
        this.stop();
        write(this.words, error.name === "Insecure" ? INSECURE : (PROBLEMS[error.name] ?? UNKNOWN));
      }
    }

    async show(stream) {
      this.stream = stream;
      stream.getVideoTracks()[0].addEventListener("ended", () => this.stream === stream && this.lose());
      this.video.srcObject = stream;
      await this.video.play();
      const devices = await navigator.mediaDevices.enumerateDevices();
      this.turn.hidden = devices.filter(({ kind }) => kind === "videoinput").length < 2;
      write(this.words, this.isRepeating ? "Space or Enter takes a photo, too. Hold it down to take several." : "Space or Enter takes a photo, too.");
      this.take.disabled = false;
      this.take.focus();
    }

    lose() {
      this.stop();
      write(this.words, "The camera was unplugged or switched off: connect it and open the camera again.");
    }

    stop() {
      this.release();
      this.take.disabled = true;
      this.stream?.getTracks().forEach((track) => track.stop());
      this.stream = null;
      this.video.srcObject = null;
    }

    close() {
      if (!this.isOpen) return;
      const hadFocus = this.node.contains(document.activeElement);
      this.asked += 1;
      this.stop();
      this.node.hidden = true;
      if (running === this) running = null;
      this.onClose(hadFocus);
    }

    // A press takes a photo at once; while it lasts, another one every quarter of a second.
    listen() {
      this.take.addEventListener("pointerdown", (event) => event.button === 0 && this.press());
      for (const name of ["pointerup", "pointerleave", "pointercancel", "blur"]) {
        this.take.addEventListener(name, () => this.release());
      }
      this.take.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press on a phone
      this.take.addEventListener("keydown", (event) => {
        if (!KEYS.includes(event.key)) return;
        event.preventDefault();
        if (!event.repeat) this.press();
      });
      this.take.addEventListener("keyup", (event) => {
        if (!KEYS.includes(event.key)) return;
        event.preventDefault();
        this.release();
      });
      // A screen reader clicks without pointer or keys.
      this.take.addEventListener("click", (event) => event.detail === 0 && !event.pointerType && this.photo());
    }

    press() {
      this.release();
      this.photo();
      if (this.isRepeating) this.timer = setInterval(() => this.photo(), EVERY_MS);
    }

    release() {
      clearInterval(this.timer);
    }

    async photo() {
      if (!this.stream || !this.video.videoWidth) return;
      this.onPhoto(await tlvsft.grabPhoto(this.video));
    }
  }

  tlvsft.Camera = Camera;

  // "Try it": a photo from the camera takes the place of a file in the field for an image of one's own.
  tlvsft.askCamera = (element) => {
    const open = element.querySelector("button");
    const box = () => element.closest(".try-input");
    const give = (blob) => {
      const field = box().querySelector("input[type='file']");
      if (!field) return false;
      const transfer = new DataTransfer();
      transfer.items.add(new File([blob], "photo.jpg", { type: blob.type }));
      field.files = transfer.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      return true;
    };
    const camera = new Camera({
      isRepeating: false,
      onPhoto: (blob) => {
        if (give(blob)) return;
        box().querySelector(".icon-button-wrapper button")?.click(); // the file before goes; then the field is back
        requestAnimationFrame(() => requestAnimationFrame(() => give(blob)));
      },
      onClose: (hadFocus) => {
        open.hidden = false;
        if (hadFocus) open.focus();
      },
    });
    element.append(camera.node);
    open.addEventListener("click", () => {
      open.hidden = true;
      camera.open();
    });
  };
})();
