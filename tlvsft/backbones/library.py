"""The transformers library, quiet, and what it raises."""

from __future__ import annotations

import os

os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

import transformers
from safetensors import SafetensorError

LOAD_ERRORS = (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, RuntimeError, SafetensorError)
"""What transformers raises for a folder or model that it can't read; there is no common base."""


def silence_transformers() -> None:
    """Keeps transformers' bars, reports and warnings off the terminal."""
    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
