"""Numbers in words, the same way everywhere on the page."""

from __future__ import annotations

from datetime import datetime

from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.presets import PRESETS
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import BlockState, BlockStatus

TITLE = "Transfer learning vs fine-tuning"
QUESTION = "With this little data: freeze the pretrained network and train a new head, or retrain all of it?"

# U+FE0E asks for the sign in text form: in one colour, not as a picture.
STATE_SIGNS: dict[BlockState, str] = {"frozen": "❄\ufe0e", "trains": "▲\ufe0e", "new": "✦\ufe0e"}


def percent(share: float) -> str:
    """A share (0–1) as a percentage with one decimal, e.g. `95.2 %`."""
    return f"{100 * share:.1f} %"


def seconds(duration_s: float) -> str:
    """A duration, e.g. `3.1 s` or `1 min 20 s`."""
    if duration_s < 60:
        return f"{duration_s:.1f} s"
    minutes, rest = divmod(round(duration_s), 60)
    return f"{minutes} min {rest} s"


def rough_seconds(duration_s: float) -> str:
    """A duration that is only estimated, in whole seconds, e.g. `about 4 s`."""
    return "about " + (f"{max(1, round(duration_s))} s" if duration_s < 59.5 else seconds(duration_s))


def clock_time(timestamp: float, *, now: float) -> str:
    """When something happened, as short as is clear: the time today, the date before."""
    then, today = datetime.fromtimestamp(timestamp), datetime.fromtimestamp(now)
    return then.strftime("%H:%M" if then.date() == today.date() else "%d %b %H:%M")


def block_title(name: str) -> str:
    """What a block is called on its rung: `block 3`, `embedding`, `head`."""
    return f"block {name}" if name.isdigit() else name


def describe_training(blocks: tuple[BlockStatus, ...], trainable: int) -> tuple[str, str, str]:
    """The parts of `training 2,570 of 1,229,674 parameters (0.21 %)`: trained, all, share."""
    total = sum(block.parameters for block in blocks)
    share = 100 * trainable / max(total, 1)
    digits = 2 if 0 < share < 1 else 1 if share < 99.95 else 0
    return f"{trainable:,}", f"{total:,}", f"{share:.{digits}f} %"


def side_names(config: ComparisonConfig) -> dict[Side, str]:
    """What the two variants are called; the side is added where the method doesn't tell them apart."""
    same = config.left.method == config.right.method
    return {side: _method_title(config, side) + (f" ({side})" if same else "") for side in SIDES}


def comparison_title(config: ComparisonConfig) -> str:
    """A comparison's short name: its story, or its data."""
    if config.preset in PRESETS:
        return PRESETS[config.preset].title
    return dataset_title(config.dataset.name)


def describe_comparison(config: ComparisonConfig) -> str:
    """What was compared on what, in one line."""
    count = "all labels" if config.labels is None else f"{config.labels:,} labels"
    epochs = "" if config.epochs is None else f", {config.epochs:,} epochs"
    chosen = f"seed {config.seed}" if config.seeds == 1 else f"seeds {config.seed}–{config.seed + config.seeds - 1}"
    return f"{config.backbone} on {dataset_title(config.dataset.name)}, {count}{epochs}, {chosen}"


def dataset_title(name: str) -> str:
    """A dataset's display name; for one that isn't bundled, the end of its path."""
    bundled = DATASETS.get(name)
    return bundled.title if bundled else name.rstrip("/").rsplit("/", maxsplit=1)[-1]


def class_title(name: str) -> str:
    """A class's display name."""
    return name.replace("_", " ")


def _method_title(config: ComparisonConfig, side: Side) -> str:
    method = config.variant(side).method
    return METHODS[method].title if method in METHODS else method
