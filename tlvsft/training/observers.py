"""All observers: what is measured of a trained model for the evidence that the page shows."""

from __future__ import annotations



OBSERVERS: tuple[Observer, ...] = ()
"""In the order in which they measure."""
