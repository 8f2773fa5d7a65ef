"""HTML from data. Every text is escaped here and nowhere else, so that data can't become markup."""

from __future__ import annotations

import html
from collections.abc import Iterable


class Markup(str):
    """HTML that is safe to show: made by this module's functions only; any other `str` counts as text."""

    __slots__ = ()


Child = str | None
Attribute = str | int | float | bool | None

_VOID = frozenset({"img", "br", "hr", "input", "link", "meta"})


def element(tag: str, *children: Child, **attributes: Attribute) -> Markup:
    """An HTML element.

    Args:
        tag: Its name.
        children: `Markup` goes in as it is, any other text escaped; `None` is left out.
        attributes: `_` in a name becomes `-`, and is dropped at the end (`class_`); `None` and `False` are left out,
            `True` is an attribute without a value.
    """
    opening = f"<{tag}{''.join(_attribute(name, value) for name, value in attributes.items())}>"
    return Markup(opening if tag in _VOID else f"{opening}{join(children)}</{tag}>")


def join(children: Iterable[Child]) -> Markup:
    """Pieces of HTML one after the other."""
    pieces = (child if isinstance(child, Markup) else _escape(child) for child in children if child is not None)
    return Markup("".join(pieces))


def sign(symbol: str) -> Markup:
    """A sign that repeats what a word beside it says, so it isn't read aloud."""
    return element("span", symbol, class_="sign", aria_hidden="true")


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    key = name.rstrip("_").replace("_", "-")
    return f" {key}" if value is True else f' {key}="{_escape(str(value))}"'


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
