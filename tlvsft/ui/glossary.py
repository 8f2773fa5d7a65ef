"""Words that explain themselves: marked where they stand, and all of them in a list at the foot of the page.

A marked word is described by its entry in that list, which is always on the page, for whoever listens; its script
(`assets/js/glossary.js`) shows the same to whoever points at it, tabs to it or taps it.
"""

from __future__ import annotations

import re

from tlvsft.catalog.glossary import GLOSSARY, Entry, find_entry
from tlvsft.errors import UnknownName
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.sources import source_links


def term(word: str) -> Markup:
    """A word of the glossary as it is to stand in a text: `term("backbones")`.

    Raises:
        UnknownName: The glossary doesn't explain it.
    """
    entry = find_entry(word)
    if entry is None:
        raise UnknownName("word of the glossary", word, GLOSSARY)
    return element(
        "dfn", word, class_="term", tabindex=0, data_term=entry.key, aria_describedby=f"glossary-{entry.key}"
    )


def with_terms(text: str, *words: str) -> Markup:
    """A text in which each of these words is marked where it first stands.

    Raises:
        UnknownName: The glossary doesn't explain one of them.
    """
    if not words:
        return join([text])
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})\b", flags=re.IGNORECASE)
    pieces: list[Markup | str] = []
    marked: set[str] = set()
    for index, piece in enumerate(pattern.split(text)):
        is_first = index % 2 == 1 and piece.lower() not in marked
        pieces.append(term(piece) if is_first else piece)
        marked |= {piece.lower()} if is_first else set()
    return join(pieces)


def known_words(text: str) -> tuple[str, ...]:
    """The words of a text that the glossary explains, each thing once, in the form in which it first stands."""
    found: dict[str, str] = {}
    for entry in GLOSSARY.values():
        forms = sorted((entry.name, *entry.forms), key=len, reverse=True)
        pattern = rf"\b({'|'.join(map(re.escape, forms))})\b"
        if match := re.search(pattern, text, flags=re.IGNORECASE):
            found.setdefault(entry.key, match[1])
    return tuple(found.values())


def glossary_html() -> Markup:
    """All words, folded away at the foot of the page."""
    entries = sorted(GLOSSARY.values(), key=lambda entry: entry.name.lower())
    words = [element("div", *_describe(entry)) for entry in entries]
    summary = element("summary", "Glossary", element("span", f"{len(words)} words in plain English", class_="facts"))
    return element("details", summary, element("dl", *words), class_="card glossary")


def _describe(entry: Entry) -> tuple[Markup, Markup]:
    source = join([" ", source_links(entry.source)]) if entry.source else None
    explanation = element("span", entry.explanation, id=f"glossary-{entry.key}")
    return (
        element("dt", entry.name, data_forms=",".join((entry.name.lower(), *entry.forms))),
        element("dd", explanation, source),
    )
