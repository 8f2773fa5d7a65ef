"""All observers: what is measured of a trained model for the evidence that the page shows."""

from __future__ import annotations

from tlvsft.training.observing import Observer
from tlvsft.training.representations import keep_representations
from tlvsft.training.shifts import observe_shifts

OBSERVERS: tuple[Observer, ...] = (keep_representations, observe_shifts)
"""In the order in which they measure."""
