"""A sweep as a file to take home: every run as CSV, everything as JSON, or one HTML file with figures and tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from tlvsft.errors import InvalidInput
from tlvsft.report.sweeps.document import sweep_html
from tlvsft.report.words import dataset_title
from tlvsft.sweeps import read_progress, read_sweep

if TYPE_CHECKING:
    from tlvsft.runs.store import Store

FileKind = Literal["csv", "json", "html"]
FILE_KINDS: tuple[FileKind, ...] = get_args(FileKind)
_NAME_CHARACTERS = 60


@dataclass(frozen=True, kw_only=True)
class SweepPackage:
    """One file of one sweep.

    Attributes:
        stamp: Of the sweep as it was; the same file is made anew when more of it has finished.
        viewer: Who asks: a browser's token, or `None` for the command line.
    """

    sweep_id: str
    kind: FileKind
    stamp: str = ""
    viewer: str | None = None


def read_file_kind(sent: object) -> FileKind:
    """Which file is wanted; anything could come from a browser.

    Raises:
        InvalidInput: There is no such file.
    """
    found = next((kind for kind in FILE_KINDS if kind == sent), None)
    if found is None:
        raise InvalidInput(f"A sweep can be had as {', '.join(FILE_KINDS)}.")
    return found


def sweep_file_name(store: Store, package: SweepPackage) -> str:
    """Its name, made of letters, digits and dashes alone.

    Raises:
        InvalidInput: There is no such sweep that its viewer may see.
    """
    config = read_progress(store, package.sweep_id, viewer=package.viewer).config
    words = f"sweep-{config.kind}-{dataset_title(config.dataset.name)}-{package.sweep_id[:6]}"
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in words)
    return f"{plain.strip('-').lower()[:_NAME_CHARACTERS]}.{package.kind}"


def write_sweep_file(store: Store, package: SweepPackage, target: Path) -> None:
    """Makes the file.

    Raises:
        InvalidInput: There is no such sweep that its viewer may see.
    """
    results = read_sweep(store, package.sweep_id, viewer=package.viewer)
    match package.kind:
        case "csv":
            text = results.to_csv()
        case "json":
            text = json.dumps(results.to_dict(), indent=2, allow_nan=False) + "\n"
        case "html":
            text = sweep_html(results)
    target.write_text(text, encoding="utf-8", newline="")
