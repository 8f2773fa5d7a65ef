"""Where the bundled files lie, and where the app may write."""

from __future__ import annotations

import os
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
BUNDLED_BACKBONES = ASSETS / "backbones"
BUNDLED_DATASETS = ASSETS / "datasets"
BUNDLED_REPLAYS = ASSETS / "replays"


def home_folder() -> Path:
    """The one folder for the app's files: `TLVSFT_HOME`, or the platform's folder for user data."""
    chosen = os.environ.get("TLVSFT_HOME")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_data_dir

    return Path(user_data_dir("tlvsft", appauthor=False))
