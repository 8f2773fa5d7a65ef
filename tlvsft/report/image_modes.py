"""The mode that images are converted to, by the number of channels that a backbone reads."""

from __future__ import annotations

from tlvsft.tasks.image_classification import _MODES

MODES = _MODES
"""Under a name of our own: `benchmarks/transfer.py` hashes that module, and a new name there makes all its cells stale."""
