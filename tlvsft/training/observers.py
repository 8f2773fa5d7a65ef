"""All observers: what is measured of a trained model for the evidence that the page shows."""

from __future__ import annotations

from tlvsft.training.flops_of_run import observe_flops
from tlvsft.training.forgetting import observe_forgetting
from tlvsft.training.observing import Observer
from tlvsft.training.representations import keep_representations
from tlvsft.training.shifts import observe_shifts

OBSERVERS: tuple[Observer, ...] = (keep_representations, observe_forgetting, observe_shifts, observe_flops)
"""In the order in which they measure."""
SWEEP_OBSERVERS: tuple[Observer, ...] = (observe_forgetting, observe_flops)
"""Those of which a sweep's figures, or those over all runs of a dataset, show something."""
