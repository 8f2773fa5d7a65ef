// The scoreboard while it trains: the poll brings the latest figures (news.js), and only what has changed is written.
"use strict";

window.tlvsft = window.tlvsft || {};

tlvsft.showScores = (scores) => {
  for (const [side, score] of Object.entries(scores)) {
    const cell = document.querySelector(`[data-score="${side}"]`);
    if (!cell) continue;
    for (const [part, words] of Object.entries(score)) {
      tlvsft.write(cell.querySelector(`.${part}`), words);
    }
  }
};
