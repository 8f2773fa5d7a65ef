"""Keeps libraries from talking: one place for the settings that silence bars, reports, telemetry and advice.

Call it before a library is imported. The settings are environment variables, so that worker processes inherit them; one
that the user has set already is left alone.
"""

from __future__ import annotations

import os
import sys
import warnings

LIBRARY_SETTINGS = {
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "DATASETS_VERBOSITY": "error",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "GRADIO_ANALYTICS_ENABLED": "False",
}


def silence_libraries() -> None:
    """Silences the libraries of this process and of the ones it starts, warnings included (unless `-W` was given)."""
    for name, value in LIBRARY_SETTINGS.items():
        os.environ.setdefault(name, value)
    if not sys.warnoptions:
        os.environ.setdefault("PYTHONWARNINGS", "ignore")
        warnings.simplefilter("ignore")
