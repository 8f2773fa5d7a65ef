// The page in the reader's language. What the server and the scripts write is English; an observer replaces it by
// what the dictionary (assets/locales) has, remembers the English, and puts it back when English is chosen again. What is marked
// with translate="no" is data, and stays. Gradio's own words follow through its own locale.
"use strict";

window.tlvsft = window.tlvsft || {};

(() => {
  const KEPT_AS = "tlvsft-language";
  const ENGLISH = "en";
  const SPOKEN = ["aria-label", "aria-valuetext", "title", "placeholder", "alt", "data-title", "data-label", "data-drop"];
  const DATA = "[translate='no'], .file-preview .filename"; // the latter is gradio's
  const UNTOUCHED = `${DATA}, script, style, noscript, textarea, .main-svg`; // charts are translated before they are drawn
  const INLINE = new Set(["A", "ABBR", "B", "CODE", "DFN", "EM", "I", "KBD", "MARK", "SMALL", "SPAN", "STRONG", "SUB", "SUP"]);
  const MOST_INLINE = 16; // elements inside one message
  const LETTER = /\p{L}|\d/u;
  const PATIENCE_MS = 3000; // so long the page waits for its dictionary before it shows itself in English

  const { languages, gradio } = tlvsft.locales; // from the server: tlvsft/ui/language.py
  const dictionaries = new Map();
  const texts = new WeakMap(); // of a text node: the English, and what stands there instead
  const spoken = new WeakMap(); // of an element: the same by attribute
  const phrases = new WeakMap(); // of an element that was translated as a whole: what stood in it, and what stands there
  let messages = null; // null in English
  let code = ENGLISH;

  const isKnown = (name) => languages.some((language) => language.code === name);
  const keep = (name) => {
    try {
      localStorage.setItem(KEPT_AS, name);
    } catch {
      // Storage is off in this browser: the choice lasts as long as the page.
    }
  };
  const kept = () => {
    try {
      return localStorage.getItem(KEPT_AS);
    } catch {
      return null;
    }
  };

  // The address, else what was chosen before, else the browser's languages.
  const firstChoice = () => {
    const asked = new URLSearchParams(location.search).get("lang");
    const spokenHere = [...(navigator.languages ?? [navigator.language])].map((name) => name.slice(0, 2).toLowerCase());
    return [asked, kept(), ...spokenHere, ENGLISH].find(isKnown);
  };

  const isData = (node) => Boolean((node.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest(UNTOUCHED));

  // Single texts

  const sourceOfText = (node) => {
    const record = texts.get(node);
    return record && record.shown === node.data ? record.source : node.data;
  };

  const showText = (node) => {
    const source = sourceOfText(node);
    if (!LETTER.test(source)) return;
    const shown = messages ? messages.translate(source) : source;
    texts.set(node, { source, shown });
    if (node.data !== shown) node.data = shown;
  };

  const showAttribute = (element, name) => {
    const now = element.getAttribute(name);
    if (!now || element.matches(`${DATA}, .main-svg *`)) return;
    const records = spoken.get(element) ?? spoken.set(element, {}).get(element);
    const source = records[name]?.shown === now ? records[name].source : now;
    const shown = messages ? messages.translate(source) : source;
    records[name] = { source, shown };
    if (now !== shown) element.setAttribute(name, shown);
  };

  // Phrases: texts with elements inside, whose order may be another one in another language

  const isPhrase = (element) =>
    element.firstElementChild !== null &&
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && LETTER.test(node.data)) &&
    [...element.querySelectorAll("*")].every((inner) => INLINE.has(inner.tagName)) &&
    element.querySelectorAll("*").length <= MOST_INLINE;

  // `text <1>inner</1> text`, and the inner elements in their order.
  const writePhrase = (element, inner = []) => {
    let written = "";
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) written += sourceOfText(node);
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      const number = inner.push(node);
      written += `<${number}>${writePhrase(node, inner).written}</${number}>`;
    }
    return { written: written.replace(/\s+/g, " "), inner };
  };

  // Nodes for a written phrase; the inner elements stay the ones that they are.
  const readPhrase = (written, inner) => {
    const nodes = [];
    const tags = /<(\d+)>(.*?)<\/\1>/gs;
    let at = 0;
    for (const match of written.matchAll(tags)) {
      if (match.index > at) nodes.push(document.createTextNode(written.slice(at, match.index)));
      const element = inner[Number(match[1]) - 1];
      element.replaceChildren(...readPhrase(match[2], inner));
      nodes.push(element);
      at = match.index + match[0].length;
    }
    if (at < written.length) nodes.push(document.createTextNode(written.slice(at)));
    return nodes;
  };

  // Puts back what stood in a phrase; whether it was one that still stands there.
  const restorePhrase = (element) => {
    const record = phrases.get(element);
    phrases.delete(element);
    if (!record || record.shown.some((node) => node.parentNode !== element)) return false;
    for (const { parent, children } of record.before) parent.replaceChildren(...children);
    return true;
  };

  const showPhrase = (element) => {
    if (phrases.has(element) && !restorePhrase(element)) return false;
    if (!messages || !isPhrase(element)) return false;
    const { written, inner } = writePhrase(element);
    const bare = written.trim();
    const found = messages.findPhrase(bare);
    if (!found || !sameTags(found.text, inner.length)) return false;
    const before = [element, ...inner].map((parent) => ({ parent, children: [...parent.childNodes] }));
    const whole = written.replace(bare, () => found.text);
    const nodes = readPhrase(whole, inner);
    element.replaceChildren(...nodes);
    phrases.set(element, { source: bare, before, shown: nodes, missing: found.missing });
    inner.forEach(showAttributes);
    return true;
  };

  // A dictionary may keep or move the elements of a phrase, never lose one.
  const sameTags = (written, count) =>
    Array.from({ length: count }, (_, place) => `<${place + 1}>`).every((tag) => written.split(tag).length === 2);

  // The whole page, and what changes on it

  // Whether a text is, or has just become, part of a phrase.
  const isInPhrase = (node) => {
    for (let element = node.parentElement; element; element = element.parentElement) {
      if (phrases.get(element)?.shown.some((one) => one.contains(node)) || showPhrase(element)) return true;
      if (!INLINE.has(element.tagName)) return false;
    }
    return false;
  };

  const showAttributes = (element) => {
    for (const name of SPOKEN) if (element.hasAttribute(name)) showAttribute(element, name);
  };

  const showTree = (root) => {
    if (root.nodeType === Node.TEXT_NODE) {
      showChanged(root);
      return;
    }
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    if (isData(root)) {
      root.querySelectorAll("*").forEach(showAttributes); // what is said of data isn't data
      return;
    }
    showAttributes(root);
    if (showPhrase(root)) return;
    for (const child of [...root.childNodes]) {
      if (child.nodeType === Node.TEXT_NODE) showText(child);
      else showTree(child);
    }
  };

  // A text that was written: it may be part of a phrase.
  const showChanged = (node) => {
    if (!node.isConnected || isData(node)) return;
    const record = texts.get(node);
    if (record && record.shown === node.data) return;
    if (!isInPhrase(node)) showText(node);
  };

  // Somebody else has written into a phrase: gradio, for one, changes only what differs from what stands there. What
  // stands there now is English.
  const forgetPhrases = (node) => {
    for (let element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node; element; element = element.parentElement) {
      phrases.delete(element);
      if (!INLINE.has(element.tagName)) return;
    }
  };

  const showAdded = (node) => {
    if (!node.isConnected) return;
    if (!INLINE.has(node.tagName) || isData(node) || !isInPhrase(node)) showTree(node);
  };

  // A word inside a phrase loses the focus when the phrase is written again, by gradio or from here: it gets it back, or
  // the same word that has come in its place does.
  let focused = null;
  document.addEventListener("focusin", ({ target }) => (focused = target));
  document.addEventListener("pointerdown", () => (focused = null));
  const keepFocus = (changes) => {
    const lost = focused;
    if (!lost?.dataset.term || document.activeElement !== document.body) return;
    const around = changes.filter(({ removedNodes }) => [...removedNodes].some((node) => node.contains(lost)));
    const words = around.flatMap(({ target }) => (target.isConnected ? [...target.querySelectorAll(".term")] : []));
    const found = lost.isConnected ? lost : words.find((word) => word.dataset.term === lost.dataset.term);
    if (around.length) found?.focus({ preventScroll: true });
  };

  const observer = new MutationObserver((changes) => {
    for (const { type, target } of changes) if (type !== "attributes") forgetPhrases(target);
    for (const { type, target, addedNodes, attributeName } of changes) {
      if (type === "characterData") showChanged(target);
      else if (type === "attributes") showAttribute(target, attributeName);
      else addedNodes.forEach(showAdded);
    }
    keepFocus(changes.concat(observer.takeRecords())); // also of what it did itself
  });

  const observe = () =>
    observer.observe(document.documentElement, {
      subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: SPOKEN,
    });

  // Choosing

  const fetchMessages = async (name) => {
    if (name === ENGLISH) return null;
    const { file } = languages.find((language) => language.code === name);
    if (!dictionaries.has(name)) {
      const reply = await fetch(file);
      dictionaries.set(name, new tlvsft.Messages(name, (await reply.json()).messages));
    }
    return dictionaries.get(name);
  };

  // Gradio's own words, and the choices of its lists, have a locale of their own. It has no public door at run time but
  // the one that its settings use.
  const tellGradio = async () => {
    if (!gradio) return;
    const { changeLocale } = await import(new URL(gradio, document.baseURI).href);
    changeLocale?.(code);
  };

  const show = async (name) => {
    const found = await fetchMessages(name).catch((error) => (console.warn("language:", error), undefined));
    if (found === undefined) return;
    messages = found;
    code = name;
    document.documentElement.lang = code;
    observer.disconnect();
    document.querySelectorAll("title, body").forEach(showTree);
    if (messages) observe();
    await tellGradio().catch((error) => console.warn("language:", error));
    document.documentElement.lang = code;
    window.dispatchEvent(new Event("tlvsft-language"));
  };

  const choose = (name) => {
    if (!isKnown(name)) return;
    keep(name);
    const address = new URL(location.href);
    if (address.searchParams.has("lang")) {
      address.searchParams.set("lang", name);
      history.replaceState(history.state, "", address);
    }
    show(name);
  };

  tlvsft.language = {
    get code() {
      return code;
    },
    // Where numbers have what: `,.` is what plotly wants to hear of German.
    get separators() {
      return messages ? messages.separators.decimal + messages.separators.group : ".,";
    },
    choose,
    // For what isn't in the page as text: the labels of charts.
    translate: (text) => (messages ? messages.translate(text) : text),
    // What was written into an element, whatever the reader sees.
    sourceOf: (element) => {
      if (!element) return null;
      const record = phrases.get(element);
      if (record && record.shown.every((node) => node.parentNode === element)) return record.source;
      return [...element.childNodes]
        .map((node) => (node.nodeType === Node.TEXT_NODE ? sourceOfText(node) : (node.textContent ?? "")))
        .join("");
    },
    // For those who look for gaps: everything to be read or heard on the page that stays English.
    gaps: (root = document.body) => (messages ? findGaps(root) : []),
  };

  // The switch in the header.
  tlvsft.languageSwitch = (element) => {
    const select = element.querySelector("[data-language]");
    if (!select) return;
    const render = () => {
      select.value = code;
      select.parentElement.firstElementChild.textContent = code.toUpperCase();
    };
    select.addEventListener("change", () => choose(select.value));
    window.addEventListener("tlvsft-language", render);
    render();
  };

  const isSeen = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? true;

  const findGaps = (root) => {
    const gaps = new Set();
    const tell = (source) => messages.missing(source).forEach((piece) => gaps.add(piece));
    for (const element of [root, ...root.querySelectorAll("*")]) {
      if (!isSeen(element) || element.matches(`${DATA}, .main-svg *`)) continue;
      for (const name of SPOKEN) {
        if (element.getAttribute(name)) tell(spoken.get(element)?.[name]?.source ?? element.getAttribute(name));
      }
      if (element.matches("input[role]")) tell(element.value); // what is chosen in a list of gradio's
      phrases.get(element)?.missing.forEach((piece) => gaps.add(piece));
      if (isData(element) || isTranslatedAsPart(element)) continue;
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) tell(sourceOfText(node));
    }
    return [...gaps];
  };

  const isTranslatedAsPart = (element) => {
    for (let at = element; at; at = at.parentElement) if (phrases.has(at)) return true;
    return false;
  };

  code = firstChoice();
  if (code !== ENGLISH) {
    document.documentElement.classList.add("is-coming");
    setTimeout(() => document.documentElement.classList.remove("is-coming"), PATIENCE_MS);
  }
  show(code).finally(() => document.documentElement.classList.remove("is-coming"));
})();
