"""What the page is served with lies here: no request leaves the machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tlvsft.ui.theme import FAVICON, LIVE_SCRIPTS, NODES_SCRIPT, STYLES, page_theme, script_tags, static_files

COLOR = re.compile(r"--([\w-]+): (#[0-9a-f]{6})")


def test_every_file_is_there() -> None:
    for path in (*static_files(), *STYLES, FAVICON):
        assert path.is_file(), path


def test_what_scripts_share_is_loaded_first_and_once() -> None:
    tags = script_tags(*LIVE_SCRIPTS)
    assert tags.startswith(script_tags(NODES_SCRIPT))
    assert script_tags(NODES_SCRIPT).count("<script") == 1
    assert static_files().count(NODES_SCRIPT) == 1


def test_nothing_comes_from_elsewhere() -> None:
    own = [path for path in (*static_files(), *STYLES) if path.name != "plotly.min.js"]
    for path in own:
        assert not re.search(r"https?://|@import", path.read_text(encoding="utf-8")), path
    assert "http" not in script_tags(*static_files())
    assert page_theme()._stylesheets == []


@pytest.mark.parametrize("part", [".rungs", ".rungs li", ".history-list", ".history-list li"])
def test_lists_of_rungs_and_of_comparisons_have_no_marks(part: str) -> None:
    rules = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
    written = " ".join(re.findall(rf"^{re.escape(part)} {{([^}}]*)}}", rules, flags=re.MULTILINE))
    for wanted in ("list-style: none;", "margin", " padding: 0;"):
        assert wanted in written, (part, wanted)


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Source: WCAG 2.2, contrast ratio."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def palettes() -> list[dict[str, str]]:
    text = (Path(STYLES[0])).read_text(encoding="utf-8")
    light, dark = text.split("body.dark {")
    return [dict(COLOR.findall(light)), dict(COLOR.findall(dark))]


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_text_and_marks_stand_out(palette: dict[str, str]) -> None:
    for ground in ("paper", "card", "hover"):
        for text in ("ink", "muted"):
            assert contrast(palette[text], palette[ground]) >= 4.5, (text, ground)
    for side in ("left", "right"):
        for ground in (f"{side}-tint", "card"):
            assert contrast(palette[f"{side}-ink"], palette[ground]) >= 4.5, (side, ground)
            assert contrast(palette["ink"], palette[ground]) >= 4.5, (side, ground)
        assert contrast(palette[side], palette["card"]) >= 3, side
        assert contrast(palette["muted"], palette[f"{side}-tint"]) >= 4.5, side
    assert contrast(palette["action"], palette["action-ink"]) >= 4.5
    assert contrast(palette["alarm-ink"], palette["alarm-tint"]) >= 4.5
    assert contrast(palette["focus"], palette["paper"]) >= 3
