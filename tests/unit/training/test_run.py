"""A whole run: events in order, every method on every shape, proof of freezing, what is left behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.backbones.tiny import CONFIGS, TEXT_SHAPES, save_tiny
from tests.unit.training.fakes import image_data, run, run_config, text_data
from tlvsft.backbones import load_backbone
from tlvsft.catalog.ladder import block_states, trainable_parameters
from tlvsft.catalog.methods import METHODS
from tlvsft.errors import InvalidInput, LabelCountError, NonFiniteLoss, RunError, UnknownName
from tlvsft.events import Evaluated, Noted, RunFinished, RunStarted, RunStopped, StepTaken
from tlvsft.training import restore_classifier
from tlvsft.training.defaults import Hyperparameters


@pytest.mark.parametrize("shape", CONFIGS)
def test_every_method_runs_on_every_shape(shape: str, tmp_path: Path) -> None:
    backbone = save_tiny(shape, tmp_path)
    data = text_data() if shape in TEXT_SHAPES else image_data()
    summary = load_backbone(backbone).summary()
    for method in METHODS.values():
        heard = run(backbone, method.name, data, epochs=1)
        finished = heard.run.outcome
        assert isinstance(finished, RunFinished)
        assert finished.frozen_intact is (None if method.freezes == "none" else True)
        assert np.sum(finished.confusion_matrix) == len(data.test)
        assert heard.run.predictions is not None
        probabilities = heard.run.predictions.probabilities
        assert probabilities.shape == (len(data.test), 2)
        assert probabilities.dtype == np.float32
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)
        started = heard.of(RunStarted)[0]
        config = run_config(backbone, method.name)
        assert started.blocks == block_states(summary, config.variant, num_classes=2)
        restored = restore_classifier(
            config,
            changed_tensors=heard.run.changed_tensors,
            class_names=heard.run.class_names,
            backbone_fingerprint=heard.run.backbone_fingerprint,
        )
        np.testing.assert_array_equal(restored.predict(data.test.inputs), probabilities)
        assert heard.run.changed_tensors.keys() <= restored.model.state_dict().keys()


def test_events_come_in_order_and_count_truly(gpt2: str) -> None:
    heard = run(gpt2, "full", text_data(), epochs=3, labels=40)
    started, finished = heard.events[0], heard.events[-1]
    assert isinstance(started, RunStarted)
    assert isinstance(finished, RunFinished)
    steps, evaluations = heard.of(StepTaken), heard.of(Evaluated)
    assert [step.step for step in steps] == list(range(1, started.total_steps + 1))
    assert started.train_examples == 40
    assert steps[-1].examples == 3 * 40
    assert steps[-1].epoch == 3.0
    assert evaluations[0].step == 0
    assert evaluations[-1].step == started.total_steps == finished.steps
    times = [event.elapsed_s for event in heard.events if isinstance(event, StepTaken | Evaluated | RunFinished)]
    assert times == sorted(times)
    assert 0 < finished.train_s < finished.elapsed_s
    assert finished.examples_per_s == pytest.approx(120 / finished.train_s)
    assert finished.peak_memory_bytes > 50 * 2**20


def test_the_reported_counts_are_those_of_the_model(resnet: str) -> None:
    model = load_backbone(resnet).model
    total = sum(parameter.numel() for parameter in model.parameters())
    head = (16 + 1) * 2
    for method, trained in (("linear_probe", head), ("full", total + head), ("nearest_centroid", 0)):
        started = run(resnet, method, image_data(), epochs=1).of(RunStarted)[0]
        assert started.trainable_parameters == trained == trainable_parameters(started.blocks)
        assert started.total_parameters == total + (0 if method == "nearest_centroid" else head)


def test_learning_learns(gpt2: str, resnet: str) -> None:
    for backbone, data in ((gpt2, text_data()), (resnet, image_data())):
        heard = run(backbone, "full", data, epochs=25, labels=40)
        losses = [event.train_loss for event in heard.of(StepTaken)]
        assert np.mean(losses[-3:]) < 0.7 * np.mean(losses[:3])
        assert heard.of(RunFinished)[0].test_accuracy > 0.9


@pytest.mark.parametrize(
    ("method", "blocks"),
    [("linear_probe", None), ("partial", ("0", "2")), ("partial", ("embedding",)), ("random_features", None)],
)
def test_only_what_trains_moves(resnet: str, method: str, blocks: tuple[str, ...] | None) -> None:
    heard = run(resnet, method, image_data(), frozen_blocks=blocks, epochs=3)
    assert heard.of(RunFinished)[0].frozen_intact is True
    backbone = load_backbone(resnet)
    moved = {name.removeprefix("backbone.") for name in heard.run.changed_tensors if name.startswith("backbone.")}
    if method == "random_features":
        return
    frozen = set(backbone.summary().block_names) if blocks is None else set(blocks)
    names = {id(tensor): name for name, tensor in backbone.model.state_dict(keep_vars=True).items()}
    for block in backbone.blocks:
        here = {names[id(tensor)] for tensor in block.tensors()}
        assert bool(here & moved) is (block.name not in frozen)


def test_freezing_is_checked_not_assumed(resnet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without act 2 a frozen BatchNorm drifts, and the run says so."""
    monkeypatch.setattr("tlvsft.tasks.adapted.keep_in_evaluation", lambda _frozen: None)
    heard = run(resnet, "random_features", image_data(), stores_prefix=False)
    assert heard.of(RunFinished)[0].frozen_intact is False


