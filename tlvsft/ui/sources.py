"""Links to papers, made from how they are cited: `Hu et al. 2021, arXiv:2106.09685`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tlvsft.ui.markup import Markup, element, join

_ARXIV = re.compile(r",? ?arXiv:(\d{4}\.\d{4,5})")
_DOI = re.compile(r",? ?doi:(10\.\d{4,9}/[^\s,;]+)")


def source_links(source: str) -> Markup:
    """A citation as a link; one after the other where there are several. What has no address stays text."""
    return separated([_link(part) for part in source.split("; ") if part], "; ")


def separated(links: Sequence[Markup], between: str = " · ") -> Markup:
    """One link after the other."""
    return join([piece for link in links for piece in (between, link)][1:])


def address_of(citation: str) -> str | None:
    """The address of a cited paper, `None` if it names none."""
    if found := _ARXIV.search(citation):
        return f"https://arxiv.org/abs/{found[1]}"
    if found := _DOI.search(citation):
        return f"https://doi.org/{found[1]}"
    return None


def _link(citation: str) -> Markup:
    address = address_of(citation)
    words = _DOI.sub("", _ARXIV.sub("", citation))
    return element("span", words, translate="no") if address is None else external_link(words, address)


def external_link(words: str, address: str) -> Markup:
    """A link that leaves the page: in a new tab, which hears nothing of this one."""
    hidden = element("span", " (opens in a new tab)", class_="reader-only")
    arrow = element("span", "\u00a0↗\ufe0e", aria_hidden="true")
    return element(
        "a",
        element("span", words, translate="no"),
        arrow,
        hidden,
        href=address,
        target="_blank",
        rel="noopener noreferrer",
        class_="source",
    )
