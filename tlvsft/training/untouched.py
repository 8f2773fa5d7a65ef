"""What an untouched language model makes of texts that never change: measured once, then read from a file.

In the process and below the app's one place for files, beside stored activations. A file is some 2 KB.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
import transformers

from tlvsft.backbones import Arithmetic
from tlvsft.catalog.paths import home_folder
from tlvsft.training.results import TextLosses

_FORMAT = 1
"""To be raised when the same texts come to be measured in another way."""
_known: dict[str, TextLosses] = {}


def untouched_losses(
    fingerprint: str, arithmetic: Arithmetic, texts: Sequence[str], *, measure: Callable[[], TextLosses | None]
) -> TextLosses | None:
    """How surprised an untouched model is by each of some texts; `None` where it predicts no words.

    The same numbers, bit for bit, whether they were measured now or before: they are kept for the very weights, device,
    precision, number of threads, versions of the libraries and texts.

    Args:
        fingerprint: Hash of the pretrained backbone.
        arithmetic: How it computes.
        texts: What is read.
        measure: Measures it, where nobody has; `None`: it can't be.
    """
    key = _key_of(fingerprint, arithmetic, texts)
    file = home_folder() / "cache" / "untouched" / f"{key}.npz"
    found = _known.get(key) or _read(file, len(texts))
    if found is None:
        found = measure()
        if found is None:
            return None
        with suppress(OSError):  # then the next run measures again
            _write(file, found)
    _known[key] = found
    return found


def _key_of(fingerprint: str, arithmetic: Arithmetic, texts: Sequence[str]) -> str:
    decisive = {
        "format": _FORMAT,
        "backbone": fingerprint,
        "arithmetic": str(arithmetic),
        "threads": torch.get_num_threads(),  # sums are split up among them, which decides their last bits
        "versions": [torch.__version__, transformers.__version__],
        "texts": hashlib.sha256("\0".join(texts).encode()).hexdigest(),
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def _read(file: Path, texts: int) -> TextLosses | None:
    """What the file holds; `None` where it isn't there, or is damaged."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            losses, tokens = arrays["losses"], arrays["tokens"]
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None
    fits = losses.shape == tokens.shape == (texts,) and losses.dtype == np.float64 and tokens.dtype == np.int64
    return TextLosses(losses, tokens) if fits and np.isfinite(losses).all() and tokens.sum() > 0 else None


def _write(file: Path, found: TextLosses) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    with unfinished.open("wb") as stream:
        np.savez(stream, losses=found.losses, tokens=found.tokens)
    unfinished.replace(file)
