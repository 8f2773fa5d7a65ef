"""The layer ladder: what is frozen, trains, is new; before a run as it was set up, during one as it is now."""

from __future__ import annotations

from collections.abc import Sequence

from tlvsft.catalog.methods import get_method
from tlvsft.comparison import trainable_parameters
from tlvsft.config import HEAD_BLOCK, LanguageHead, Side
from tlvsft.events import BlockStatus
from tlvsft.ui.markup import Markup, element, join, sign
from tlvsft.ui.setup import Setup
from tlvsft.ui.texts import STATE_SIGNS, STATE_WORDS, block_title, describe_training

_NEW_HEAD = "The head is always new."
_LANGUAGE_HEADS: dict[LanguageHead, str] = {
    "kept": "An untied copy of the pretrained head, so that the embedding can stay frozen while it trains.",
    "new": "A head from a fresh start: it has to learn every word again.",
    "tied": "The pretrained head, sharing its weights with the embedding.",
}


def ladder_html(
    setup: Setup,
    side: Side,
    *,
    stamp: int,
    way: str = "",
    now: Sequence[BlockStatus] = (),
) -> Markup:
    """One side's ladder, head on top, and how much of the model it trains.

    Args:
        setup: What is chosen.
        side: Whose ladder.
        stamp: Differs each time, so that the script hears of every answer, also of one that changes nothing.
        way: From which backbone by which earlier runs the variant comes; empty for straight from the backbone.
        now: The rungs of a run that trains, as they are now; without them the ladder is the setup's.
    """
    blocks = tuple(now) or setup.ladder(side)
    adapts = any(block.state == "adapts" for block in blocks)
    rungs = [element("li", _rung(block, side)) for block in reversed(blocks)]
    return join(
        [
            element("p", get_method(setup.variant(side).method).summary, class_="method-summary"),
            element("ol", *rungs, class_="rungs has-adapters" if adapts else "rungs",
                    aria_label=f"Layers of the {side} variant, output on top"),
            _count(blocks, live=bool(now)),
            element("p", way, class_="way") if way else None,
            element("i", hidden=True, data_stamp=stamp),
        ]
    )  # fmt: skip


def _count(blocks: tuple[BlockStatus, ...], *, live: bool) -> Markup:
    trained, total, share = describe_training(blocks, trainable_parameters(blocks))
    return element(
        "p",
        "training now " if live else "training ",
        element("b", trained),
        f" of {total} parameters ",
        element("span", f"({share})", class_="nowrap"),
        class_="count is-live" if live else "count",
        role="status",
    )


def _rung(block: BlockStatus, side: Side) -> Markup:
    size = f"{block.parameters:,}" + (f" + {block.adapter_parameters:,}" if block.adapter_parameters else "")
    which = element("span", block.head, class_="which") if block.head else None
    parts = [
        sign(STATE_SIGNS[block.state]),
        element("span", block_title(block.name), which, class_="name"),
        " ",
        element("span", size, class_="size"),
        " ",
        element("span", STATE_WORDS[block.state], class_="state"),
    ]
    if block.name == HEAD_BLOCK:
        hint = _LANGUAGE_HEADS[block.head] if block.head else _NEW_HEAD
        return element("div", *parts, class_=f"rung is-head is-{block.state}", title=hint)
    fixed = block.state in {"frozen", "adapts"}
    hint = f"Click to {'thaw' if fixed else 'freeze'} it; with Shift, everything below it too."
    return element(
        "button", *parts, type="button", class_=f"rung is-{block.state}", data_block=block.name, data_side=side,
        aria_pressed="true" if fixed else "false", title=hint,
    )  # fmt: skip
