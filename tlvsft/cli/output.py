"""Where results go: a table on stdout, JSON on stdout or into a file."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tlvsft.errors import InvalidInput

STDOUT = "-"


def check_json_target(target: str | None, *, content: str = "JSON") -> None:
    """Refuses a `--json` target that couldn't be written, before any work is done for it; `content` is what it takes.

    Raises:
        InvalidInput: It is a folder, or in a folder that doesn't exist or can't be written.
    """
    if target is None or target == STDOUT:
        return
    path = Path(target)
    if not target or path.is_dir():
        raise InvalidInput(f"Can't write {content} to {target!r}: give the name of a file, or '-' for stdout.")
    if not path.exists() and not os.access(path.parent, os.W_OK):
        raise InvalidInput(
            f"Can't write {content} to {target!r}: {str(path.parent)!r} is no folder that can be written."
        )
    if path.exists() and not os.access(path, os.W_OK):
        raise InvalidInput(f"Can't write {content} to {target!r}: the file is read-only.")


def write_results(document: dict[str, Any], table: str, *, json_target: str | None) -> None:
    """Writes the JSON alone to stdout for `-`; else the table, and the JSON into the file if one is named.

    Raises:
        InvalidInput: The file can't be written.
    """
    if json_target is not None:
        write_json(document, json_target)
    if json_target != STDOUT:
        sys.stdout.write(table.rstrip("\n") + "\n")


def write_json(document: dict[str, Any], target: str) -> None:
    """Writes JSON into a file, or to stdout for `-`.

    Raises:
        InvalidInput: The file can't be written.
    """
    if target == STDOUT:
        sys.stdout.write(_to_json(document))
    else:
        write_file(Path(target), _to_json(document))


def format_table(rows: Sequence[Sequence[str]], *, right_aligned: Sequence[int] = ()) -> str:
    """Columns of text, two spaces apart; the first row is the header. `right_aligned` numbers columns of numbers."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]

    def write(row: Sequence[str]) -> str:
        cells = (
            cell.rjust(width) if index in right_aligned else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    return "\n".join(map(write, rows)) + "\n"


def _to_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def write_file(path: Path, text: str, *, content: str = "JSON") -> None:
    """Writes a file so that a reader sees the old one or the new one, never half of it; `content` is what it takes.

    Raises:
        InvalidInput: It can't be written.
    """
    try:
        if path.exists() and not path.is_file():  # a device or a pipe: nothing to replace
            path.write_text(text, encoding="utf-8")
            return
        target = path.resolve()
        draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        draft.write_text(text, encoding="utf-8")
        draft.replace(target)
    except OSError as error:
        raise InvalidInput(f"Can't write {content} to {str(path)!r}: {error.strerror}.") from error
