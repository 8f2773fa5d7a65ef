"""The programs that are taken home: templates with a few places to fill in."""

from __future__ import annotations

import re

from tlvsft.catalog.paths import ASSETS

TEMPLATES = ASSETS / "templates"
_PLACE = re.compile(r"<<([A-Z_]+)>>")


def fill_in(name: str, **places: str) -> str:
    """A template in which `<<NAME>>` is a place to fill in.

    What goes into a program must be code: the `repr` of plain data, never a text that somebody else wrote.

    Raises:
        KeyError: A place is left empty.
    """
    return _PLACE.sub(lambda found: places[found[1]], (TEMPLATES / name).read_text(encoding="utf-8"))
