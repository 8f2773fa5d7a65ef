"""What moves is measured truly, and measuring changes nothing."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tests.unit.training.fakes import Heard, corpus, image_data, run, text_data
from tlvsft.backbones import load_backbone
from tlvsft.events import BlockMovement, BlocksMoved, Evaluated, RunFinished, StepTaken
from tlvsft.training.movement import Movement, steps_to_measure
from tlvsft.training.plan import Plan


def last(heard: Heard) -> dict[str, BlockMovement]:
    return {movement.name: movement for movement in heard.of(BlocksMoved)[-1].movements}


def norm(tensors: list[Tensor]) -> float:
    return math.sqrt(sum(float(tensor.double().square().sum()) for tensor in tensors))


def changes_by_hand(backbone_name: str, heard: Heard) -> dict[str, float]:
    """For each block of the backbone, how far its parameters are from the pretrained ones."""
    backbone = load_backbone(backbone_name)
    names = {id(tensor): name for name, tensor in backbone.model.state_dict(keep_vars=True).items()}
    changed, shares = heard.run.changed_tensors, {}
    for block in backbone.blocks:
        first = {names[id(parameter)]: parameter.detach() for parameter in block.parameters()}
        moved = [changed.get(f"backbone.{name}", tensor) - tensor for name, tensor in first.items()]
        shares[block.name] = norm(moved) / norm(list(first.values()))
    return shares


@pytest.mark.parametrize(
    ("method", "blocks"), [("full", None), ("partial", ("embedding", "0")), ("linear_probe", None), ("lora", None)]
)
@pytest.mark.parametrize("shape", ["gpt2", "resnet"])
def test_the_change_of_each_block_is_that_of_its_tensors(
    shape: str, method: str, blocks: tuple[str, ...] | None, request: pytest.FixtureRequest
) -> None:
    backbone = request.getfixturevalue(shape)
    heard = run(backbone, method, image_data() if shape == "resnet" else text_data(), frozen_blocks=blocks)
    measured = last(heard)
    for name, share in changes_by_hand(backbone, heard).items():
        assert measured[name].weight_change == pytest.approx(share, rel=1e-3)
        still = share == 0
        assert (measured[name].weight_change == 0.0) is (measured[name].gradient_norm == 0.0) is still
    head = measured["head"].weight_change
    assert head is not None
    assert head > 0
    assert measured["head"].gradient_norm > 0
    assert heard.of(BlocksMoved)[-1].step == heard.of(RunFinished)[0].steps


def test_batch_statistics_are_counted_apart(resnet: str) -> None:
    kept, counted = (last(run(resnet, method, image_data())) for method in ("full", "from_scratch"))
    assert {kept[name].statistics_change for name in kept if name != "head"} == {0.0}
    drifts = [counted[name].statistics_change for name in counted if name != "head"]
    assert all(drift is not None and drift > 0 for drift in drifts)


def test_random_weights_are_measured_from_where_they_began(gpt2: str) -> None:
    heard = run(gpt2, "from_scratch", text_data(), epochs=1)
    changes = [movement.weight_change for movement in heard.of(BlocksMoved)[0].movements[:-1]]
    assert all(change is not None and 0 < change < 0.1 for change in changes)


def test_a_later_run_is_measured_from_its_own_start(gpt2: str) -> None:
    first = run(gpt2, "full", text_data(), epochs=8)
    second = run(gpt2, "linear_probe", text_data(), start=first.run)
    assert {movement.weight_change for movement in last(second).values() if movement.name != "head"} == {0.0}


def test_blocks_move_once_they_have_thawed(gpt2: str) -> None:
    heard = run(gpt2, "lp_ft", text_data(), epochs=4)
    half = heard.of(RunFinished)[0].steps // 2
    for event in heard.of(BlocksMoved):
        changes = [movement.weight_change for movement in event.movements[:-1]]
        assert all(change == 0 for change in changes) is (event.step <= half)


def test_nothing_trained_is_nothing_moved(resnet: str) -> None:
    (event,) = run(resnet, "nearest_centroid", image_data()).of(BlocksMoved)
    assert event.step == 0
    *backbone, head = event.movements
    assert {(movement.weight_change, movement.gradient_norm) for movement in backbone} == {(0.0, 0.0)}
    assert (head.weight_change, head.gradient_norm) == (None, 0.0)


def test_a_tied_head_has_no_weights_of_its_own(gpt2_lm: str) -> None:
    measured = last(run(gpt2_lm, "full", corpus(), task="language_modeling", head="tied"))
    assert measured["head"].weight_change is None
    assert measured["embedding"].weight_change


def test_gradient_norms_are_those_before_clipping(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks' norms make up the norm of all gradients, whether or not clipping has made these smaller."""
    whole: list[float] = []
    after = Movement.after_update

    def listen(movement: Movement, step: int, clipped_from: Tensor) -> None:
        whole.append(clipped_from.item())
        after(movement, step, clipped_from)

    monkeypatch.setattr(Movement, "after_update", listen)
    heard = run(gpt2, "full", text_data(), epochs=12, labels=40)
    events = heard.of(BlocksMoved)
    for event in events:
        together = math.hypot(*(movement.gradient_norm for movement in event.movements))
        assert together == pytest.approx(whole[event.step - 1], rel=1e-4)
    assert any(whole[event.step - 1] > 1.0 for event in events)
    assert any(whole[event.step - 1] < 1.0 for event in events)


@pytest.mark.parametrize("method", ["full", "lora", "gradual_unfreezing", "linear_probe"])
def test_measuring_changes_no_bit(bert: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = run(bert, method, text_data(), epochs=4)
    monkeypatch.setattr(Movement, "after_update", lambda *_arguments, **_options: None)
    unmeasured = run(bert, method, text_data(), epochs=4)
    assert unmeasured.of(BlocksMoved) == []
    losses = [[event.train_loss for event in heard.of(StepTaken)] for heard in (measured, unmeasured)]
    assert losses[0] == losses[1]
    scores = [[event.val_loss for event in heard.of(Evaluated)] for heard in (measured, unmeasured)]
    assert scores[0] == scores[1]
    assert measured.run.changed_tensors.keys() == unmeasured.run.changed_tensors.keys()
    for name, tensor in measured.run.changed_tensors.items():
        assert torch.equal(tensor, unmeasured.run.changed_tensors[name])


def test_it_looks_early_and_at_each_validation() -> None:
    plan = Plan(
        examples=40, epochs=60, batches_per_epoch=1, evaluation_steps=frozenset({10, 20, 30, 40, 50, 60}), seed=0
    )
    assert sorted(steps_to_measure(plan)) == [1, 2, 4, 8, 10, 20, 30, 40, 50, 60]
    assert steps_to_measure(None) == frozenset()
