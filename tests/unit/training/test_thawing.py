"""Phases: which blocks train when, and that nothing else moves."""

from __future__ import annotations

import itertools

import pytest

from tests.unit.training.fakes import image_data, run_config
from tlvsft.catalog.methods import METHODS
from tlvsft.training.defaults import Hyperparameters
from tlvsft.training.optimizer import build_optimizer
from tlvsft.training.phases import Phase, plan_phases
from tlvsft.training.preparation import prepare
from tlvsft.training.thawing import Thawing

BLOCKS = ("embedding", "0", "1", "2")
PARAMETERS = Hyperparameters(head_rate=0.2, backbone_rate=0.1, steps=10, epochs=(1, 1), schedule="slanted_triangular")


def phases(method: str, total_steps: int, frozen: tuple[str, ...] = ()) -> tuple[Phase, ...]:
    return plan_phases(METHODS[method], BLOCKS, frozen=frozenset(frozen), total_steps=total_steps)


def spans(planned: tuple[Phase, ...]) -> list[tuple[int, str]]:
    return [(phase.start, " ".join(name for name in BLOCKS if name in phase.frozen)) for phase in planned]


def test_most_methods_have_one_phase() -> None:
    assert phases("partial", 30, ("embedding", "0")) == (
        Phase(start=0, frozen=frozenset({"embedding", "0"}), cycle=range(30)),
    )


def test_blocks_thaw_from_the_top_one_each_epoch() -> None:
    """5 epochs of 3 batches, 4 blocks."""
    planned = phases("gradual_unfreezing", 15)
    assert spans(planned) == [
        (0, "embedding 0 1 2"), (3, "embedding 0 1"), (6, "embedding 0"), (9, "embedding"), (12, ""),
    ]  # fmt: skip
    assert {phase.cycle for phase in planned} == {range(15)}


def test_a_probe_comes_before_everything_and_rates_start_anew() -> None:
    planned = phases("lp_ft", 15)
    assert spans(planned) == [(0, "embedding 0 1 2"), (7, "")]
    assert [phase.cycle for phase in planned] == [range(7), range(7, 15)]


@pytest.mark.parametrize("method", ["gradual_unfreezing", "lp_ft"])
@pytest.mark.parametrize("total_steps", range(1, 12))
def test_the_last_phase_trains_everything_however_short_the_run(method: str, total_steps: int) -> None:
    planned = phases(method, total_steps)
    starts = [phase.start for phase in planned]
    assert starts == sorted(set(starts))
    assert starts[0] == 0
    assert starts[-1] < total_steps
    assert planned[-1].frozen == frozenset()
    assert all(later.frozen < earlier.frozen for earlier, later in itertools.pairwise(planned))
    assert all(phase.start in phase.cycle for phase in planned)


def test_two_updates_are_enough_for_a_head_alone() -> None:
    assert spans(phases("gradual_unfreezing", 2)) == [(0, "embedding 0 1 2"), (1, "")]


def test_thawed_parameters_join_the_optimizer_with_their_phase(resnet: str) -> None:
    prepared = prepare(run_config(resnet, "gradual_unfreezing", epochs=5), image_data())
    blocks = prepared.backbone.blocks
    optimizer = build_optimizer(prepared.model, blocks, PARAMETERS)
    heard: list[Phase] = []
    thawing = Thawing(
        prepared.model, blocks, prepared.phases, parameters=PARAMETERS, optimizer=optimizer, on_phase=heard.append
    )
    assert prepared.plan is not None
    for step in range(prepared.plan.total_steps):
        thawing.before_update(step)
        phase = max((phase for phase in prepared.phases if phase.start <= step), key=lambda phase: phase.start)
        given = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
        for block in blocks:
            ids = {id(parameter) for parameter in block.parameters()}
            frozen = block.name in phase.frozen
            assert ids.isdisjoint(given) if frozen else ids <= given
            assert all(parameter.requires_grad is not frozen for parameter in block.parameters())
            assert all(module.training is not frozen for module in block.modules)
    assert heard == list(prepared.phases[1:])


def test_rates_follow_the_cycle_of_the_phase(resnet: str) -> None:
    prepared = prepare(run_config(resnet, "lp_ft", labels=40, epochs=14), image_data())
    blocks = prepared.backbone.blocks
    optimizer = build_optimizer(prepared.model, blocks, PARAMETERS)
    thawing = Thawing(
        prepared.model, blocks, prepared.phases, parameters=PARAMETERS, optimizer=optimizer, on_phase=lambda _: None
    )
    assert prepared.plan is not None
    assert prepared.plan.total_steps == 42
    rates = []
    for step in range(42):
        thawing.before_update(step)
        rates.append(optimizer.param_groups[0]["lr"] / 0.2)
        assert all(group["lr"] / group["peak_rate"] == pytest.approx(rates[-1]) for group in optimizer.param_groups)
    assert rates[:21] == pytest.approx(rates[21:])
    assert rates[0] == pytest.approx(1 / 32)
    assert rates[2] == pytest.approx(1.0)
    assert {group["peak_rate"] for group in optimizer.param_groups} == {0.2, 0.1}
