"""Whole runs of the methods that thaw: which tensors move when, and what the ladder says of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest

from tests.unit.training.fakes import Heard, corpus, image_data, run, text_data
from tlvsft.backbones import load_backbone
from tlvsft.catalog.ladder import trainable_parameters
from tlvsft.config import Task
from tlvsft.datasets import LabelledData, TextData, load_general_text
from tlvsft.events import BlocksChanged, BlockStatus, RunFinished, RunStarted, RunStopped, StepTaken
from tlvsft.training import TrainedRun

THAWING = ("gradual_unfreezing", "lp_ft")


@dataclass(frozen=True)
class Subject:
    """A tiny backbone of 4 blocks, data for it, and what is learnt."""

    backbone: str
    data: LabelledData | TextData
    task: Task = "classification"

    def run(self, method: str, **changes: object) -> Heard:
        """5 epochs of 2 batches, unless asked otherwise."""
        return run(self.backbone, method, self.data, task=self.task, **{"epochs": 5} | changes)


@pytest.fixture(params=["text", "image", "words"])
def subject(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Subject:
    match request.param:
        case "text":
            return Subject(request.getfixturevalue("bert"), text_data())
        case "image":
            return Subject(request.getfixturevalue("resnet"), image_data())
    monkeypatch.setattr("tlvsft.training.language_modeling.load_general_text", lambda: load_general_text()[:2])
    return Subject(request.getfixturevalue("gpt2_lm"), corpus(train_texts=40), "language_modeling")


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
    heard = subject.run("gradual_unfreezing")
    assert [(step, trained_blocks(blocks)) for step, blocks in ladders(heard)] == [
        (0, set()), (2, {"2"}), (4, {"1", "2"}), (6, {"0", "1", "2"}), (8, {"embedding", "0", "1", "2"}),
    ]  # fmt: skip


def test_everything_thaws_when_the_probe_is_through(subject: Subject) -> None:
    heard = subject.run("lp_ft")
    assert [(step, trained_blocks(blocks)) for step, blocks in ladders(heard)] == [
        (0, set()), (5, {"embedding", "0", "1", "2"}),
    ]  # fmt: skip


@pytest.mark.parametrize("method", THAWING)
def test_a_change_is_heard_between_the_updates_that_it_separates(subject: Subject, method: str) -> None:
    heard = subject.run(method)
    for change in heard.of(BlocksChanged):
        before = [event for event in heard.events[: heard.events.index(change)] if isinstance(event, StepTaken)]
        assert len(before) == change.step


@pytest.mark.parametrize("method", THAWING)
def test_what_trains_at_some_time_is_counted_and_nothing_is_frozen_to_the_end(subject: Subject, method: str) -> None:
    heard = subject.run(method)
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
    reached = [*ladders(subject.run(method)), (10, ())]
    for (_, ladder), (end, _) in pairwise(reached):
        stopped = subject.run(method, stop_at=end).run
        assert isinstance(stopped.outcome, RunStopped)
        assert stopped.outcome.step == end
        assert changed_blocks(subject.backbone, stopped) == trained_blocks(ladder)


@pytest.mark.parametrize("method", THAWING)
@pytest.mark.parametrize(("labels", "first"), [(8, "trains"), (24, "frozen"), (40, "frozen")])
def test_a_run_with_fewer_updates_than_phases_still_trains_everything(
    subject: Subject, method: str, labels: int, first: str
) -> None:
    heard = subject.run(method, epochs=1, labels=labels)
    assert heard.of(RunStarted)[0].blocks[0].state == first
    assert trained_blocks(ladders(heard)[-1][1]) == {"embedding", "0", "1", "2"}
    assert changed_blocks(subject.backbone, heard.run) == {"embedding", "0", "1", "2"}
