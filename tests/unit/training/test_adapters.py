"""LoRA: adapters move, nothing beside them does, and what is left behind needs no peft."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.unit.backbones.tiny import CONFIGS, save_tiny
from tests.unit.training.fakes import image_data, run, run_config, text_data
from tlvsft.backbones import Backbone, Block, load_backbone
from tlvsft.backbones.adaptable import adaptable_layers
from tlvsft.datasets import LabelledData
from tlvsft.errors import InvalidInput
from tlvsft.events import BlocksChanged, Evaluated, RunFinished, RunStarted, RunStopped
from tlvsft.training import restore_classifier
from tlvsft.training.adapters import Adapters
from tlvsft.training.preparation import Preparation, prepare
from tlvsft.training.results import find_changed_tensors

Subject = tuple[str, LabelledData]


@pytest.fixture(params=["gpt2", "resnet"])
def subject(request: pytest.FixtureRequest) -> Subject:
    """GPT-2 has its weights the other way round, a ResNet convolutions."""
    return request.getfixturevalue(request.param), text_data() if request.param == "gpt2" else image_data()


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[Preparation]:
    """What the runs of a test prepared."""
    kept: list[Preparation] = []

    def prepare_and_keep(*arguments: Any, **options: Any) -> Preparation:
        kept.append(prepare(*arguments, **options))
        return kept[-1]

    monkeypatch.setattr("tlvsft.training.run.prepare", prepare_and_keep)
    return kept


def nudge(adapters: Adapters) -> None:
    """Gives the adapters something to say: at first their upper matrices are zero."""
    with torch.no_grad():
        for parameter in adapters.parameters:
            parameter.add_(0.05)


@pytest.mark.parametrize("shape", CONFIGS)
def test_the_summary_counts_what_peft_will_add(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny(shape, tmp_path))
    summary = backbone.summary()
    sizes = {block.name: block.parameters for block in summary.blocks}
    Adapters(backbone, seed=0)
    for block, described in zip(backbone.blocks, summary.blocks, strict=True):
        assert block.count_parameters() - sizes[block.name] == described.adapter_parameters
    assert summary.blocks[0].adapter_parameters == 0
    assert summary.blocks[-1].adapter_parameters > 0


@pytest.mark.parametrize("shape", CONFIGS)
def test_merging_keeps_what_the_model_says_and_leaves_plain_layers(shape: str, tmp_path: Path) -> None:
    backbone = load_backbone(save_tiny(shape, tmp_path))
    names = list(backbone.model.state_dict())
    adapters = Adapters(backbone, seed=0)
    batch = example(backbone)
    with torch.no_grad():
        untouched = backbone.features(batch)
        nudge(adapters)
        adapted = backbone.features(batch)
        announced = adapters.merged_state(backbone.model)
        adapters.merge()
        merged = backbone.features(batch)
    scale = adapted.abs().max()  # a MobileNet of random weights gives features near 0
    assert (adapted - untouched).abs().max() > 0.01 * scale
    torch.testing.assert_close(merged / scale, adapted / scale, rtol=1e-3, atol=1e-4)
    state = backbone.model.state_dict()
    assert list(state) == names
    assert announced.keys() == state.keys()
    assert all(torch.equal(announced[name], tensor) for name, tensor in state.items())
    adapters.merge()
    assert all(torch.equal(announced[name], tensor) for name, tensor in backbone.model.state_dict().items())


def example(backbone: Backbone) -> dict[str, torch.Tensor]:
    if backbone.modality == "text":
        ids = torch.arange(12).view(2, 6)
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    side = getattr(backbone.model.config, "image_size", 16)
    pixels = torch.randn(2, backbone.model.config.num_channels, side, side, generator=torch.Generator().manual_seed(0))
    return {"pixel_values": pixels}


def test_adapters_move_and_what_is_beside_them_does_not(subject: Subject, prepared: list[Preparation]) -> None:
    backbone, data = subject
    before = prepare(run_config(backbone, "lora"), data).adapters
    assert before is not None
    heard = run(backbone, "lora", data)
    after = prepared[0].adapters
    assert after is not None
    assert all(not torch.equal(old, new) for old, new in zip(before.parameters, after.parameters, strict=True))
    assert heard.of(RunFinished)[0].frozen_intact is True
    pretrained = load_backbone(backbone)
    adapted = {id(layer) for block in pretrained.blocks for layer in adaptable_layers(block)}
    expected = {f"backbone.{name}.weight" for name, layer in pretrained.model.named_modules() if id(layer) in adapted}
    assert {name for name in heard.run.changed_tensors if name.startswith("backbone.")} == expected


def test_the_ladder_says_what_adapts(subject: Subject) -> None:
    heard = run(subject[0], "lora", subject[1])
    started = heard.of(RunStarted)[0]
    assert [block.state for block in started.blocks] == ["frozen", "adapts", "adapts", "adapts", "new"]
    adapter_parameters = sum(block.adapter_parameters for block in started.blocks)
    assert started.trainable_parameters == adapter_parameters + started.blocks[-1].parameters
    assert not heard.of(BlocksChanged)


def test_moved_base_weights_are_noticed(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    class Meddling(Adapters):
        def __init__(self, backbone: Backbone, *, seed: int) -> None:
            super().__init__(backbone, seed=seed)
            layer = next(layer for name, layer in backbone.model.named_modules() if name.endswith("base_layer"))
            layer.get_parameter("weight").requires_grad_()

    monkeypatch.setattr("tlvsft.training.preparation.Adapters", Meddling)
    assert run(subject[0], "lora", subject[1]).of(RunFinished)[0].frozen_intact is False


def test_a_restored_run_answers_as_it_did(subject: Subject) -> None:
    backbone, data = subject
    heard = run(backbone, "lora", data)
    assert heard.run.predictions is not None
    restored = restore_classifier(
        run_config(backbone, "lora"),
        changed_tensors=heard.run.changed_tensors,
        class_names=heard.run.class_names,
        backbone_fingerprint=heard.run.backbone_fingerprint,
    )
    np.testing.assert_allclose(restored.predict(data.test.inputs), heard.run.predictions.probabilities, atol=1e-6)


def test_a_stopped_run_keeps_what_its_adapters_learnt(subject: Subject, prepared: list[Preparation]) -> None:
    stopped = run(subject[0], "lora", subject[1], stop_at=2).run
    assert isinstance(stopped.outcome, RunStopped)
    state = prepared[0].state()
    assert any(name.startswith("backbone.") for name in stopped.changed_tensors)
    assert not any("lora" in name or "base_layer" in name for name in (*stopped.changed_tensors, *state))
    assert all(torch.equal(state[name], tensor) for name, tensor in stopped.changed_tensors.items())


def test_looking_at_the_state_changes_nothing(subject: Subject) -> None:
    ready = prepare(run_config(subject[0], "lora"), subject[1])
    assert ready.adapters is not None
    nudge(ready.adapters)
    before = {name: tensor.clone() for name, tensor in ready.model.state_dict().items()}
    assert find_changed_tensors(ready.state(), ready.backbone.pretrained_state)
    assert all(torch.equal(before[name], tensor) for name, tensor in ready.model.state_dict().items())


@pytest.mark.usefixtures("global_generator_kept")
def test_adapters_are_drawn_from_a_stream_of_their_own(subject: Subject) -> None:
    drawn = [prepare(run_config(subject[0], "lora", seed=seed), subject[1]).adapters for seed in (3, 3, 4)]
    first, same, other = ([parameter.detach() for parameter in each.parameters] for each in drawn if each)
    assert all(torch.equal(one, two) for one, two in zip(first, same, strict=True))
    assert not all(torch.equal(one, two) for one, two in zip(first, other, strict=True))


def test_before_its_first_step_the_adapted_model_is_the_pretrained_one(subject: Subject) -> None:
    first, full = (run(subject[0], method, subject[1], epochs=1).of(Evaluated)[0] for method in ("lora", "full"))
    assert (first.val_loss, first.val_accuracy) == (full.val_loss, full.val_accuracy)


def test_convolutions_that_cannot_be_merged_are_left_out() -> None:
    layers = (
        nn.Conv2d(4, 4, 3),
        nn.Conv2d(4, 4, 3, groups=2),
        nn.Conv2d(4, 4, 3, dilation=2),
        nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"),
    )
    assert list(adaptable_layers(Block("0", (nn.Sequential(*layers),)))) == [layers[0]]
    assert list(adaptable_layers(Block("0", (layers[0],)))) == []
    assert list(adaptable_layers(Block("embedding", (nn.Sequential(*layers),)))) == []


def test_a_backbone_without_such_layers_is_refused(gpt2: str) -> None:
    backbone = load_backbone(gpt2)
    with pytest.raises(InvalidInput, match="no layer that 'lora' can adapt: use the method 'partial'"):
        Adapters(replace(backbone, blocks=backbone.blocks[:1]), seed=0)


def test_peft_is_imported_by_the_runs_that_need_it_alone() -> None:
    code = "import sys, tlvsft.training, tlvsft.runs.worker; sys.exit('peft' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nothing_is_said_on_the_terminal(subject: Subject, capfd: pytest.CaptureFixture[str]) -> None:
    prepare(run_config(subject[0], "lora"), subject[1])
    assert capfd.readouterr().err == ""
