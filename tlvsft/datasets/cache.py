"""Where the `datasets` library keeps its copies of local files, and how little of them it may keep."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from tlvsft.catalog.paths import home_folder

CACHE_BYTES = 4 * 1024**3
"""Copies beyond this size are deleted, the oldest first."""
_SPARED_S = 3_600.0
"""A copy as young as this is never deleted: another run may just be making it."""
_ENTRY_PATTERN = "*/*/*/*"
"""The library writes builder/config/version/hash."""


_elsewhere: ContextVar[Path | None] = ContextVar("elsewhere", default=None)


def cache_folder() -> Path:
    """The folder for copies, below the app's one place for files."""
    return _elsewhere.get() or home_folder() / "cache" / "datasets"


@contextmanager
def cache_at(folder: Path) -> Iterator[None]:
    """Keeps copies in another folder meanwhile: of a visitor's upload none may stay behind."""
    token = _elsewhere.set(folder)
    try:
        yield
    finally:
        _elsewhere.reset(token)


def download_folders() -> list[Path]:
    """Where the libraries keep what they download from the Hub."""
    import datasets
    from huggingface_hub import constants

    return [Path(constants.HF_HUB_CACHE), Path(datasets.config.HF_DATASETS_CACHE)]


def prune_cache(folder: Path, *, limit_bytes: int = CACHE_BYTES, spared_s: float = _SPARED_S) -> None:
    """Deletes the oldest copies until the rest fit. Safe while other processes read or do the same."""
    entries = [path for path in folder.glob(_ENTRY_PATTERN) if path.is_dir()]
    ages = {path: time.time() - path.stat().st_mtime for path in entries if path.exists()}
    kept_bytes = 0
    for path in sorted(ages, key=lambda entry: ages[entry]):
        kept_bytes += _size_bytes(path)
        if kept_bytes > limit_bytes and ages[path] > spared_s:
            shutil.rmtree(path, ignore_errors=True)


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
