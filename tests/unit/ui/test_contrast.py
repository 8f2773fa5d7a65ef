"""Every pair of colours that the page puts on each other, in each of its four palettes, against WCAG 2.2 AA.

Style sheets take colours from tokens only (the last test), so what holds for the tokens holds for the page.
"""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from tlvsft.ui.installing import PAPER
from tlvsft.ui.theme import STYLES

Palette = dict[str, str]
COLOR = re.compile(r"--([\w-]+): (#[0-9a-f]{6})")
TEXT, MARK = 4.5, 3.0
"""Source: WCAG 2.2, success criteria 1.4.3 (text) and 1.4.11 (graphics and controls)."""
GROUNDS = ("paper", "card", "hover", "left-tint", "right-tint")
TEXTS = [
    *product(("ink", "muted"), GROUNDS),
    *product(("left-ink",), ("paper", "card", "hover", "left-tint")),
    *product(("right-ink",), ("paper", "card", "hover", "right-tint")),
    ("action-ink", "action"), ("alarm-ink", "alarm-tint"), ("card", "focus"), ("focus", "card"),
]  # fmt: skip
MARKS = [
    *product(("left",), ("paper", "card", "hover", "left-tint")),
    *product(("right",), ("paper", "card", "hover", "right-tint")),
    *product(("line-strong", "focus"), GROUNDS),
]


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def block(sheet: str, selector: str) -> Palette:
    """The colours that a rule sets."""
    text = next(path for path in STYLES if path.stem == sheet).read_text(encoding="utf-8")
    rule = re.search(rf"^{re.escape(selector)} {{(.*?)}}", text, flags=re.MULTILINE | re.DOTALL)
    assert rule, (sheet, selector)
    return dict(COLOR.findall(rule[1]))


def palettes() -> dict[str, Palette]:
    light = block("tokens", ":root")
    dark = light | block("tokens", "body.dark")
    talk, dark_talk = block("presenter", "body.presenting"), block("presenter", "body.presenting.dark")
    return {"light": light, "dark": dark, "presenter": light | talk, "dark presenter": dark | talk | dark_talk}


PALETTES = palettes()


def too_faint(palette: Palette, pairs: list[tuple[str, str]], least: float) -> list[str]:
    return [
        f"{one} on {other}: {contrast(palette[one], palette[other]):.2f}"
        for one, other in pairs
        if contrast(palette[one], palette[other]) < least
    ]


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_text_can_be_read(palette: Palette) -> None:
    assert too_faint(palette, TEXTS, TEXT) == []


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_marks_edges_of_controls_and_the_focus_can_be_seen(palette: Palette) -> None:
    assert too_faint(palette, MARKS, MARK) == []


def test_the_ratio_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_what_stands_around_the_page_has_its_ground() -> None:
    assert {scheme: PALETTES[scheme]["paper"] for scheme in PAPER} == PAPER


@pytest.mark.parametrize("sheet", STYLES, ids=lambda path: path.stem)
def test_style_sheets_take_colours_from_tokens_only(sheet: Path) -> None:
    rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    rules = re.sub(r"--[\w-]+:[^;}]*", "", rules)
    rules = re.sub(r"rgb\(0 0 0 / \d+%\)", "", rules)  # shadows
    used = re.findall(r"[:, (](#[0-9a-fA-F]{3,8}|(?:rgba?|hsla?|oklch)\([^)]*\))", rules)
    assert used == []
