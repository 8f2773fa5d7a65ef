"""All observers: what is measured of a trained model for the evidence that the page shows."""

from __future__ import annotations

from tlvsft.training.forgetting import observe_forgetting
from tlvsft.training.observing import Observer

OBSERVERS: tuple[Observer, ...] = (observe_forgetting,)
"""In the order in which they measure."""
