"""Where the bundled files lie."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
BUNDLED_BACKBONES = ASSETS / "backbones"
BUNDLED_DATASETS = ASSETS / "datasets"
