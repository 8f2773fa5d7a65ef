"""Numbers in words, the same way everywhere on the page."""

from __future__ import annotations

from datetime import datetime

from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.own import DELETED_DATA, find_dataset, is_own
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison import Winner, telling_settings
from tlvsft.comparison import block_title as block_title  # noqa: PLC0414  a text like the others here
from tlvsft.comparison.figures import percent, perplexity, seconds
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import Ancestor, BlockStatus

TITLE = "Transfer learning vs fine-tuning"
QUESTION = "With this little data: freeze the pretrained network and train a new head, or retrain all of it?"

WINNER_WORDS: dict[Winner, str] = {"left": "left wins", "right": "right wins", "tie": "too close to call"}
"""A verdict's badge."""


def rough_seconds(duration_s: float) -> str:
    """A duration that is only estimated, in whole seconds, e.g. `about 4 s`."""
    return "about " + (f"{max(1, round(duration_s))} s" if duration_s < 59.5 else seconds(duration_s))


def perplexity_change(before: float | None, after: float | None) -> str:
    """What became of a perplexity, e.g. `142.3 → 72.1 (−49 %)`; a dash for what is missing."""
    if before is None or after is None:
        return "–" if after is None else perplexity(after)
    share = 100 * (after / before - 1) if before > 0 else 0.0
    sign = "−" if share < 0 else "+"
    return f"{perplexity(before)} → {perplexity(after)} ({sign}{abs(share):.0f} %)"


def clock_time(timestamp: float, *, now: float) -> str:
    """When something happened, as short as is clear: the time today, the date before."""
    then, today = datetime.fromtimestamp(timestamp), datetime.fromtimestamp(now)
    return then.strftime("%H:%M" if then.date() == today.date() else "%d %b %H:%M")


def describe_training(blocks: tuple[BlockStatus, ...], trainable: int) -> tuple[str, str, str]:
    """The parts of `training 2,570 of 1,229,674 parameters (0.21 %)`: trained, all, share."""
    total = sum(block.parameters + block.adapter_parameters for block in blocks)
    share = 100 * trainable / max(total, 1)
    digits = 2 if 0 < share < 1 else 1 if share < 99.95 else 0
    return f"{trainable:,}", f"{total:,}", f"{share:.{digits}f} %"


def side_names(config: ComparisonConfig) -> dict[Side, str]:
    """What the two variants are called: where the method doesn't tell them apart, by their starts or their sides."""
    titles = {side: _method_title(config, side) for side in SIDES}
    if config.left.method != config.right.method:
        return titles
    starts = {side: config.variant(side).start is not None for side in SIDES}
    if settings := telling_settings(config):
        return {side: f"{titles[side]} ({settings[side]})" for side in SIDES}
    if starts["left"] == starts["right"]:
        return {side: f"{titles[side]} ({side})" for side in SIDES}
    return {side: titles[side] + (" (from an earlier run)" if starts[side] else " (straight)") for side in SIDES}


def comparison_title(config: ComparisonConfig) -> str:
    """A comparison's short name: its story, or its data."""
    if config.preset in PRESETS:
        return PRESETS[config.preset].title
    return data_title(config)


def title_is_data(config: ComparisonConfig) -> bool:
    """Whether a comparison is called by what a visitor called their data, which no language translates."""
    title = comparison_title(config)
    return is_own(config.dataset.name) and title == dataset_title(config.dataset.name) != DELETED_DATA


def describe_seeds(config: ComparisonConfig) -> str:
    """Which seeds, e.g. `seeds 0–2`."""
    last = config.seed + config.seeds - 1
    return f"seed {config.seed}" if config.seeds == 1 else f"seeds {config.seed}–{last}"


def describe_comparison(config: ComparisonConfig) -> str:
    """What was compared on what, in one line."""
    epochs = "" if config.epochs is None else f", {config.epochs:,} epochs"
    noise = f", {100 * config.label_noise:g} % of them wrong" if config.label_noise else ""
    data = f"{data_title(config)}, {describe_count(config)}{noise}"
    return f"{config.backbone} on {data}{epochs}, {describe_seeds(config)}"


def describe_count(config: ComparisonConfig) -> str:
    """How many examples both were given: `50 labels`, or `all texts` where labels aren't read."""
    unit = "texts" if predicts_words(config) else "labels"
    return f"all {unit}" if config.labels is None else f"{config.labels:,} {unit}"


def predicts_words(config: ComparisonConfig) -> bool:
    """Whether both variants learn words rather than classes."""
    return config.task == "language_modeling"


def data_title(config: ComparisonConfig) -> str:
    """What a comparison reads: its dataset; for language modelling without what the labels would have said."""
    title = dataset_title(config.dataset.name)
    return f"{title.split(':')[0]}, next words" if predicts_words(config) else title


def describe_ancestor(ancestor: Ancestor) -> str:
    """An earlier run as one station of a way, e.g. `book-reviews (next words, perplexity 142.3 → 72.1)`."""
    title = dataset_title(ancestor.dataset)
    if ancestor.task == "language_modeling":
        fall = [perplexity(value) for value in (ancestor.perplexity_before, ancestor.perplexity) if value is not None]
        return f"{title.split(':')[0]} (next words, perplexity {' → '.join(fall) or 'unknown'})"
    accuracy = ancestor.test_accuracy
    return title if accuracy is None else f"{title} ({percent(accuracy)} right)"


def dataset_title(name: str) -> str:
    """A dataset's display name; for one that is neither bundled nor a visitor's own, the end of its path."""
    known = find_dataset(name)
    if known is None and is_own(name):
        return DELETED_DATA
    return known.title if known else name.rstrip("/").rsplit("/", maxsplit=1)[-1]


def inside_sentence(title: str) -> str:
    """A title as it stands inside a sentence: `linear probe`, but `LoRA`."""
    return title[0].lower() + title[1:] if title[1:].islower() else title


def class_title(name: str) -> str:
    """A class's display name."""
    return name.replace("_", " ")


def _method_title(config: ComparisonConfig, side: Side) -> str:
    method = config.variant(side).method
    return METHODS[method].title if method in METHODS else method
