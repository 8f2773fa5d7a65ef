// Pictures in the browser: read from a file or a camera, scaled down, encoded, packed. Nothing here is sent anywhere.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const LONGEST_SIDE = 256; // pixels; the bundled backbone for photos reads 64
  const QUALITY = 0.85;
  const MOST_FILE_BYTES = 40e6;
  const MOST_PIXELS = 50e6;
  const SALT_BYTES = 16;
  const GROUND = "#fff"; // behind what is transparent: JPEG has no transparency

  const encode = (canvas) =>
    new Promise((done, fail) => {
      canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no picture"))), "image/jpeg", QUALITY);
    });

  // A part of an image or a video as a small JPEG.
  const shrink = (source, [x, y, width, height]) => {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.fillStyle = GROUND;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, x, y, width, height, 0, 0, canvas.width, canvas.height);
    return encode(canvas);
  };

  const load = (address) =>
    new Promise((done, fail) => {
      const image = new Image();
      image.onload = () => done(image);
      image.onerror = () => fail(new Error("no picture"));
      image.src = address;
    });

  // A file as a small JPEG. The image knows its size from the header, before anything is decoded.
  tlvsft.readPhoto = async (file) => {
    if (file.size > MOST_FILE_BYTES || file.type === "image/svg+xml") throw new Error("no photo");
    const address = URL.createObjectURL(file);
    try {
      const image = await load(address);
      const { naturalWidth: width, naturalHeight: height } = image;
      if (!width || !height || width * height > MOST_PIXELS) throw new Error("too large");
      return await shrink(image, [0, 0, width, height]);
    } finally {
      URL.revokeObjectURL(address);
    }
  };

  // A number of 53 bits for what a picture's file holds: the same for the same file.
  // Source: cyrb53, by bryc, public domain (github.com/bryc/code).
  tlvsft.fingerprint = async (blob) => {
    let [high, low] = [0xdeadbeef, 0x41c6ce57];
    for (const byte of new Uint8Array(await blob.arrayBuffer())) {
      high = Math.imul(high ^ byte, 2654435761);
      low = Math.imul(low ^ byte, 1597334677);
    }
    high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
    low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
    return 4294967296 * (2097151 & low) + (high >>> 0);
  };

  // The square in the middle of what a camera sees.
  tlvsft.grabPhoto = (video) => {
    const { videoWidth: width, videoHeight: height } = video;
    const side = Math.min(width, height);
    return shrink(video, [(width - side) / 2, (height - side) / 2, side, side]);
  };

  // Pictures as one file: random bytes first, so that nobody can guess where it will lie; then before each picture its
  // length in bytes, a big-endian number of 32 bits.
  tlvsft.packPhotos = (blobs) => {
    const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
    const parts = blobs.flatMap((blob) => {
      const length = new DataView(new ArrayBuffer(4));
      length.setUint32(0, blob.size);
      return [length.buffer, blob];
    });
    return new File([salt, ...parts], "pictures.bin", { type: "application/octet-stream" });
  };
})();
