"""The layer ladder: what is frozen, trains, is new; before a run as it was set up, during one as it is now."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tlvsft.catalog.methods import get_method
from tlvsft.comparison import trainable_parameters
from tlvsft.config import HEAD_BLOCK, LanguageHead, Side
from tlvsft.events import BlockState, BlockStatus
from tlvsft.report.words import STATE_SIGNS, STATE_WORDS
from tlvsft.ui.flow import input_words, output_words
from tlvsft.ui.glossary import known_words, with_terms
from tlvsft.ui.markup import Attribute, Markup, element, join, sign
from tlvsft.ui.setup import Setup
from tlvsft.ui.shortcuts import shortcuts_html
from tlvsft.ui.sources import source_links
from tlvsft.ui.texts import block_title, class_title, describe_training

_NEW_HEAD = "The head is always new."
_HINT = "Click or Space: freeze or thaw · with Shift: all below it, too"
_SMALLEST_BAR = 1000
"""Parameters of a block whose bar has no length."""
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
    return join(
        [
            _method_line(setup, side),
            element("div", _flow("out", _output(setup)), shortcuts_html(setup, side), class_="ladder-end"),
            _rungs(blocks, side),
            element("div", _flow("in", input_words(setup)), _hint(side), class_="ladder-end"),
            _count(blocks, live=bool(now)),
            element("p", way, class_="way") if way else None,
            element("i", hidden=True, data_stamp=stamp),
        ]
    )  # fmt: skip


def legend_html() -> Markup:
    """What the signs and the colours of the rungs mean, once for both ladders."""
    meanings: tuple[tuple[BlockState, str], ...] = (
        ("frozen", with_terms("frozen: stays as it was pretrained", "frozen", "pretrained")),
        ("trains", "trains: its weights move"),
        ("new", "new: trains from random numbers"),
    )
    entries = [element("span", sign(STATE_SIGNS[state]), words, class_=f"is-{state}") for state, words in meanings]
    width = element("span", element("i", class_="mark", aria_hidden="true"), "bar: parameters (log scale)")
    return element("p", *entries, width, class_="legend")


def _method_line(setup: Setup, side: Side) -> Markup:
    """What the method does, in a sentence, and whose it is."""
    method = get_method(setup.variant(side).method)
    summary = with_terms(method.summary, *known_words(method.summary))
    return element("p", element("span", summary), " ", source_links(method.source), class_="method-summary")


def _flow(end: str, words: Markup | str) -> Markup:
    return element("p", sign("↑\ufe0e"), element("b", end), " ", words, class_="flow")


def _output(setup: Setup) -> Markup | str:
    """What the network answers; two classes that are named are data."""
    words = output_words(setup)
    names = [class_title(name) for name in setup.data.classes]
    if words != " or ".join(names):
        return words
    one, other = (element("span", name, translate="no") for name in names)
    return element("span", one, " or ", other)


def _hint(side: Side) -> Markup:
    return element("p", _HINT, class_="hint", id=f"ladder-hint-{side}")


def _rungs(blocks: Sequence[BlockStatus], side: Side) -> Markup:
    """The blocks, output on top: a toolbar, so that the arrow keys move inside it and Tab leaves it."""
    adapts = any(block.state == "adapts" for block in blocks)
    largest = max(block.parameters for block in blocks)
    first = next((block.name for block in reversed(blocks) if block.name != HEAD_BLOCK), "")
    rungs = [_rung(block, side, largest=largest, is_first=block.name == first) for block in reversed(blocks)]
    return element(
        "div", *rungs, class_="rungs has-adapters" if adapts else "rungs", role="toolbar", aria_orientation="vertical",
        aria_label=f"Layers of the {side} variant, output on top", aria_describedby=f"ladder-hint-{side}",
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


def bar_share(parameters: int, *, largest: int) -> float:
    """Length of a rung's bar, 0–1, on a log scale from `_SMALLEST_BAR` parameters to the largest block's."""
    if parameters <= 0 or largest <= _SMALLEST_BAR:
        return float(parameters > 0)
    return max(0.02, math.log(max(parameters, _SMALLEST_BAR) / _SMALLEST_BAR) / math.log(largest / _SMALLEST_BAR))


def rung_html(block: BlockStatus, *, largest: int, tag: str = "div", **attributes: Attribute) -> Markup:
    """A rung: sign, name, size and state of a block, and the bar of its parameters.

    Args:
        block: What the rung shows.
        largest: Parameters of the ladder's largest block: the bar's full length.
        tag: A `button` can be clicked, a `div` only be looked at.
        attributes: The element's own, as `element` takes them.
    """
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
    is_head = " is-head" if block.name == HEAD_BLOCK else ""
    bar = f"--bar: {100 * bar_share(block.parameters, largest=largest):.0f}%"
    return element(tag, *parts, class_=f"rung{is_head} is-{block.state}", style=bar, **attributes)


def _rung(block: BlockStatus, side: Side, *, largest: int, is_first: bool) -> Markup:
    """A rung that can be clicked, unless it is the head."""
    if block.name == HEAD_BLOCK:
        hint = _LANGUAGE_HEADS[block.head] if block.head else _NEW_HEAD
        return rung_html(block, largest=largest, title=hint)
    fixed = block.state in {"frozen", "adapts"}
    hint = f"Click to {'thaw' if fixed else 'freeze'} it; with Shift, everything below it too."
    return rung_html(
        block, largest=largest, tag="button", type="button", data_block=block.name, data_side=side,
        aria_pressed="true" if fixed else "false", title=hint, tabindex=0 if is_first else -1,
    )  # fmt: skip
