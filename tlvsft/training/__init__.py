"""Training one variant: the loop, its schedules, and what a finished run leaves behind.

Knows no threads, no processes, no store.
"""

from __future__ import annotations

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
