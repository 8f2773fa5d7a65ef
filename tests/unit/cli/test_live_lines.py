"""Live lines: redrawn in place, cut to the terminal, above them lines that stay."""

from __future__ import annotations

import io
import os
import shutil

import pytest

from tlvsft.cli.live_lines import LiveLines


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_they_take_the_place_of_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((6, 24)))
    stream = Terminal()
    lines = LiveLines(stream)
    assert lines.are_possible
    lines.draw(["left 10 %", "right"])
    lines.add("Note.")
    lines.draw(["a"])
    lines.draw(["b"])
    up = "\x1b[1F\x1b[2K"
    assert stream.getvalue() == f"left \nright\n{up}{up}Note.\na\n{up}b\n"


def test_elsewhere_they_are_not_possible() -> None:
    assert not LiveLines(io.StringIO()).are_possible
