// Where the test examples lie: t-SNE takes seconds, so the server computes it once somebody opens the part, and this asks
// until it is there. The answer is the whole drawing, made by the server as the page's own was.
"use strict";

(() => {
  const EVERY_MS = 700;
  const MOST_QUESTIONS = 200; // others may be waiting for theirs
  const PATIENCE_MS = 10_000;
  const NONE = "t-SNE can't be had for this comparison.";

  const ask = async ({ news, key }) => {
    try {
      return await fetch(news.replace("/news/", "/projection/"), {
        headers: { "X-Tlvsft-Key": key },
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch {
      return { status: 0 }; // the server may be starting again
    }
  };

  const fill = async (part) => {
    const shown = tlvsft.race?.shown;
    const isWanted = () =>
      part.isConnected && part.open && part.querySelector(".tsne-missing") && tlvsft.race.shown?.news === shown.news;
    for (let asked = 0; shown && isWanted() && asked < MOST_QUESTIONS; asked += 1) {
      const reply = await ask(tlvsft.race.shown);
      if (!isWanted()) return;
      if (reply.status === 200) {
        const drawing = await reply.text();
        if (isWanted()) part.querySelector(".maps").outerHTML = drawing;
        return;
      }
      if (reply.status !== 202 && reply.status !== 0) {
        part.querySelector(".tsne-missing").textContent = NONE;
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  };

  // A part says that it was opened, but only to itself: so this listens on the way down.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.id === "evidence-projection" && target.open) fill(target);
    },
    true,
  );
})();
