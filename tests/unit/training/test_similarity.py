"""How much blocks resemble the pretrained ones is measured truly, and measuring changes nothing of the run."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.unit.backbones.tiny import WORDS
from tests.unit.training.fakes import Heard, corpus, image_data, run, text_data
from tlvsft.backbones import load_backbone
from tlvsft.backbones.representations import read_blocks
from tlvsft.datasets import LabelledData, Split
from tlvsft.evaluation.similarity import linear_cka
from tlvsft.events import BlocksMoved, Evaluated, Noted, RepresentationsCompared, RunFinished, RunStopped, StepTaken
from tlvsft.tasks import encode_inputs
from tlvsft.training import similarity
from tlvsft.training.observing import NOT_OBSERVED
from tlvsft.training.similarity import spread


def compared(backbone: str, method: str, data: Any, **changes: Any) -> Heard:
    return run(backbone, method, data, compares_representations=True, **changes)


def values(heard: Heard, place: int = -1) -> list[float | None]:
    return [block.cka for block in heard.of(RepresentationsCompared)[place].similarities]


@pytest.mark.parametrize("shape", ["gpt2", "resnet"])
def test_it_is_the_cka_of_what_the_blocks_give_before_and_after(shape: str, request: pytest.FixtureRequest) -> None:
    name = request.getfixturevalue(shape)
    data = image_data() if shape == "resnet" else text_data()
    heard = compared(name, "full", data, epochs=6)
    before, after = load_backbone(name), load_backbone(name)
    state = after.model.state_dict()
    for key, tensor in heard.run.changed_tensors.items():
        if key.startswith("backbone."):
            state[key.removeprefix("backbone.")].copy_(tensor)
    batch = encode_inputs(before, data.validation.inputs).batch(np.arange(len(data.validation)))
    with torch.no_grad():
        read = [read_blocks(backbone.model, backbone.blocks, batch) for backbone in (before, after)]
    by_hand = [linear_cka(read[0][name], read[1][name]) for name in read[0]]
    assert [block.name for block in heard.of(RepresentationsCompared)[-1].similarities] == list(read[0])
    np.testing.assert_allclose(np.array(values(heard), float), np.array(by_hand, float), atol=1e-5)
    assert min(value for value in values(heard) if value is not None) < 1


def test_each_evaluation_has_one_and_it_begins_at_exactly_one(gpt2: str) -> None:
    heard = compared(gpt2, "full", text_data(), epochs=4)
    told = heard.of(RepresentationsCompared)
    assert [event.step for event in told] == [event.step for event in heard.of(Evaluated)]
    assert [event.examples for event in told] == [event.examples for event in heard.of(Evaluated)]
    assert values(heard, 0) == [1.0] * 4
    assert told[-1].step == heard.of(RunFinished)[0].steps


@pytest.mark.parametrize("method", ["linear_probe", "nearest_centroid"])
def test_what_is_frozen_is_exactly_one_and_is_never_computed(
    resnet: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity, "read_blocks", None)
    heard = compared(resnet, method, image_data())
    assert {value for event in heard.of(RepresentationsCompared) for value in values(heard)} == {1.0}
    assert len(heard.of(RepresentationsCompared)) == len(heard.of(Evaluated))


def test_blocks_below_the_first_that_trains_stay_at_one(gpt2: str) -> None:
    *still, first, last = values(compared(gpt2, "partial", text_data(), epochs=6, frozen_blocks=("embedding", "0")))
    assert still == [1.0, 1.0]
    assert first is not None and first < 1  # noqa: PT018 - mypy
    assert last is not None and last < 1  # noqa: PT018 - mypy


def test_adapters_count_as_the_weights_that_they_become(gpt2: str) -> None:
    heard = compared(gpt2, "lora", text_data(), epochs=6)
    assert values(heard, 0) == [1.0] * 4
    embedding, *blocks = values(heard)
    assert embedding == 1.0
    assert all(value is not None and value < 1 for value in blocks)


def test_controls_are_compared_with_the_pretrained_backbone(resnet: str) -> None:
    fixed = compared(resnet, "random_features", image_data())
    told = [values(fixed, place) for place in range(len(fixed.of(RepresentationsCompared)))]
    assert told[0] == told[-1]
    assert all(value is not None and value < 0.999 for value in told[0][1:])
    scratch = compared(resnet, "from_scratch", image_data())
    assert values(scratch, 0) != [1.0] * len(values(scratch, 0))


def test_a_later_run_is_compared_with_the_pretrained_backbone_too(gpt2: str) -> None:
    first = compared(gpt2, "full", text_data(), epochs=8)
    second = compared(gpt2, "linear_probe", text_data(), start=first.run)
    assert values(second, 0) == values(second) == pytest.approx(values(first), abs=1e-6)
    adapted = compared(gpt2, "lora", text_data(), start=first.run, epochs=1)
    assert values(adapted, 0) == pytest.approx(values(first), abs=1e-6)


def test_drifting_statistics_show_although_no_weight_moves(resnet: str) -> None:
    heard = compared(resnet, "linear_probe", image_data(), batchnorm="train", epochs=4)
    assert {block.weight_change for block in heard.of(BlocksMoved)[-1].movements[:-1]} == {0.0}
    assert values(heard, 0) == [1.0] * len(values(heard))
    assert any(value is not None and value < 1 for value in values(heard))


def test_language_models_are_compared_too(gpt2_lm: str) -> None:
    rng = np.random.default_rng(0)
    texts = tuple(" ".join(rng.choice(WORDS, size=8)) for _ in range(12))  # of two texts all models think alike
    data = replace(corpus(), validation=texts)
    heard = compared(gpt2_lm, "full", data, task="language_modeling", head="kept", epochs=4)
    assert values(heard, 0) == [1.0] * 4
    assert all(value is not None and value < 1 for value in values(heard)[1:])


def test_nobody_who_only_trains_pays_for_it(gpt2: str) -> None:
    assert run(gpt2, "full", text_data()).of(RepresentationsCompared) == []


def test_too_few_examples_are_not_compared(gpt2: str) -> None:
    data = text_data()
    few = Split(inputs=data.validation.inputs[:3], labels=data.validation.labels[:3])
    small = LabelledData(
        name="few", modality="text", class_names=data.class_names, train=data.train, validation=few, test=data.test
    )
    heard = compared(gpt2, "full", small)
    assert heard.of(RepresentationsCompared) == []
    assert isinstance(heard.run.outcome, RunFinished)


@pytest.mark.parametrize(
    ("shape", "method", "changes"),
    [
        ("bert", "full", {}),
        ("bert", "lora", {}),
        ("gpt2", "gradual_unfreezing", {}),
        ("gpt2", "from_scratch", {}),
        ("resnet", "full", {}),
        ("resnet", "from_scratch", {}),
        ("resnet", "random_features", {}),
        ("resnet", "full", {"batchnorm": "train"}),
        ("resnet", "partial", {"frozen_blocks": ("embedding", "0")}),
    ],
)
@pytest.mark.usefixtures("global_generator_kept")
def test_comparing_changes_no_bit(
    shape: str, method: str, changes: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    name = request.getfixturevalue(shape)
    data = image_data() if shape == "resnet" else text_data()
    watched, plain = compared(name, method, data, epochs=4, **changes), run(name, method, data, epochs=4, **changes)
    assert len(watched.of(RepresentationsCompared)) == len(watched.of(Evaluated))
    for kind, field in ((StepTaken, "train_loss"), (Evaluated, "val_loss"), (BlocksMoved, "movements")):
        assert [getattr(event, field) for event in watched.of(kind)] == [
            getattr(event, field) for event in plain.of(kind)
        ]
    assert watched.run.changed_tensors.keys() == plain.run.changed_tensors.keys()
    for key, tensor in plain.run.changed_tensors.items():
        assert torch.equal(watched.run.changed_tensors[key], tensor)
    assert watched.run.predictions is not None
    assert plain.run.predictions is not None
    np.testing.assert_array_equal(watched.run.predictions.probabilities, plain.run.predictions.probabilities)


def test_its_time_is_in_none_of_the_runs(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*arguments: Any) -> Any:
        time.sleep(0.2)
        return read_blocks(*arguments)

    monkeypatch.setattr(similarity, "read_blocks", slow)
    started = time.perf_counter()
    heard = compared(gpt2, "full", text_data(), epochs=4)
    took = time.perf_counter() - started
    looks = len(heard.of(RepresentationsCompared))
    finished = heard.of(RunFinished)[0]
    assert finished.observed_s >= 0.2 * looks
    assert finished.train_s <= finished.elapsed_s <= took - 0.2 * looks
    seconds = [event.elapsed_s for event in heard.events if hasattr(event, "elapsed_s")]
    assert seconds == sorted(seconds)


def test_stop_is_heard_while_it_looks(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping: list[bool] = []

    def stops(*arguments: Any) -> Any:
        stopping.append(True)
        return read_blocks(*arguments)

    monkeypatch.setattr(similarity, "read_blocks", stops)
    heard = compared(gpt2, "full", text_data(), should_stop=lambda: bool(stopping))
    assert isinstance(heard.run.outcome, RunStopped)
    assert heard.run.predictions is None


def test_examples_are_spread_evenly_and_always_the_same() -> None:
    assert spread(10, 4).tolist() == [0, 2, 5, 7]
    assert spread(3, 4).tolist() == [0, 1, 2]
    assert spread(0, 4).tolist() == []


def test_a_comparison_that_breaks_is_noted_once_and_the_run_goes_on(
    resnet: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(similarity, "read_blocks", None)
    heard = compared(resnet, "full", image_data(), epochs=4)
    assert isinstance(heard.run.outcome, RunFinished)
    assert len(heard.of(Evaluated)) > 1
    assert heard.of(RepresentationsCompared) == []
    assert [note.message for note in heard.of(Noted)] == [NOT_OBSERVED]
    assert "TypeError" in capsys.readouterr().err
