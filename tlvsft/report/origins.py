"""Where backbone and data come from, and under which licences."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.own import DELETED_DATA, find_described, is_own
from tlvsft.comparison import shown_name

_LICENCE = re.compile(r"^license: *([\w.-]+) *$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """One source.

    Attributes:
        words: What it is and who made it, one or two sentences.
        licence: As its card names it; `None` where this program doesn't know it.
    """

    name: str
    words: str
    licence: str | None


def backbone_origin(name: str) -> Origin:
    """Of a backbone."""
    if name not in BACKBONES:
        words = "Not bundled with tlvsft: its own card says who made it and what may be done with it."
        return Origin(name=shown_name(name), words=words, licence=None)
    backbone = BACKBONES[name]
    card = backbone.path / "README.md"
    found = _LICENCE.search(card.read_text(encoding="utf-8")) if card.is_file() else None
    return Origin(name=name, words=backbone.description, licence=found[1] if found else None)


def data_origin(name: str) -> Origin:
    """Of a dataset."""
    if is_own(name):
        own = find_described(name)
        words = "Uploaded or collected by whoever made this comparison: its terms are theirs to know."
        return Origin(name=own.title if own else DELETED_DATA, words=words, licence=None)
    if name not in DATASETS:
        words = "Your own data, or a set that isn't bundled with tlvsft: its terms are yours to know."
        return Origin(name=shown_name(name), words=words, licence=None)
    data = DATASETS[name]
    return Origin(name=data.name, words=data.origin, licence=data.licence)


def licence_words(origin: Origin) -> str:
    """Its licence, or that none is known."""
    return f"Licence: {origin.licence}." if origin.licence else "Licence: unknown to this program."
