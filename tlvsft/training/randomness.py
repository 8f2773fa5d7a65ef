"""One seed, several independent streams: what one part of a run draws never shifts what another draws."""

from __future__ import annotations

import hashlib
from typing import Literal

import torch

Purpose = Literal["backbone", "head", "batches", "dropout", "masks", "adapters", "noise"]


def derive_seed(seed: int, purpose: Purpose) -> int:
    """A seed for one purpose, 0 … 2³¹-1, the same on every machine."""
    digest = hashlib.sha256(f"{purpose}:{seed}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def generator_for(seed: int, purpose: Purpose) -> torch.Generator:
    """A generator for one purpose."""
    return torch.Generator().manual_seed(derive_seed(seed, purpose))
