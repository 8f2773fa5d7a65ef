"""Training one variant: the loop, its schedules, and what a finished run leaves behind.

Knows no threads, no processes, no store. Importing this package loads no torch: what trains is imported when it is
first asked for, so that the page can read the plans and the defaults of runs that it doesn't train.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tlvsft.training.explaining import explain_image, explain_text
    from tlvsft.training.restoring import (
        Classifier,
        WordPredictor,
        load_word_predictor,
        restore_classifier,
        restore_word_predictor,
    )
    from tlvsft.training.results import Predictions, Snapshot, TextLosses, TrainedRun
    from tlvsft.training.run import train

__all__ = [
    "Classifier",
    "Predictions",
    "Snapshot",
    "TextLosses",
    "TrainedRun",
    "WordPredictor",
    "explain_image",
    "explain_text",
    "load_word_predictor",
    "restore_classifier",
    "restore_word_predictor",
    "train",
]
_ROOMS = ("run", "restoring", "results", "explaining")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    rooms = (import_module(f"{__name__}.{room}") for room in _ROOMS)
    return next(getattr(room, name) for room in rooms if hasattr(room, name))
