"""The folder where a pretraining keeps caches and checkpoints, and the proof that they belong to it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tlvsft.errors import InvalidInput
from tlvsft.pretraining.recipes import Recipe

_ORIGIN = "origin.json"
# A checkpoint stays valid when only these change: they decide how long, not how.
_FREE_FIELDS = {"steps", "decay_steps", "checkpoint_every", "log_every"}


def open_workspace(folder: Path, recipe: Recipe, inputs: Sequence[Path], *, resume: bool) -> None:
    """Makes the folder, or checks that what it holds came from the same recipe and data.

    Args:
        folder: Where caches and checkpoints live.
        recipe: What is about to be trained.
        inputs: The data files.
        resume: False empties the folder first.

    Raises:
        InvalidInput: It holds an attempt with another recipe or other data.
    """
    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
    origin = _origin(recipe, inputs)
    record = folder / _ORIGIN
    if record.exists() and json.loads(record.read_text(encoding="utf-8")) != origin:
        raise InvalidInput(f"{folder} holds an attempt with another recipe or other data: delete it, or start over.")
    folder.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(origin, indent=2), encoding="utf-8")


def _origin(recipe: Recipe, inputs: Sequence[Path]) -> dict[str, Any]:
    numbers = {name: value for name, value in recipe.to_dict().items() if name not in _FREE_FIELDS}
    # Through JSON once, so that tuples compare equal to what is read back.
    stored: dict[str, Any] = json.loads(
        json.dumps({"recipe": numbers, "inputs": {file.name: file.stat().st_size for file in inputs}})
    )
    return stored
