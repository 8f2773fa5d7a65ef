"""The JSON file: figures under their keys, with details and the machine beside them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from benchmarks.speed_benchmark.figures import FIGURES, keys_of
from tlvsft.errors import InvalidInput

SCHEMA = 1


class SpeedFile:
    """What was measured so far, item by item. Without a path it is kept in memory alone.

    Args:
        path: The file; what is in it stays, except for items that are measured again.
        machine: This one, or `None` where nothing will be measured.

    Raises:
        InvalidInput: The file can't be read, is none of this benchmark, or comes from another machine.
    """

    def __init__(self, path: Path | None, machine: dict[str, Any] | None) -> None:
        self._path = path
        self.machine = machine or {}
        self.details: dict[str, dict[str, Any]] = {}
        self.values: dict[str, float] = {}
        if path is not None and path.exists():
            self._read(path, machine)

    def add(self, item: int, found: dict[str, Any], moment: dict[str, Any]) -> None:
        """Keeps what an item came to, on disk before this returns.

        Raises:
            InvalidInput: The file can't be written.
        """
        keys = keys_of(item)
        self.values |= {key: found[key] for key in keys}
        self.details[str(item)] = {**moment, **{key: value for key, value in found.items() if key not in keys}}
        self._write()

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data, figures in their order."""
        values = {figure.key: self.values[figure.key] for figure in FIGURES if figure.key in self.values}
        details = dict(sorted(self.details.items()))
        return {"schema": SCHEMA, **values, "machine": self.machine, "details": details}

    def _write(self) -> None:
        if self._path is None:
            return
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n", encoding="utf-8")
            draft.replace(self._path)
        except OSError as error:
            raise InvalidInput(f"Can't write {self._path}: {error.strerror}; name another file.") from error

    def _read(self, path: Path, machine: dict[str, Any] | None) -> None:
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            schema, there, self.details = document["schema"], document["machine"], dict(document["details"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidInput(f"{path} holds no results of this benchmark: name another with --json.") from error
        if schema != SCHEMA:
            raise InvalidInput(f"{path} has schema {schema}, not {SCHEMA}: name another file.")
        if machine is not None and there != machine:
            raise InvalidInput(f"{path} comes from another machine or other versions: name another file with --json.")
        self.machine = there
        self.values = {figure.key: document[figure.key] for figure in FIGURES if figure.key in document}
