"""The exceptions that a user can meet; every message is one line and says what to do next.

TlvsftError
├── InvalidInput        something the user gave can't be used (exit status 2)
│   ├── UnknownName     a name that is in no catalogue; suggests the nearest
│   ├── DatasetError    a dataset that can't be read or trained on
│   ├── BackboneError   a model that can't be loaded or split into blocks
│   └── LabelCountError too few or too many labels for the dataset
├── RunError            a run that was started and couldn't be finished (exit status 1)
│   ├── NonFiniteLoss   the loss became NaN or infinite
│   └── WorkerDied      the run's process ended without saying why
└── StoreError          the store of comparisons can't be opened or read
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "BackboneError",
    "DatasetError",
    "InvalidInput",
    "LabelCountError",
    "NonFiniteLoss",
    "RunError",
    "StoreError",
    "TlvsftError",
    "UnknownName",
    "WorkerDied",
]


class TlvsftError(Exception):
    """Base of all errors meant for the user's eyes."""


class InvalidInput(TlvsftError):
    """Something the user gave can't be used."""


class UnknownName(InvalidInput):
    """A name that is in no catalogue.

    Args:
        kind: What the name should have named, e.g. `"preset"`.
        name: What the user gave.
        known: The names that exist.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of: {', '.join(names)}."
        super().__init__(f"Unknown {kind} {shorten(name)!r}: {hint}")


class DatasetError(InvalidInput):
    """A dataset that can't be read or trained on."""


class BackboneError(InvalidInput):
    """A pretrained model that can't be loaded or split into blocks."""


class LabelCountError(InvalidInput):
    """Too few or too many training examples asked for."""


class RunError(TlvsftError):
    """A run that was started and couldn't be finished."""


class NonFiniteLoss(RunError):
    """The training loss became NaN or infinite."""


class WorkerDied(RunError):
    """The process of a run ended without saying why."""


class StoreError(TlvsftError):
    """The store of comparisons can't be opened or read."""


def shorten(text: str, limit: int = 60) -> str:
    """`text`, cut to at most `limit` characters, so that a message stays one line."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
