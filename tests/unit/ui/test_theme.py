"""What the page is served with lies here: no request leaves the machine."""

from __future__ import annotations

import re

import pytest

from tlvsft.ui.theme import FAVICON, LIVE_SCRIPTS, NODES_SCRIPT, STYLES, page_theme, script_tags, static_files


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