@pytest.mark.parametrize(("method", "keeps"), [("full", True), ("from_scratch", False)])
def test_batch_statistics_stay_those_of_pretraining_where_there_are_any(resnet: str, method: str, keeps: bool) -> None:
    before = load_backbone(resnet).model.state_dict()
    changed = {
        name.removeprefix("backbone."): tensor
        for name, tensor in run(resnet, method, image_data()).run.changed_tensors.items()
    }
    statistics = [name for name in before if name.endswith(("running_mean", "running_var"))]
    weights = [name for name in before if name.endswith("convolution.weight")]
    moved = [name for name in statistics if name in changed and not torch.equal(changed[name], before[name])]
    assert statistics
    assert bool(moved) is not keeps
    assert all(name in changed and not torch.equal(changed[name], before[name]) for name in weights)


def test_a_partial_run_with_nothing_frozen_proves_nothing(resnet: str) -> None:
    assert run(resnet, "partial", image_data(), frozen_blocks=()).of(RunFinished)[0].frozen_intact is None


def test_nearest_centroid_takes_no_steps(gpt2: str) -> None:
    heard = run(gpt2, "nearest_centroid", text_data())
    finished = heard.of(RunFinished)[0]
    assert heard.of(RunStarted)[0].total_steps == 0
    assert not heard.of(StepTaken)
    assert [event.step for event in heard.of(Evaluated)] == [0]
    assert finished.steps == 0
    assert finished.examples_per_s is None
    assert finished.test_accuracy > 0.8


def test_notes_of_the_data_and_cut_texts_are_told(gpt2: str) -> None:
    data = text_data(notes=("Split 70/15/15.",))
    data.test.inputs[0] = "good " * 99  # type: ignore[index]
    messages = [note.message for note in run(gpt2, "linear_probe", data).of(Noted)]
    assert messages == ["Split 70/15/15.", "Test: 1 of 16 texts were longer than 16 tokens and were cut."]


def test_a_run_stops_at_the_next_step_and_keeps_what_it_learnt(gpt2: str) -> None:
    asked = iter([False] * 12)
    heard = run(gpt2, "full", text_data(), epochs=50, should_stop=lambda: next(asked, True))
    assert isinstance(heard.run.outcome, RunStopped)
    assert heard.events[-1] is heard.run.outcome
    assert heard.run.outcome.step == len(heard.of(StepTaken)) > 0
    assert heard.run.predictions is None
    assert any(name.startswith("backbone.") for name in heard.run.changed_tensors)


@pytest.mark.parametrize("patience", [0, 1, 2, 4, 5, 6])
def test_a_run_can_be_stopped_before_its_first_step(gpt2: str, patience: int) -> None:
    asked = iter([False] * patience)
    heard = run(gpt2, "full", text_data(), should_stop=lambda: next(asked, True))
    assert isinstance(heard.run.outcome, RunStopped)
    assert heard.run.outcome.step <= 1


def test_a_diverging_run_says_what_to_do(gpt2: str) -> None:
    wild = Hyperparameters(head_rate=1e30, backbone_rate=1e30, steps=10, epochs=(1, 10))
    with pytest.raises(NonFiniteLoss, match="Lower the rate factor"):
        run(gpt2, "full", text_data(), epochs=20, parameters=wild)


def test_running_out_of_memory_says_what_to_do(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr("tlvsft.training.run.fit", refuse)
    with pytest.raises(RunError, match=r"Out of memory: .*smaller backbone"):
        run(gpt2, "full", text_data())


def test_other_errors_of_torch_are_not_taken_for_lack_of_memory(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("shapes don't match")

    monkeypatch.setattr("tlvsft.training.run.fit", refuse)
    with pytest.raises(RuntimeError, match="shapes don't match"):
        run(gpt2, "full", text_data())


def test_data_of_the_other_kind_is_refused_before_anything_is_heard(gpt2: str) -> None:
    with pytest.raises(InvalidInput, match="reads text"):
        run(gpt2, "full", image_data())


def test_bad_choices_are_refused(gpt2: str) -> None:
    with pytest.raises(UnknownName):
        run(gpt2, "ful", text_data())
    with pytest.raises(UnknownName):
        run(gpt2, "partial", text_data(), frozen_blocks=("7",))
    with pytest.raises(LabelCountError):
        run(gpt2, "full", text_data(), labels=1)


def test_a_changed_backbone_is_noticed_when_a_run_is_restored(gpt2: str) -> None:
    heard = run(gpt2, "linear_probe", text_data(), epochs=1)
    with pytest.raises(InvalidInput, match="train it again"):
        restore_classifier(
            run_config(gpt2, "linear_probe"),
            changed_tensors=heard.run.changed_tensors,
            class_names=("a", "b"),
            backbone_fingerprint="0" * 64,
        )


def test_a_probe_keeps_the_head_alone(gpt2: str) -> None:
    heard = run(gpt2, "linear_probe", text_data(), epochs=1)
    assert all(name.startswith("head.") for name in heard.run.changed_tensors)
    assert all(isinstance(tensor, torch.Tensor) for tensor in heard.run.changed_tensors.values())
