"""Making what is taken home: files and folders, here or in a process of its own, since models need torch."""

from __future__ import annotations

import json
import os
import shutil
import signal
import traceback
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from tlvsft.catalog.own import is_own
from tlvsft.comparison import shown_name
from tlvsft.config import Side
from tlvsft.errors import InvalidInput, RunError, TlvsftError
from tlvsft.report.document import report_html
from tlvsft.report.gathering import comparison_numbers
from tlvsft.report.offers import Kind
from tlvsft.report.words import data_title
from tlvsft.runs.processes import redirect_output
from tlvsft.runs.store import Store

if TYPE_CHECKING:
    from tlvsft.runs.records import RunRecord

LOG_FILE = "exports.log"
THREADS = 1
"""The cores belong to the runs."""
_NAME_CHARACTERS = 60


@dataclass(frozen=True, kw_only=True)
class Package:
    """One thing of one comparison; `side` and `seed` for a model or a program."""

    comparison_id: str
    kind: Kind
    side: Side | None = None
    seed: int | None = None


def package_name(store: Store, package: Package) -> str:
    """The name of its file, made of letters, digits and dashes alone."""
    config = store.comparison(package.comparison_id).config
    data = config.dataset.name
    what = config.preset or (data_title(config) if is_own(data) else shown_name(data))
    parts = [what, package.comparison_id[:6]]
    if package.side is not None:
        parts = [what, config.variant(package.side).method, f"seed-{package.seed}", package.comparison_id[:6]]
    words = "-".join("".join(char if char.isascii() and char.isalnum() else "-" for char in part) for part in parts)
    ending = {"report": "report.html", "numbers": "numbers.json", "model": "model.zip", "script": "script.zip"}
    return f"{words.strip('-').lower()[:_NAME_CHARACTERS]}-{ending[package.kind]}"


def build_file(store: Store, package: Package, target: Path) -> None:
    """Makes a package as one file.

    Raises:
        InvalidInput: It can't be had; the message says why.
        RunError: The model can't be given away.
    """
    match package.kind:
        case "report":
            target.write_text(report_html(store, package.comparison_id), encoding="utf-8")
        case "numbers":
            document = json.dumps(comparison_numbers(store, package.comparison_id), indent=2, allow_nan=False)
            target.write_text(document + "\n", encoding="utf-8")
        case _:
            _build_archive(store, package, target)


def build_folder(store: Store, run: RunRecord, kind: str, folder: Path) -> None:
    """Fills an empty folder with a run's model or program; loads torch. Errors as `build_file` has them."""
    if kind == "model":
        from tlvsft.report.models import write_model

        write_model(store, run, folder)
    else:
        from tlvsft.report.scripts import write_script

        write_script(store, run, folder)


def build_as_process(home: Path, package: Package, target: Path, connection: Connection) -> None:
    """Entry of a process that makes one package; tells through the connection what became of it, "" if all is well."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TLVSFT_HOME"] = str(home)
    redirect_output(home / LOG_FILE)
    torch.set_num_threads(THREADS)
    store = Store(home)
    connection.send(explain(lambda: build_file(store, package, target)))
    store.close()


def explain(build: Callable[[], None]) -> str:
    """Builds, and says in one line why that didn't work; "" if it did."""
    try:
        build()
    except TlvsftError as error:
        return str(error)
    except OSError as error:
        return f"It can't be written ({error.strerror}): free some space."
    except Exception as error:  # noqa: BLE001  the last boundary: whatever happened becomes one line on the page
        traceback.print_exc()
        return f"Making it hit an internal error ({type(error).__name__}): see {LOG_FILE}."
    return ""


def _build_archive(store: Store, package: Package, target: Path) -> None:
    if package.side is None or package.seed is None:
        raise InvalidInput("A model and a program are of one side and one seed.")
    run = store.comparison(package.comparison_id).run(package.side, package.seed)
    folder = target.with_suffix("")
    folder.mkdir()
    try:
        build_folder(store, run, package.kind, folder)
        _pack(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pack(folder: Path, target: Path) -> None:
    """A zip with one folder in it. Weights hardly shrink, so speed counts."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, Path(folder.name) / path.relative_to(folder))
    if not target.stat().st_size:
        raise RunError("The archive is empty: free some space and try again.")
