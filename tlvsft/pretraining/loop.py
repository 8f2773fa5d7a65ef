"""The loop that both recipes share: step, log, checkpoint, and stop cleanly."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer
from tqdm import tqdm

from tlvsft.errors import NonFiniteLoss
from tlvsft.pretraining.checkpoints import Progress, load_checkpoint, save_checkpoint
from tlvsft.pretraining.recipes import Recipe

LossOf = Callable[[int], Tensor]
"""From a step (counted from 0) to the loss of its batch, ready for `backward()`."""

RateAt = Callable[[int], float]
"""From a step to the factor on the peak learning rate, 0–1."""


def train_steps(
    model: nn.Module,
    optimizers: Sequence[Optimizer],
    *,
    recipe: Recipe,
    loss_of: LossOf,
    rate_at: RateAt,
    folder: Path,
    grad_clip: float = math.inf,
) -> Progress:
    """Trains from the newest checkpoint in `folder` to `recipe.steps`; Ctrl-C leaves one more checkpoint.

    Raises:
        NonFiniteLoss: The loss became NaN or infinite.
        KeyboardInterrupt: After the checkpoint is written.
    """
    progress = load_checkpoint(folder, model, optimizers)
    first, earlier_s, started = progress.step, progress.elapsed_s, time.monotonic()
    losses: list[float] = []
    bar = tqdm(total=recipe.steps, initial=min(progress.step, recipe.steps), desc=recipe.name, unit="step")
    try:
        while progress.step < recipe.steps:
            _set_rates(optimizers, rate_at(progress.step))
            losses.append(_update(model, optimizers, loss_of(progress.step), grad_clip))
            progress.step += 1
            progress.elapsed_s = earlier_s + time.monotonic() - started
            bar.update()
            if progress.step % recipe.log_every == 0 or progress.step == recipe.steps:
                _log(progress, losses, bar)
            if progress.step % recipe.checkpoint_every == 0:
                save_checkpoint(folder, model, optimizers, progress)
    finally:
        bar.close()
        if progress.step > first and _finite(losses):
            save_checkpoint(folder, model, optimizers, progress)
    return progress


def one_cycle(step: int, *, steps: int, warmup_share: float = 0.2) -> float:
    """The factor on the peak rate: up along half a cosine, then down to zero along another.

    Source: Smith & Topin 2018, "Super-convergence".
    """
    warmup = max(1, round(steps * warmup_share))
    if step < warmup:
        return 0.5 - 0.5 * math.cos(math.pi * (step + 1) / warmup)
    return 0.5 + 0.5 * math.cos(math.pi * (step - warmup) / max(1, steps - warmup))


def warmup_constant_decay(step: int, *, steps: int, warmup_steps: int, decay_steps: int) -> float:
    """The factor on the peak rate: linear up, constant, linear down to zero at `steps`.

    A checkpoint from the constant part can be finished at any length.

    Source: Hu et al. 2024, "MiniCPM", section 4.2.
    """
    return max(0.0, min(1.0, (step + 1) / max(1, warmup_steps), (steps - step) / max(1, decay_steps)))


def convert(model: nn.Module, **form: Any) -> None:
    """Changes a model's `dtype` or `memory_format` in place."""
    model.to(**form)


def _set_rates(optimizers: Sequence[Optimizer], factor: float) -> None:
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["peak_lr"] * factor


def _update(model: nn.Module, optimizers: Sequence[Optimizer], loss: Tensor, grad_clip: float) -> float:
    value = loss.item()
    if not math.isfinite(value):
        raise NonFiniteLoss(f"The pretraining loss became {value}: lower learning_rate in the recipe and start over.")
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(model.parameters(), grad_clip)
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return value


def _log(progress: Progress, losses: list[float], bar: tqdm) -> None:
    train_loss = sum(losses) / len(losses)
    losses.clear()
    progress.history.append(
        {"step": progress.step, "elapsed_s": round(progress.elapsed_s, 1), "train_loss": round(train_loss, 4)}
    )
    bar.set_postfix(loss=f"{train_loss:.3f}")


def _finite(losses: list[float]) -> bool:
    return all(math.isfinite(loss) for loss in losses)
