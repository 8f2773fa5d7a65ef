"""Numbers and names in words, as the report and the cards write them."""

from __future__ import annotations

import re

from tlvsft.catalog.methods import get_method
from tlvsft.catalog.own import DELETED_DATA, find_dataset, is_own
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison import shown_name
from tlvsft.comparison.figures import MISSING
from tlvsft.comparison.naming import telling_settings
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import BlockState

# U+FE0E asks for the sign in text form: in one colour, not as a picture.
STATE_SIGNS: dict[BlockState, str] = {
    "frozen": "❄\ufe0e",
    "trains": "▲\ufe0e",
    "new": "✦\ufe0e",
    "adapts": "⊕\ufe0e",
}
STATE_WORDS: dict[BlockState, str] = {
    "frozen": "frozen",
    "trains": "trains",
    "new": "new",
    "adapts": "adapter trains",
}
_MARKDOWN = re.compile(r"(^[-+]|[\\`*_{}\[\]()#|~>])")


def decimal(value: float | None, digits: int = 3) -> str:
    """A number with so many decimals."""
    return MISSING if value is None else f"{value:,.{digits}f}"


def comparison_title(config: ComparisonConfig) -> str:
    """A comparison's short name: its story, or its data."""
    return PRESETS[config.preset].title if config.preset in PRESETS else data_title(config)


def data_title(config: ComparisonConfig) -> str:
    """What a comparison reads."""
    return dataset_title(config.dataset.name)


def dataset_title(name: str) -> str:
    """What data are called, wherever they come from."""
    known = find_dataset(name)
    if known is None:
        return DELETED_DATA if is_own(name) else shown_name(name)
    return known.title


def side_titles(config: ComparisonConfig) -> dict[Side, str]:
    """What the two variants are called in headings and in names of files."""
    titles = {side: get_method(config.variant(side).method).title for side in SIDES}
    if titles["left"] != titles["right"]:
        return titles
    details = telling_settings(config) or {side: side for side in SIDES}
    return {side: f"{titles[side]} ({details[side]})" for side in SIDES}


def count_words(config: ComparisonConfig) -> str:
    """How many examples both were given: `50 labels`, `all texts`."""
    unit = "texts" if config.task == "language_modeling" else "labels"
    return f"all {unit}" if config.labels is None else f"{config.labels:,} {unit}"


def seed_words(config: ComparisonConfig) -> str:
    """Which seeds, e.g. `seeds 0–2`."""
    last = config.seed + config.seeds - 1
    return f"seed {config.seed}" if config.seeds == 1 else f"seeds {config.seed}–{last}"


def plain_markdown(text: str) -> str:
    """A text of somebody else's on one line of Markdown, as nothing but text."""
    one_line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return _MARKDOWN.sub(r"\\\1", one_line)
