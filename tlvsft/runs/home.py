"""Where everything lives, and whether strangers share this machine."""

from __future__ import annotations

import os
from pathlib import Path

from tlvsft.catalog.paths import home_folder


def default_home() -> Path:
    """The one folder for files: `TLVSFT_HOME`, or the platform's folder for user data."""
    return home_folder()


def on_shared_host() -> bool:
    """Whether strangers use this server together: a Hugging Face Space, or `TLVSFT_SHARED_HOST=1`."""
    return bool(os.environ.get("SPACE_ID")) or os.environ.get("TLVSFT_SHARED_HOST", "0") not in {"", "0"}
