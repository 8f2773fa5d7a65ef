from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from tlvsft.errors import NonFiniteLoss
from tlvsft.pretraining.checkpoints import Progress, load_checkpoint, save_checkpoint
from tlvsft.pretraining.loop import one_cycle, train_steps, warmup_constant_decay
from tlvsft.pretraining.recipes import GlyphsRecipe


def new_model() -> tuple[nn.Module, list[torch.optim.Optimizer]]:
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    return model, [torch.optim.AdamW([{"params": list(model.parameters()), "peak_lr": 0.1}], lr=0.1)]


def loss_of(model: nn.Module, *, stop_at: int | None = None, factor: float = 1.0) -> Callable[[int], torch.Tensor]:
    def loss(step: int) -> torch.Tensor:
        if step == stop_at:
            raise KeyboardInterrupt
        inputs = torch.randn(4, 3, generator=torch.Generator().manual_seed(step))
        return factor * (model(inputs) - 1).square().mean()

    return loss


def train(recipe: GlyphsRecipe, folder: Path, *, stop_at: int | None = None) -> tuple[nn.Module, Progress]:
    model, optimizers = new_model()
    progress = train_steps(
        model,
        optimizers,
        recipe=recipe,
        loss_of=loss_of(model, stop_at=stop_at),
        rate_at=lambda step: one_cycle(step, steps=recipe.steps),
        folder=folder,
    )
    return model, progress


def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(
    glyphs_recipe: GlyphsRecipe, tmp_path: Path
) -> None:
    straight, whole = train(glyphs_recipe, tmp_path / "straight")
    with pytest.raises(KeyboardInterrupt):
        train(glyphs_recipe, tmp_path / "cut", stop_at=3)
    assert [folder.name for folder in (tmp_path / "cut").iterdir()] == ["step-00000003"]
    resumed, rest = train(glyphs_recipe, tmp_path / "cut")

    assert rest.step == whole.step == 6
    assert torch.equal(resumed.weight, straight.weight)
    assert [entry["step"] for entry in whole.history] == [2, 4, 6]


def test_a_finished_training_is_not_trained_again(glyphs_recipe: GlyphsRecipe, tmp_path: Path) -> None:
    first, _ = train(glyphs_recipe, tmp_path)
    again, progress = train(glyphs_recipe, tmp_path, stop_at=0)

    assert progress.step == 6
    assert torch.equal(first.weight, again.weight)


def test_a_loss_that_is_not_finite_leaves_the_last_good_checkpoint(glyphs_recipe: GlyphsRecipe, tmp_path: Path) -> None:
    model, optimizers = new_model()
    with pytest.raises(NonFiniteLoss, match="lower learning_rate"):
        train_steps(
            model,
            optimizers,
            recipe=glyphs_recipe,
            loss_of=loss_of(model, factor=float("nan")),
            rate_at=lambda _: 1.0,
            folder=tmp_path,
        )

    assert not list(tmp_path.iterdir())


def test_a_half_written_checkpoint_is_ignored(tmp_path: Path) -> None:
    model, optimizers = new_model()
    save_checkpoint(tmp_path, model, optimizers, Progress(step=7, elapsed_s=1.5))
    (tmp_path / "partial").mkdir()

    assert load_checkpoint(tmp_path, *new_model()) == Progress(step=7, elapsed_s=1.5)


def test_an_older_checkpoint_never_removes_a_newer_one(tmp_path: Path) -> None:
    model, optimizers = new_model()
    for step in (5, 9, 7):
        save_checkpoint(tmp_path, model, optimizers, Progress(step=step))

    assert load_checkpoint(tmp_path, *new_model()).step == 9


def test_one_cycle_rises_and_falls_to_nearly_nothing() -> None:
    rates = [one_cycle(step, steps=100) for step in range(100)]

    assert max(rates) == pytest.approx(1.0)
    assert rates.index(max(rates)) in (19, 20)
    assert rates[-1] < 0.01


def test_warmup_constant_decay_has_its_three_parts() -> None:
    rates = [warmup_constant_decay(step, steps=10, warmup_steps=2, decay_steps=4) for step in range(11)]

    assert rates == [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]
