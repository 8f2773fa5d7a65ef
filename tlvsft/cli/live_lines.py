"""Lines on a terminal that are redrawn in place, under lines that stay."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TextIO

_UP_AND_CLEAR = "\x1b[1F\x1b[2K"


class LiveLines:
    """A stream with some last lines that change.

    Args:
        stream: Where to, normally stderr.

    Attributes:
        are_possible: Whether the stream is a terminal, where lines can be redrawn.
    """

    def __init__(self, stream: TextIO) -> None:
        self.are_possible = stream.isatty()
        self._stream = stream
        self._drawn = 0

    def draw(self, lines: Sequence[str]) -> None:
        """Puts these lines where the live ones are; what is wider than the terminal is cut off."""
        width = shutil.get_terminal_size().columns - 1
        self._write([line[:width] for line in lines])
        self._drawn = len(lines)

    def add(self, line: str) -> None:
        """Adds a line that stays; the live ones are gone until they are drawn again."""
        self._write([line])

    def _write(self, lines: Sequence[str]) -> None:
        self._stream.write(_UP_AND_CLEAR * self._drawn + "".join(f"{line}\n" for line in lines))
        self._stream.flush()
        self._drawn = 0
