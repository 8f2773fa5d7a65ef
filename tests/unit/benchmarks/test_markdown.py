from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.markdown import markdown_table, replace_marked

BEGIN, END = "<!-- speed: begin -->", "<!-- speed: end -->"


def test_a_table_has_a_header() -> None:
    assert markdown_table([("key", "value"), ("a", "1")]) == "| key | value |\n| --- | --- |\n| a | 1 |"


def test_text_goes_between_the_marks_of_its_name() -> None:
    document = f"above\n{BEGIN}\nold\n{END}\nbelow\n"
    once = replace_marked(document, "new\n", name="speed")
    assert once == f"above\n{BEGIN}\n\nnew\n\n{END}\nbelow\n"
    assert replace_marked(once, "new", name="speed") == once
    assert replace_marked(document, "new", name="transfer") is None
    assert replace_marked("no marks", "new", name="speed") is None
    assert replace_marked(f"{END} {BEGIN}", "new", name="speed") is None


@pytest.mark.parametrize("name", ["transfer", "speed"])
def test_the_readme_has_the_marks(repository: Path, name: str) -> None:
    readme = (repository / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert replace_marked(readme, "new", name=name) is not None
