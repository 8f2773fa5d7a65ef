"""What each side minimised, in words."""

from __future__ import annotations

from collections.abc import Mapping

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.methods import Method
from tlvsft.comparison.naming import capitalise
from tlvsft.config import SIDES, ComparisonConfig, Side

_DECAY = "AdamW's weight decay also pulls the matrices that train towards zero."


def describe_losses(
    config: ComparisonConfig, names: Mapping[Side, str], methods: Mapping[Side, Method], *, class_count: int | None
) -> str:
    """The loss of both sides.

    Args:
        config: What is compared.
        names: What the sides are called inside a sentence.
        methods: Of both sides.
        class_count: How many classes there are, where that is known.
    """
    loss = _describe_words(config) if config.task == "language_modeling" else _describe_classes(class_count)
    stepping = [side for side in SIDES if methods[side].takes_steps]
    still = [f"{capitalise(names[side])} minimises none: nothing is trained." for side in SIDES if side not in stepping]
    if len(stepping) == len(SIDES):
        return f"Both minimise the same loss: {loss}. {_DECAY}"
    if not stepping:
        return "Neither minimises a loss: nothing is trained."
    return " ".join([f"{capitalise(names[stepping[0]])} minimises {loss}. {_DECAY}", *still])


def _describe_classes(count: int | None) -> str:
    over = "the classes" if count is None else f"{count} classes"
    return f"cross-entropy over {over}, the mean over each batch"


def _describe_words(config: ComparisonConfig) -> str:
    predicted = "the next word" if config.backbone in BACKBONES else "the next word (of hidden words, with an encoder)"
    return f"cross-entropy of {predicted} over the vocabulary, the mean over each batch's words"
