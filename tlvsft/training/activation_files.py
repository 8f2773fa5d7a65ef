"""Files of activations that runs share: one folder for each key, the least recently used ones deleted.

Safe while other processes read, write or delete: a folder appears complete, under its final name, or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tlvsft.catalog.paths import home_folder

DISK_BYTES = 2 * 1024**3
"""What all files together may take."""
_VALUES, _FACTS = "values.npy", "facts.json"


@dataclass(frozen=True, eq=False)
class Found:
    """Activations from a file.

    Attributes:
        values: As they were computed, float32; memory-mapped where they didn't fit into the memory that was offered.
        computed_s: What computing them took, in seconds.
    """

    values: Tensor
    computed_s: float


@dataclass(frozen=True, eq=False)
class Draft:
    """A file that is being filled through its memory-mapped `values`."""

    folder: Path
    values: Tensor

    def discard(self) -> None:
        """Deletes the file; whoever has it mapped can still read it (not so on Windows, where it stays for now)."""
        shutil.rmtree(self.folder, ignore_errors=True)


class ActivationFiles:
    """The shared files.

    Args:
        folder: Where they lie; below the app's one place for files unless given.
        limit_bytes: What all of them together may take; `DISK_BYTES` unless given.
    """

    def __init__(self, folder: Path | None = None, *, limit_bytes: int | None = None) -> None:
        self._folder = folder or home_folder() / "cache" / "activations"
        self.limit_bytes = DISK_BYTES if limit_bytes is None else limit_bytes

    def find(self, key: str, *, memory_bytes: int) -> Found | None:
        """The activations of a key, read into memory up to that size, else mapped; `None` if there are none."""
        entry = self._folder / key
        try:
            facts = json.loads((entry / _FACTS).read_text(encoding="utf-8"))
            fits = (entry / _VALUES).stat().st_size <= memory_bytes
            values = np.load(entry / _VALUES, mmap_mode=None if fits else "c", allow_pickle=False)
            if _checksum(values) != facts["checksum"]:
                return None
            os.utime(entry)
            return Found(torch.from_numpy(values), float(facts["computed_s"]))
        except (OSError, EOFError, ValueError, KeyError, TypeError):  # not there, just deleted, or damaged
            return None

    def begin(self, shape: tuple[int, ...]) -> Draft:
        """An empty file for float32 activations of this shape.

        Raises:
            OSError: It can't be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
        values = np.lib.format.open_memmap(folder / _VALUES, mode="w+", dtype=np.float32, shape=shape)
        return Draft(folder, torch.from_numpy(values))

    def keep(self, key: str, draft: Draft, *, computed_s: float) -> None:
        """Gives a filled draft its key, in the place of what may be there, and makes room.

        Raises:
            OSError: It can't be written.
        """
        facts = {"computed_s": computed_s, "checksum": _checksum(draft.values.numpy())}
        (draft.folder / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
        shutil.rmtree(self._folder / key, ignore_errors=True)  # damaged: it wasn't found
        try:
            draft.folder.rename(self._folder / key)
        except OSError:  # another run has just kept the same
            draft.discard()
        self._make_room()

    def _make_room(self) -> None:
        taken_bytes = 0
        for entry in sorted(self._folder.iterdir(), key=_last_use, reverse=True):
            taken_bytes += _size_bytes(entry)
            if taken_bytes > self.limit_bytes:
                shutil.rmtree(entry, ignore_errors=True)


def _checksum(values: np.ndarray) -> int:
    """Finds out a file that a crash of the machine has left half written."""
    return zlib.crc32(np.ascontiguousarray(values).data)


def _last_use(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except OSError:  # another process has just deleted it
        return 0.0


def _size_bytes(entry: Path) -> int:
    try:
        return sum(path.stat().st_size for path in entry.iterdir())
    except OSError:
        return 0
