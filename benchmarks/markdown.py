"""Markdown that the benchmarks write: tables, and text between two marks of a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tlvsft.errors import InvalidInput

STDOUT = "-"


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """A table; the first row is the header."""
    header, *body = rows
    lines = [header, ["---"] * len(header), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def replace_marked(document: str, text: str, *, name: str) -> str | None:
    """`document` with `text` between the two marks of a benchmark; `None` where it hasn't both."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found_begin, rest = document.partition(begin)
    _, found_end, after = rest.partition(end)
    return f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}" if found_begin and found_end else None


def put_markdown(text: str, target: str, *, name: str) -> None:
    """Prints Markdown, or puts it between the marks in a file.

    Args:
        text: What to write.
        target: A file, or `-` for stdout.
        name: Of the benchmark, as its marks have it.

    Raises:
        InvalidInput: The file can't be read, or has no marks.
    """
    if target == STDOUT:
        sys.stdout.write(text)
        return
    path = Path(target)
    try:
        document = replace_marked(path.read_text(encoding="utf-8"), text, name=name)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{target} can't be read: give a Markdown file, such as benchmarks/README.md.") from error
    if document is None:
        raise InvalidInput(f"{target} has no marks for the tables: copy them from benchmarks/README.md.")
    path.write_text(document, encoding="utf-8")
