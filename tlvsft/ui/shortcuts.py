"""Shortcuts of the ladder: usual choices of frozen blocks as one click each."""

from __future__ import annotations

from dataclasses import dataclass

from tlvsft.catalog.backbones import default_frozen_blocks
from tlvsft.catalog.methods import get_method
from tlvsft.config import Side
from tlvsft.ui.markup import Markup, element
from tlvsft.ui.settling import ALL_FROZEN, NONE_FROZEN, PARTIAL
from tlvsft.ui.setup import Setup

_FREE_METHODS = frozenset({ALL_FROZEN, NONE_FROZEN, PARTIAL})
"""Those between which the choice of blocks alone decides."""


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """A choice of frozen blocks.

    Attributes:
        title: What the button says, after "freeze".
        blocks: What is then frozen, from input to output.
    """

    title: str
    blocks: tuple[str, ...]


def shortcuts_of(setup: Setup) -> tuple[Shortcut, ...]:
    """The shortcuts of a backbone."""
    names = setup.summary.block_names
    return (
        Shortcut(title="All but the head", blocks=names),
        Shortcut(title="Lower half", blocks=default_frozen_blocks(names)),
        Shortcut(title="Nothing", blocks=()),
    )


def shortcuts_html(setup: Setup, side: Side) -> Markup:
    """The shortcuts as buttons; pressed is the one that the column has, none can be where the method decides."""
    method = get_method(setup.variant(side).method)
    reason = "" if method.name in _FREE_METHODS else f"{method.title} decides itself what is frozen."
    frozen = setup.frozen(side)
    buttons = [
        element(
            "button", shortcut.title, type="button", class_="shortcut", data_freeze=",".join(shortcut.blocks),
            aria_pressed="true" if not reason and set(shortcut.blocks) == frozen else "false",
            disabled=bool(reason), title=reason or None,
        )
        for shortcut in shortcuts_of(setup)
    ]  # fmt: skip
    caption = element("span", reason or "Freeze", class_="caption", id=f"shortcuts-{side}")
    return element("div", caption, *buttons, class_="shortcuts", role="group", aria_labelledby=f"shortcuts-{side}")
