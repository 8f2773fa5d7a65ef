"""The mode that images are converted to, by the number of channels that a backbone reads."""

from __future__ import annotations

from tlvsft.tasks.image_classification import _MODES

MODES = _MODES
"""Named here anew: `benchmarks/transfer.py` hashes that module, and another name in it makes all cells stale."""
