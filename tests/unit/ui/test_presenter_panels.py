"""Presenter mode's own HTML: every key is listed, everything has a name, and the room can count."""

from __future__ import annotations

import html
from pathlib import Path

from tlvsft.ui.presenter_panels import KEYS, cover_html, presenter_bar_html, room_html
from tlvsft.ui.setup_panels import header_html


def test_the_header_leads_into_presenter_mode() -> None:
    header = header_html()
    assert "data-presenter" in header
    assert "data-theme-switch" in header
    assert presenter_bar_html() in header


def test_every_key_is_listed_and_handled(repository: Path) -> None:
    script = (repository / "assets" / "js" / "presenter.js").read_text(encoding="utf-8")
    for keys, told in KEYS:
        assert keys in presenter_bar_html()
        assert html.escape(told) in presenter_bar_html()
    for handled in ("ArrowLeft", "ArrowRight", "Escape", '"r"', '"l"', '"p"', '"?"', '" "', "1:", "2:", "3:"):
        assert handled in script


def test_the_room_has_three_choices_each_to_be_clicked_or_typed() -> None:
    room = room_html()
    for choice in ("left", "tie", "right"):
        assert f'data-vote="{choice}"' in room
        assert f'data-hands="{choice}"' in room
        assert f'aria-label="Hands for {choice}"' in room
    assert "Reveal" in room


def test_what_is_hidden_says_how_to_see_it() -> None:
    assert "press R" in cover_html()
