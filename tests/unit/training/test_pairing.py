"""Paired runs share label subset, head and batch order, whatever the method; the same seed gives the same curve."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.training.fakes import Heard, image_data, run, run_config, text_data
from tlvsft.catalog.methods import METHODS
from tlvsft.events import Evaluated, StepTaken
from tlvsft.training import loop
from tlvsft.training.plan import Plan
from tlvsft.training.preparation import prepare
from tlvsft.training.randomness import derive_seed
from tlvsft.training.stopping import never

STEPPING = [name for name, method in METHODS.items() if method.takes_steps]


def curve(heard: Heard) -> list[float]:
    steps = [event.train_loss for event in heard.of(StepTaken)]
    return steps + [value for event in heard.of(Evaluated) for value in (event.val_loss, event.val_accuracy)]


def test_all_methods_see_the_same_examples_in_the_same_order(gpt2: str) -> None:
    data = text_data()
    seen = set()
    for method in STEPPING:
        prepared = prepare(run_config(gpt2, method, labels=20, epochs=3, seed=4), data)
        assert prepared.plan is not None
        list(prepared.objective.encode(never))
        batches = [batch.tolist() for batch in prepared.plan.batches(prepared.objective.lengths)]
        seen.add(repr([[prepared.objective.train.inputs[index] for index in batch] for batch in batches]))
    assert len(seen) == 1


def test_more_epochs_begin_with_the_same_batches() -> None:
    def orders(epochs: int) -> list[list[int]]:
        plan = Plan(examples=10, epochs=epochs, batches_per_epoch=3, evaluation_steps=frozenset(), seed=7)
        return [batch.tolist() for batch in plan.batches(np.ones(10, dtype=np.int64))]

    assert orders(5)[:6] == orders(2)
    assert sorted(index for batch in orders(1) for index in batch) == list(range(10))
    assert orders(2)[:3] != orders(2)[3:]


def test_all_methods_start_from_the_same_head(resnet: str) -> None:
    heads = [prepare(run_config(resnet, method, seed=4), image_data()).model.head for method in STEPPING]
    weights = [head.linear.weight for head in heads]  # type: ignore[union-attr]
    assert all(torch.equal(weights[0], weight) for weight in weights[1:])
    other = prepare(run_config(resnet, "full", seed=5), image_data()).model.head
    assert not torch.equal(weights[0], other.linear.weight)  # type: ignore[union-attr]


def test_pretrained_methods_start_from_the_same_evaluation(gpt2: str) -> None:
    pretrained = [name for name in STEPPING if METHODS[name].pretrained]
    first = [run(gpt2, method, text_data()).of(Evaluated)[0] for method in pretrained]
    assert len({(event.val_loss, event.val_accuracy) for event in first}) == 1


def test_both_controls_share_their_random_weights(gpt2: str) -> None:
    models = [prepare(run_config(gpt2, method), text_data()).model for method in ("from_scratch", "random_features")]
    states = [model.backbone.state_dict() for model in models]
    assert all(torch.equal(tensor, states[1][name]) for name, tensor in states[0].items())


@pytest.mark.parametrize("method", [name for name in STEPPING if name not in {"partial", "random_features"}])
@pytest.mark.usefixtures("global_generator_kept")
def test_the_same_seed_gives_the_same_curve_bit_for_bit(bert: str, method: str) -> None:
    """BERT has dropout: its draws are seeded too, whatever was drawn before."""
    first = run(bert, method, text_data(), seed=3)
    second = run(bert, method, text_data(), seed=3)
    assert curve(first) == curve(second)
    assert first.run.predictions is not None
    assert second.run.predictions is not None
    np.testing.assert_array_equal(first.run.predictions.probabilities, second.run.predictions.probabilities)
    for name, tensor in first.run.changed_tensors.items():
        assert torch.equal(tensor, second.run.changed_tensors[name])


def test_another_seed_gives_another_curve(bert: str) -> None:
    assert curve(run(bert, "full", text_data(), seed=3)) != curve(run(bert, "full", text_data(), seed=4))


def test_dropout_is_on_where_it_trains_and_off_where_it_is_frozen(bert: str) -> None:
    """A frozen BERT gives the same features at every pass; a trained one doesn't."""
    data = text_data()
    for method, same in (("linear_probe", True), ("full", False)):
        prepared = prepare(run_config(bert, method), data)
        prepared.model.train()
        batch = prepared.objective.encode_split(prepared.objective.train).inputs.batch(np.arange(4))
        with torch.no_grad():
            assert torch.equal(prepared.model.represent(batch), prepared.model.represent(batch)) is same


def test_purposes_have_streams_of_their_own() -> None:
    seeds = {
        derive_seed(seed, purpose)
        for seed in range(50)
        for purpose in ("backbone", "head", "batches", "dropout", "adapters")
    }  # type: ignore[arg-type]
    assert len(seeds) == 250
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_the_loop_fits_one_screen() -> None:
    assert len(Path(loop.__file__).read_text(encoding="utf-8").splitlines()) <= 60
