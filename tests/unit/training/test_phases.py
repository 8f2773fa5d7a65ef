"""Whole runs of the methods that thaw: which tensors move when, and what the ladder says of it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.unit.training.fakes import Heard, image_data, run, text_data
from tlvsft.backbones import load_backbone
from tlvsft.catalog.ladder import trainable_parameters
from tlvsft.datasets import LabelledData
from tlvsft.events import BlocksChanged, BlockStatus, RunFinished, RunStarted, RunStopped, StepTaken
from tlvsft.training import TrainedRun

Subject = tuple[str, LabelledData]
THAWING = ("gradual_unfreezing", "lp_ft")


@pytest.fixture(params=["text", "image"])
def subject(request: pytest.FixtureRequest) -> Subject:
    """A tiny backbone of 4 blocks and data for it."""
    if request.param == "text":
        return request.getfixturevalue("bert"), text_data()
    return request.getfixturevalue("resnet"), image_data()


def changed_blocks(backbone_name: str, run: TrainedRun) -> set[str]:
    """The blocks with a tensor that differs from the pretrained one."""
    backbone = load_backbone(backbone_name)
    names = {id(tensor): name for name, tensor in backbone.model.state_dict(keep_vars=True).items()}
    moved = {name.removeprefix("backbone.") for name in run.changed_tensors if name.startswith("backbone.")}
    return {block.name for block in backbone.blocks if moved & {names.get(id(tensor)) for tensor in block.tensors()}}


def trained_blocks(blocks: tuple[BlockStatus, ...]) -> set[str]:
    return {block.name for block in blocks if block.state != "frozen" and block.name != "head"}


def ladders(heard: Heard) -> list[tuple[int, tuple[BlockStatus, ...]]]:
    """After how many updates which ladder held."""
    changes = [(event.step, event.blocks) for event in heard.of(BlocksChanged)]
    return [(0, heard.of(RunStarted)[0].blocks), *changes]


def test_blocks_thaw_from_the_top_and_the_ladder_says_when(subject: Subject) -> None:
    """5 epochs of 2 batches, 4 blocks."""
    heard = run(subject[0], "gradual_unfreezing", subject[1], epochs=5)
    assert [(step, trained_blocks(blocks)) for step, blocks in ladders(heard)] == [
        (0, set()), (2, {"2"}), (4, {"1", "2"}), (6, {"0", "1", "2"}), (8, {"embedding", "0", "1", "2"}),
    ]  # fmt: skip


def test_everything_thaws_when_the_probe_is_through(subject: Subject) -> None:
    heard = run(subject[0], "lp_ft", subject[1], epochs=5)
    assert [(step, trained_blocks(blocks)) for step, blocks in ladders(heard)] == [
        (0, set()), (5, {"embedding", "0", "1", "2"}),
    ]  # fmt: skip


@pytest.mark.parametrize("method", THAWING)
def test_a_change_is_heard_between_the_updates_that_it_separates(subject: Subject, method: str) -> None:
    heard = run(subject[0], method, subject[1], epochs=5)
    for change in heard.of(BlocksChanged):
        before = [event for event in heard.events[: heard.events.index(change)] if isinstance(event, StepTaken)]
        assert len(before) == change.step


@pytest.mark.parametrize("method", THAWING)
def test_what_trains_at_some_time_is_counted_and_nothing_is_frozen_to_the_end(subject: Subject, method: str) -> None:
    heard = run(subject[0], method, subject[1], epochs=5)
    started, finished = heard.of(RunStarted)[0], heard.of(RunFinished)[0]
    assert started.trainable_parameters == started.total_parameters
    assert trainable_parameters(heard.of(BlocksChanged)[-1].blocks) == started.trainable_parameters
    assert trainable_parameters(started.blocks) < started.trainable_parameters
    assert finished.frozen_intact is None


@pytest.mark.parametrize("method", THAWING)
def test_a_run_stopped_in_any_phase_has_moved_what_trained_until_then_and_nothing_else(
    subject: Subject, method: str
) -> None:
    """Stopped right before a block thaws, its tensors are bit-identical to the pretrained ones."""
    backbone, data = subject
    reached = [*ladders(run(backbone, method, data, epochs=5)), (10, ())]
    for (_, ladder), (end, _) in pairwise(reached):
        stopped = run(backbone, method, data, epochs=5, stop_at=end).run
        assert isinstance(stopped.outcome, RunStopped)
        assert stopped.outcome.step == end
        assert changed_blocks(backbone, stopped) == trained_blocks(ladder)


@pytest.mark.parametrize("method", THAWING)
@pytest.mark.parametrize(("labels", "first"), [(8, "trains"), (24, "frozen"), (40, "frozen")])
def test_a_run_with_fewer_updates_than_phases_still_trains_everything(
    subject: Subject, method: str, labels: int, first: str
) -> None:
    backbone, data = subject
    heard = run(backbone, method, data, epochs=1, labels=labels)
    assert heard.of(RunStarted)[0].blocks[0].state == first
    assert trained_blocks(ladders(heard)[-1][1]) == {"embedding", "0", "1", "2"}
    assert changed_blocks(backbone, heard.run) == {"embedding", "0", "1", "2"}
