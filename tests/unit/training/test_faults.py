"""Mistakes on purpose: rates too high, BatchNorm left in train mode, wrong labels; and that nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from tests.unit.training.fakes import Heard, image_data, run, run_config, text_data
from tlvsft.events import Evaluated, Noted, PrefixStored, RunFinished, StepTaken
from tlvsft.training import train
from tlvsft.training.defaults import hyperparameters_for
from tlvsft.training.noise import add_noise
from tlvsft.training.preparation import prepare


def losses(heard: Heard) -> list[float]:
    return [event.train_loss for event in heard.of(StepTaken)] + [event.val_loss for event in heard.of(Evaluated)]


@pytest.mark.parametrize("method", ["linear_probe", "partial", "full", "lp_ft"])
def test_without_a_mistake_the_curve_is_the_same_bit_for_bit(resnet: str, method: str) -> None:
    usual = run(resnet, method, image_data())
    explicit = run(resnet, method, image_data(), rate_factor=1.0, batchnorm="eval", label_noise=0.0)
    assert losses(usual) == losses(explicit)
    assert usual.of(RunFinished)[0].drifted_norms == 0
    assert usual.of(Noted) == explicit.of(Noted) == []


def test_a_factor_multiplies_both_rates_and_nothing_else() -> None:
    own = hyperparameters_for("image", "full")
    fast = own.for_variant(run_config("any", "full", rate_factor=30.0).variant)
    assert (fast.head_rate, fast.backbone_rate) == (30 * own.head_rate, 30 * own.backbone_rate)
    assert (fast.steps, fast.dropout, fast.schedule) == (own.steps, own.dropout, own.schedule)


@pytest.mark.parametrize("method", ["linear_probe", "partial", "lora"])
def test_frozen_batchnorm_in_train_mode_drifts_and_the_proof_says_so(resnet: str, method: str) -> None:
    sound = run(resnet, method, image_data()).of(RunFinished)[0]
    drifted = run(resnet, method, image_data(), batchnorm="train").of(RunFinished)[0]
    assert (sound.frozen_intact, sound.drifted_norms) == (True, 0)
    assert (drifted.frozen_intact, drifted.drifted_norms) == (False, drifted.frozen_norms)
    assert sound.frozen_norms == drifted.frozen_norms > 0


def test_only_statistics_drift_and_they_are_left_behind(resnet: str) -> None:
    prepared = prepare(run_config(resnet, "linear_probe", batchnorm="train"), image_data())
    weights = {name: tensor.clone() for name, tensor in prepared.model.backbone.named_parameters()}
    heard = run(resnet, "linear_probe", image_data(), batchnorm="train")
    moved = {name for name in heard.run.changed_tensors if name.startswith("backbone.")}
    assert moved
    assert all(name.split(".")[-1] in {"running_mean", "running_var", "num_batches_tracked"} for name in moved)
    assert not moved & {f"backbone.{name}" for name in weights}


def test_batchnorm_is_in_train_mode_only_while_the_model_is(resnet: str) -> None:
    model = prepare(run_config(resnet, "linear_probe", batchnorm="train"), image_data()).model
    norms = [module for module in model.backbone.modules() if isinstance(module, nn.BatchNorm2d)]
    others = [module for module in model.backbone.modules() if not list(module.children()) and module not in norms]
    model.train()
    assert all(norm.training for norm in norms)
    assert not any(module.training for module in others)
    model.eval()
    assert not any(norm.training for norm in norms)


def test_a_drifting_backbone_is_never_computed_once(resnet: str) -> None:
    assert run(resnet, "linear_probe", image_data(), epochs=4).of(PrefixStored)
    assert run(resnet, "linear_probe", image_data(), epochs=4, batchnorm="train").of(PrefixStored) == []


@pytest.mark.parametrize("share", [0.1, 0.4, 0.9])
def test_a_share_of_labels_becomes_another_class(share: float) -> None:
    labels = np.arange(100) % 5
    noisy = add_noise(labels, share, num_classes=5, seed=3)
    assert noisy.wrong.sum() == round(100 * share)
    assert np.array_equal(noisy.labels != labels, noisy.wrong)
    assert set(noisy.labels) <= set(range(5))
    assert np.array_equal(labels, np.arange(100) % 5)


def test_noise_is_drawn_by_the_seed_alone() -> None:
    labels = np.arange(60) % 3
    first, again, other = (add_noise(labels, 0.4, num_classes=3, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.labels, other.labels)


@pytest.mark.parametrize("kind", ["image", "text"])
def test_both_sides_learn_the_same_wrong_labels_and_are_tested_on_right_ones(kind: str, resnet: str, gpt2: str) -> None:
    backbone, data = (resnet, image_data()) if kind == "image" else (gpt2, text_data())
    sides = [prepare(run_config(backbone, method, label_noise=0.25), data) for method in ("linear_probe", "full")]
    taught = [side.objective.train.labels for side in sides]  # type: ignore[union-attr]
    clean = prepare(run_config(backbone, "full"), data).objective.train.labels  # type: ignore[union-attr]
    assert np.array_equal(taught[0], taught[1])
    assert (taught[0] != clean).sum() == 6
    heard = run(backbone, "linear_probe", data, label_noise=0.25)
    assert heard.run.predictions is not None
    assert np.array_equal(heard.run.predictions.labels, data.test.labels)
    assert heard.of(RunFinished)[0].wrong_labels == 6
    assert [event.message for event in heard.of(Noted)] == [
        "6 of 24 training labels were replaced by a wrong class, on purpose; validation and test labels are right."
    ]


def test_what_was_learnt_by_heart_is_counted(gpt2: str) -> None:
    few = run(gpt2, "nearest_centroid", text_data(), label_noise=0.2).of(RunFinished)[0]
    assert 0 <= few.wrong_labels_learnt <= few.wrong_labels == 5
    many = run(gpt2, "full", text_data(), label_noise=0.9, epochs=30).of(RunFinished)[0]
    assert many.wrong_labels_learnt > many.wrong_labels // 2


def test_mistakes_leave_the_global_generator_alone(resnet: str) -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    train(run_config(resnet, "linear_probe", label_noise=0.4), on_event=lambda _event: None, data=image_data())
    assert torch.equal(torch.get_rng_state(), before)
