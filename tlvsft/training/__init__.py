"""Training one variant: the loop, its schedules, and what a finished run leaves behind.

Knows no threads, no processes, no store.
"""

from __future__ import annotations

from tlvsft.training.restoring import Classifier, restore_classifier
from tlvsft.training.results import Predictions, TrainedRun
from tlvsft.training.run import train

__all__ = ["Classifier", "Predictions", "TrainedRun", "restore_classifier", "train"]
