"""With what this program computes: versions of libraries, and the machine, in words."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

from tlvsft import __version__

LIBRARIES = ("torch", "transformers", "tokenizers", "safetensors", "numpy", "pillow", "datasets", "peft", "gradio")


def library_versions() -> dict[str, str]:
    """Of this program, Python, and the libraries that are installed."""
    found = {"tlvsft": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine_words() -> str:
    """The machine that writes this, e.g. `Linux x86_64, 2 cores`."""
    cores = os.cpu_count() or 1
    return f"{platform.system()} {platform.machine()}, {cores} {'core' if cores == 1 else 'cores'}"
