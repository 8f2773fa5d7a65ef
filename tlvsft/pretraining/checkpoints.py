"""Where an interrupted pretraining goes on: weights, optimizer state and position, in one folder per checkpoint.

The order of the data and the augmentation follow from the seed and the step alone, so the step is all the position
that there is.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_model, save_model
from torch import nn
from torch.optim import Optimizer

_PATTERN = "step-????????"


@dataclass(kw_only=True)
class Progress:
    """How far a pretraining has come.

    Attributes:
        step: Optimizer updates done.
        elapsed_s: Seconds spent on them, over all sittings.
        history: Entries of the loss curve: `step`, `elapsed_s`, `train_loss`.
    """

    step: int = 0
    elapsed_s: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)


def save_checkpoint(folder: Path, model: nn.Module, optimizers: Sequence[Optimizer], progress: Progress) -> None:
    """Writes a checkpoint and removes the ones before it; a crash halfway leaves the old one in place."""
    target = folder / f"step-{progress.step:08d}"
    if target.exists():
        return
    partial = folder / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_model(model, str(partial / "model.safetensors"))
    torch.save([optimizer.state_dict() for optimizer in optimizers], partial / "optimizer.pt")
    (partial / "progress.json").write_text(json.dumps(asdict(progress)), encoding="utf-8")
    partial.rename(target)
    for older in sorted(folder.glob(_PATTERN)):
        if older.name < target.name:
            shutil.rmtree(older)


def load_checkpoint(folder: Path, model: nn.Module, optimizers: Sequence[Optimizer]) -> Progress:
    """Restores the newest checkpoint in place; without one, nothing changes and the progress is zero."""
    found = sorted(folder.glob(_PATTERN))
    if not found:
        return Progress()
    newest = found[-1]
    load_model(model, str(newest / "model.safetensors"))
    states: list[dict[str, Any]] = torch.load(newest / "optimizer.pt", weights_only=True)
    for optimizer, state in zip(optimizers, states, strict=True):
        optimizer.load_state_dict(state)
    return Progress(**json.loads((newest / "progress.json").read_text(encoding="utf-8")))
