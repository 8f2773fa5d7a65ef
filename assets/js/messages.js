// The messages of one language: English in, that language out. Pure; what is on the page is language.js's business.
//
// The keys of the dictionary are the English texts. `{n}` (one letter) stands for a number, which is written as the
// language writes numbers; `{name}` for words, which are translated in their turn; `{_name}` for data, which stays. `<1>…</1>` is
// the first element inside a text, `<2>…</2>` the second. Texts that are put together from several are taken apart.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const PLACEHOLDER = /\{(\w+)\}/g;
  const NUMBER = "[+−-]?\\d[\\d,]*(?:\\.\\d+)?(?:e[+−-]?\\d+)?";
  const NUMBERS = /(?<![\w.,])(\d[\d,]*(?:\.\d+)?)(?![\d]*\.\d)/g;
  const UNITS = /(?<=\d\s?)(?:ms|min|s|kB|KB|MB|GB|GiB|px|e-?\d+)(?![\p{L}])/gu;
  const LETTER = /\p{L}/u;
  const BETWEEN = [/( ?· )/, /(?<=[.!?…])(\s+)(?=[\p{Lu}\d“"(≈])/u, /(; )/, /( → )/, /(, )/]; // where texts are put together
  const DEEPEST = 7;
  const TELLING = 4; // a template with fewer letters of its own fits by chance: it counts where all in it is known
  const MOST_KEPT = 4000;

  const escape = (literal) => literal.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

  // A key with placeholders: how it is recognised, and what fills its translation.
  const compile = (key, translation) => {
    const pieces = key.split(PLACEHOLDER); // literal, name, literal, …
    const literals = pieces.filter((_, place) => place % 2 === 0);
    const names = pieces.filter((_, place) => place % 2 === 1);
    const groups = pieces.map((piece, place) => {
      if (place % 2 === 0) return escape(piece);
      return piece.length === 1 ? `(${NUMBER})` : "(.+?)";
    });
    return {
      names,
      translation,
      pattern: new RegExp(`^${groups.join("")}$`, "su"),
      begin: literals[0],
      end: literals[literals.length - 1],
      hint: literals.reduce((longest, literal) => (literal.length > longest.length ? literal : longest), ""),
      weight: literals.join("").length,
    };
  };

  // Whether a pattern is worth trying: most aren't, and this is seen much faster.
  const mayFit = ({ begin, end, hint }, text) => text.startsWith(begin) && text.endsWith(end) && text.includes(hint);

  // How a language writes numbers: what stands before decimals, and between groups of three digits.
  const separatorsOf = (language) => {
    const parts = new Intl.NumberFormat(language, { useGrouping: "always" }).formatToParts(12345.6);
    const find = (wanted) => parts.find(({ type }) => type === wanted)?.value ?? "";
    return { decimal: find("decimal"), group: find("group") };
  };

  tlvsft.Messages = class {
    constructor(language, messages) {
      this.separators = separatorsOf(language);
      this.exact = new Map();
      this.templates = [];
      this.phrases = []; // keys with elements inside
      for (const [key, translation] of Object.entries(messages)) {
        if (key.includes("<1>")) this.phrases.push(compile(key, translation));
        else if (/\{\w+\}/.test(key)) this.templates.push(compile(key, translation));
        else this.exact.set(key, translation);
      }
      for (const list of [this.templates, this.phrases]) list.sort((one, other) => other.weight - one.weight);
      this.known = new Set(this.exact.values());
      this.kept = new Map();
      this.isCut = false;
    }

    // A text in this language; as it is, where nothing of it is known. White space around it stays.
    translate(text) {
      const bare = text.trim();
      const found = this.find(bare);
      return found ? text.replace(bare, () => found.text) : text;
    }

    // The pieces of a text that stay English, for those who look for gaps.
    missing(text) {
      const bare = text.trim();
      return this.known.has(bare) ? [] : (this.find(bare)?.missing ?? (LETTER.test(bare) ? [bare] : []));
    }

    // `{ text, missing }`; null where nothing of it is known.
    find(text) {
      return text ? this.recall(text.replace(/\s+/g, " "), 0) : null;
    }

    // Pieces come again and again: names, shares, steps.
    recall(text, depth) {
      if (this.kept.has(text)) return this.kept.get(text);
      if (this.kept.size >= MOST_KEPT) this.kept.clear();
      const wasCut = this.isCut;
      this.isCut = false;
      const found = this.resolve(text, depth);
      if (!this.isCut) this.kept.set(text, found);
      this.isCut = this.isCut || wasCut;
      return found;
    }

    // The same for a text with elements inside, which is known as a whole or not at all.
    findPhrase(written) {
      for (const phrase of this.phrases) {
        const match = mayFit(phrase, written) && phrase.pattern.exec(written);
        if (match) return this.fill(phrase, match, 0);
      }
      return null;
    }

    resolve(text, depth) {
      const exact = this.exact.get(text) ?? this.exact.get(text[0].toUpperCase() + text.slice(1));
      if (exact !== undefined) return { text: exact, missing: [] };
      if (!LETTER.test(text.replace(UNITS, ""))) return { text: this.writeNumbers(text), missing: [] };
      if (depth > DEEPEST) {
        this.isCut = true; // further up it may be known: this answer isn't kept
        return null;
      }
      let best = null;
      for (const template of this.templates) {
        const match = mayFit(template, text) && template.pattern.exec(text);
        const filled = match && this.fill(template, match, depth);
        if (!filled) continue;
        if (!filled.missing.length) return filled;
        if (template.weight >= TELLING && (!best || lengthOf(filled) < lengthOf(best))) best = filled;
      }
      const split = this.split(text, depth);
      return split && (!best || lengthOf(split) < lengthOf(best)) ? split : best;
    }

    fill({ names, translation }, match, depth) {
      const values = new Map();
      const missing = [];
      names.forEach((name, place) => {
        const value = match[place + 1];
        if (name.startsWith("_")) values.set(name, value);
        else if (name.length === 1) values.set(name, this.writeNumbers(value));
        else values.set(name, this.take(value, depth, missing));
      });
      return { text: translation.replace(PLACEHOLDER, (_, name) => values.get(name)), missing };
    }

    // A text inside another one; what isn't known of it is told.
    take(text, depth, missing) {
      const bare = text.trim();
      const found = bare ? this.recall(bare, depth + 1) : null;
      missing.push(...(found?.missing ?? (LETTER.test(bare) && !this.known.has(bare) ? [bare] : [])));
      return found ? text.replace(bare, () => found.text) : text;
    }

    split(text, depth) {
      let best = null;
      for (const between of BETWEEN) {
        const pieces = text.split(between);
        if (pieces.length === 1) continue;
        const missing = [];
        const told = pieces.map((piece, place) => (place % 2 === 0 ? this.take(piece, depth, missing) : piece));
        const found = { text: told.join(""), missing };
        if (!missing.length) return found;
        if (found.text !== text && (!best || lengthOf(found) < lengthOf(best))) best = found;
      }
      return best;
    }

    writeNumbers(text) {
      const { decimal, group } = this.separators;
      return text.replace(NUMBERS, (number) => number.replace(/[.,]/g, (sign) => (sign === "," ? group : decimal)));
    }
  };

  const lengthOf = ({ missing }) => missing.reduce((sum, piece) => sum + piece.length, 0);
})();
