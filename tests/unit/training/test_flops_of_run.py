"""What a run computed, counted afterwards on single examples, beside torch's own counter around the whole run."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.unit.training.fakes import corpus, image_data, run, text_data
from tlvsft.backbones import Arithmetic
from tlvsft.datasets import LabelledData, TextData
from tlvsft.events import Noted, RunFinished
from tlvsft.training import classification, language_modeling, prefix_cache
from tlvsft.training.flop_bench import Curve
from tlvsft.training.flops import flop_counter
from tlvsft.training.flops_of_run import NOT_COUNTED, count_run_flops, observe_flops
from tlvsft.training.observing import Observation
from tlvsft.training.preparation import Preparation

CASES = [
    ("gpt2", "linear_probe"),
    ("gpt2", "partial"),
    ("gpt2", "gradual_unfreezing"),
    ("gpt2", "lora"),
    ("gpt2", "nearest_centroid"),
    ("bert", "full"),
    ("bert", "lp_ft"),
    ("resnet", "partial"),
    ("resnet", "from_scratch"),
    ("resnet", "lora"),
    ("gpt2_lm", "partial"),
    ("gpt2_lm", "lp_ft"),
    ("bert_lm", "full"),
]
SETTINGS = {"epochs": 4, "labels": 24}


@pytest.fixture(autouse=True)
def _nothing_is_known_from_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TLVSFT_HOME", str(tmp_path))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What torch counts while runs train: each step, what the head reads first, what is stored for training."""
    counts: list[int] = []

    def watch(owner: Any, name: str, is_training: Callable[..., bool] = lambda **_: True) -> None:
        original = getattr(owner, name)

        def call(*arguments: Any, **options: Any) -> Any:
            with flop_counter() as counter:
                answer = original(*arguments, **options)
            if is_training(**options):
                counts.append(int(counter.get_total_flops()))
            return answer

        monkeypatch.setattr(owner, name, call)

    for objective in (classification.Classification, language_modeling.LanguageModeling):
        watch(objective, "loss")
        watch(objective, "begin")
    watch(torch.Tensor, "backward")
    stores = prefix_cache.PrefixCache
    watch(stores, "store", lambda **options: options.get("on_computed", prefix_cache.nobody) is not prefix_cache.nobody)
    return counts


def data_for(shape: str) -> LabelledData | TextData:
    return corpus() if shape.endswith("_lm") else image_data() if shape == "resnet" else text_data()


def finish(backbone: str, method: str, shape: str, **settings: Any) -> RunFinished:
    task = "language_modeling" if shape.endswith("_lm") else "classification"
    outcome = run(backbone, method, data_for(shape), task=task, **SETTINGS, **settings).run.outcome
    assert isinstance(outcome, RunFinished)
    return outcome


@pytest.mark.parametrize(("shape", "method"), CASES)
def test_it_is_what_the_whole_training_computes(
    shape: str, method: str, request: pytest.FixtureRequest, counted: list[int]
) -> None:
    backbone = request.getfixturevalue(shape)
    finish(backbone, method, shape)
    training = sum(counted)
    outcome = finish(backbone, method, shape, observers=(observe_flops,))
    assert outcome.train_flops == pytest.approx(training, rel=1e-6)


@pytest.mark.parametrize(("shape", "method"), [("gpt2", "linear_probe"), ("bert", "lp_ft"), ("resnet", "partial")])
def test_without_the_cache_it_is_what_a_run_without_it_computes(
    shape: str, method: str, request: pytest.FixtureRequest, counted: list[int]
) -> None:
    backbone = request.getfixturevalue(shape)
    finish(backbone, method, shape, stores_prefix=False)
    training = sum(counted)
    outcome = finish(backbone, method, shape, observers=(observe_flops,))
    assert outcome.uncached_flops == pytest.approx(training, rel=1e-6)
    assert outcome.train_flops is not None
    assert outcome.uncached_flops > outcome.train_flops


def test_what_an_earlier_run_stored_counts_all_the_same(gpt2: str) -> None:
    first = finish(gpt2, "linear_probe", "gpt2", observers=(observe_flops,))
    second = finish(gpt2, "linear_probe", "gpt2", observers=(observe_flops,))
    assert second.reused_s > 0
    assert second.train_flops == first.train_flops


def test_bfloat16_counts_as_much_as_float32(gpt2: str) -> None:
    both = [
        finish(gpt2, "full", "gpt2", observers=(observe_flops,), arithmetic=Arithmetic(precision=precision))
        for precision in ("float32", "bfloat16")
    ]
    assert both[0].train_flops == both[1].train_flops


@pytest.mark.parametrize(
    ("shape", "method"), [("resnet", "from_scratch"), ("bert", "full"), ("gpt2", "lora"), ("bert_lm", "full")]
)
def test_the_run_is_left_as_it_was(
    shape: str, method: str, request: pytest.FixtureRequest, global_generator_kept: None
) -> None:
    kept: list[Preparation] = []

    def keeps(prepared: Preparation, *_: Any) -> Observation:
        kept.append(prepared)
        return Observation()

    finish(request.getfixturevalue(shape), method, shape, observers=(keeps,))
    prepared, model = kept[0], kept[0].model
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    values = {name: None if gradient is None else gradient.clone() for name, gradient in gradients.items()}
    flags = {name: parameter.requires_grad for name, parameter in model.named_parameters()}
    modes = {name: module.training for name, module in model.named_modules()}
    prefix = model.prefix
    observe_flops(prepared, None, lambda: False)  # type: ignore[arg-type]
    assert model.state_dict().keys() == state.keys()
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())
    for name, parameter in model.named_parameters():
        before = values[name]
        assert parameter.grad is gradients[name]
        assert before is None or torch.equal(parameter.grad, before)
    assert {name: parameter.requires_grad for name, parameter in model.named_parameters()} == flags
    assert {name: module.training for name, module in model.named_modules()} == modes
    assert model.prefix is prefix
    assert count_run_flops(prepared) == count_run_flops(prepared)


def test_a_run_that_can_not_be_counted_is_good_all_the_same(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("Only Tensors created explicitly by the user support the deepcopy protocol")

    monkeypatch.setattr("tlvsft.training.flops_of_run.count_run_flops", fails)
    heard = run(gpt2, "full", text_data(), observers=(observe_flops,), **SETTINGS)
    assert isinstance(heard.run.outcome, RunFinished)
    assert heard.run.outcome.train_flops is None
    assert heard.of(Noted)[-1].message == NOT_COUNTED


def test_a_quadratic_is_met_between_and_beyond_its_points() -> None:
    def cost(length: int) -> Fraction:
        return Fraction(7 + 3 * length + 5 * length**2)

    curve = Curve(tuple((length, cost(length)) for length in (2, 5, 11)))
    assert [curve.at(length) for length in (1, 2, 7, 20)] == [cost(length) for length in (1, 2, 7, 20)]
    assert Curve(((4, Fraction(9)),)).at(4) == 9
    assert Curve(((2, Fraction(4)), (4, Fraction(8)))).at(3) == 6
