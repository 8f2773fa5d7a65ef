"""Runs that start from the weights of others: found, loaded, waited for, stopped together, written down."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
import torch

from tests.integration.fake_training import fake_train
from tests.unit.runs.conftest import PaperLauncher
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig, parse_run_reference
from tlvsft.errors import InvalidInput
from tlvsft.events import Descended, RunFailed, RunFinished
from tlvsft.runs.artifacts import WEIGHTS_FILE, load_checkpoint
from tlvsft.runs.chains import as_ancestor, chain_of, find_start, read_lineage, stopped_together
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.pruning import prune_weights
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store
from tlvsft.runs.worker import work

WORDS = ComparisonConfig(
    backbone="x", dataset=DatasetConfig(name="d"), labels=2, task="language_modeling", left=VariantConfig(method="full")
)
CLASSES = ComparisonConfig(
    backbone="x", dataset=DatasetConfig(name="d"), labels=2, right=VariantConfig(method="full", start="previous-left")
)


def work_here(store: Store, comparison_id: str) -> None:
    for run in store.comparison(comparison_id).runs:
        work(store, run.id, threads=1, train=fake_train, server_alive=lambda: True)  # type: ignore[arg-type]


def add_chain(store: Store, *configs: ComparisonConfig, owner: str | None = None) -> tuple[str, ...]:
    return store.add_chain(configs or (WORDS, CLASSES), owner=owner)


# Names --------------------------------------------------------------------------------------------------------------


def test_the_comparison_before_is_named_when_both_are_recorded(store: Store) -> None:
    first, second = add_chain(store)
    config = store.comparison(second).config
    assert config.right.start == f"{first}-left"
    assert config.left.start is None
    assert config.started_from() == (first,)
    assert chain_of(store, second) == (first, second)
    assert chain_of(store, first) == (first,)


def test_nothing_is_recorded_where_nothing_ran_before(store: Store) -> None:
    with pytest.raises(InvalidInput, match="Nothing ran before"):
        add_chain(store, CLASSES)
    assert store.comparisons(owner=None) == []


def test_a_start_is_the_run_of_the_same_seed_or_else_of_the_first(store: Store) -> None:
    several = store.add_comparison(replace(WORDS, seed=3, seeds=2), owner=None)
    reference = parse_run_reference(f"{several}-right")
    assert find_start(store, reference, seed=4).id == f"{several}-right-4"
    assert find_start(store, reference, seed=9).id == f"{several}-right-3"
    assert find_start(store, parse_run_reference(f"{several}:left:4"), seed=3).id == f"{several}-left-4"
    with pytest.raises(InvalidInput, match="has no seed 7: choose from 3 to 4"):
        find_start(store, parse_run_reference(f"{several}-left-7"), seed=3)
    with pytest.raises(InvalidInput, match="There is no comparison"):
        find_start(store, parse_run_reference("abc-left"), seed=3)


# Weights and lineage -------------------------------------------------------------------------------------------------


def test_three_generations_hand_on_weights_and_figures(store: Store) -> None:
    third = replace(CLASSES, left=VariantConfig(method="full", start="previous-right"))
    names = add_chain(store, WORDS, CLASSES, third)
    for name in names:
        work_here(store, name)
    grandchild = store.comparison(names[2]).run("left")
    assert torch.equal(
        load_checkpoint(store.run_folder(grandchild.id)).changed_tensors["head.weight"], torch.ones(2, 2) * 3
    )
    first_event = store.events(grandchild.id)[0][1]
    assert isinstance(first_event, Descended)
    oldest, nearest = first_event.lineage
    assert (oldest.comparison_id, oldest.side, oldest.task, oldest.perplexity) == (
        names[0],
        "left",
        "language_modeling",
        70.0,
    )
    assert (nearest.run_id, nearest.test_accuracy, nearest.perplexity) == (f"{names[1]}-right-0", 1.0, None)
    assert read_lineage(store, grandchild.id) == first_event.lineage
    assert read_lineage(store, store.comparison(names[1]).run("left").id) == ()


def test_an_ancestor_tells_what_its_training_computed(store: Store) -> None:
    run = store.comparison(store.add_comparison(WORDS, owner=None)).run("left")
    finish = RunFinished(
        steps=1, frozen_intact=None, elapsed_s=2.0, train_s=1.0, examples_per_s=1.0, peak_memory_bytes=1, train_flops=7
    )
    assert (as_ancestor(run, finish).train_flops, as_ancestor(run, finish).train_s) == (7, 1.0)


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("failed", "is failed: run that comparison again first"),
        ("unfinished", "is queued: run that comparison again first"),
        ("stopped", "is stopped: run that comparison again first"),
        ("pruned", "has no weights"),
        ("backbone", "is of the backbone 'x', not 'y'"),
    ],
)
def test_what_can_not_be_started_from_is_said_in_one_line(store: Store, trouble: str, message: str) -> None:
    first = store.add_comparison(WORDS, owner=None)
    config = replace(CLASSES, right=VariantConfig(method="full", start=f"{first}-left"))
    second = store.add_comparison(replace(config, backbone="y") if trouble == "backbone" else config, owner=None)
    if trouble == "failed":
        store.end_run(f"{first}-left-0", "failed", event=RunFailed(message="why"))
    elif trouble == "stopped":
        store.end_run(f"{first}-left-0", "stopped")
    elif trouble != "unfinished":
        work_here(store, first)
    if trouble == "pruned":
        (store.run_folder(f"{first}-left-0") / WEIGHTS_FILE).unlink()
    work_here(store, second)
    run = store.comparison(second).run("right")
    assert (run.state, run.invalid_input) == ("failed", True)
    assert message in str(run.message)
    assert "\n" not in str(run.message)
    assert store.comparison(second).run("left").state == "finished"


def test_a_language_model_leaves_losses_and_answers_while_it_trains(store: Store) -> None:
    name = store.add_comparison(WORDS, owner=None)
    run = store.comparison(name).run("left")
    steps: list[int | None] = []

    def look(config: object, **options: object) -> object:
        trained = fake_train(config, **options)  # type: ignore[arg-type]
        steps.append(load_checkpoint(store.run_folder(run.id)).step)
        return trained

    work(store, run.id, threads=1, train=look, server_alive=lambda: True)  # type: ignore[arg-type]
    assert steps == [2]
    assert store.text_losses(run.id).tokens.tolist() == [1, 2, 3]
    assert store.text_losses(run.id).losses.tolist() == [4.0, 5.0, 6.0]
    with pytest.raises(InvalidInput):
        store.predictions(run.id)
    with pytest.raises(InvalidInput):
        store.examples(name)


def test_weights_that_somebody_waits_for_are_not_pruned(store: Store) -> None:
    first, second = add_chain(store)
    work_here(store, first)
    newer = store.add_comparison(WORDS, owner=None)
    work_here(store, newer)
    prune_weights(store, keep=1)
    assert (store.run_folder(f"{first}-left-0") / WEIGHTS_FILE).exists()
    work_here(store, second)
    prune_weights(store, keep=1)
    assert not (store.run_folder(f"{first}-left-0") / WEIGHTS_FILE).exists()


# The line ------------------------------------------------------------------------------------------------------------


def test_a_comparison_waits_for_what_it_starts_from_and_lets_others_go_first(
    store: Store, launcher: PaperLauncher
) -> None:
    scheduler = Scheduler(store, launcher=launcher, cores=16)
    first, second = scheduler.submit_chain([WORDS, CLASSES], owner=None)
    other = scheduler.submit(CLASSES_ALONE, owner=None)
    scheduler._tick()
    assert launcher.launched == [f"{first}-left-0", f"{first}-right-0", f"{other}-left-0", f"{other}-right-0"]
    for worker in launcher.workers:
        store.begin_run(worker.run_id, ProcessIdentity.own())
    assert scheduler.queue_place(second) == 1
    weights = store.run_folder(f"{first}-left-0") / WEIGHTS_FILE
    weights.parent.mkdir(parents=True)
    weights.touch()
    for worker in launcher.workers:
        store.end_run(worker.run_id, "finished", event=FINISHED)
        worker.is_alive = False
    scheduler._tick()
    scheduler._tick()
    assert launcher.launched[4:] == [f"{second}-left-0", f"{second}-right-0"]


def test_a_chain_is_stopped_as_a_whole_or_from_one_comparison_on(store: Store, launcher: PaperLauncher) -> None:
    scheduler = Scheduler(store, launcher=launcher, cores=2)

    def states() -> list[set[str]]:
        return [{run.state for run in store.comparison(name).runs} for name in (first, second)]

    first, second = scheduler.submit_chain([WORDS, CLASSES], owner=None)
    scheduler.stop(second)
    assert states() == [{"queued"}, {"stopped"}]
    first, second = scheduler.submit_chain([WORDS, CLASSES], owner=None)
    assert stopped_together(store, first, viewer=None, whole_chain=False) == (second, first)
    scheduler.stop(first)
    assert states() == [{"stopped"}, {"stopped"}]
    first, second = scheduler.submit_chain([WORDS, CLASSES], owner=None)
    scheduler.stop(second, whole_chain=True)
    assert states() == [{"stopped"}, {"stopped"}]


def test_who_waits_for_the_same_stops_with_a_whole_chain_and_nobody_else(store: Store) -> None:
    finished, running = (store.add_comparison(WORDS, owner=None) for _ in range(2))
    work_here(store, finished)
    later, sibling, elsewhere = (
        store.add_comparison(replace(CLASSES, right=VariantConfig(method="full", start=f"{before}-left")), owner=None)
        for before in (running, running, finished)
    )
    assert stopped_together(store, later, viewer=None, whole_chain=False) == (later,)
    assert stopped_together(store, later, viewer=None, whole_chain=True) == (sibling, later, running)
    assert stopped_together(store, finished, viewer=None, whole_chain=False) == (elsewhere,)


def test_what_has_begun_goes_on_unless_the_whole_chain_is_stopped(store: Store) -> None:
    first, second = add_chain(store)
    work_here(store, first)
    store.begin_run(f"{second}-left-0", ProcessIdentity.own())
    assert stopped_together(store, first, viewer=None, whole_chain=False) == ()
    assert stopped_together(store, first, viewer=None, whole_chain=True) == (second,)


def test_a_strangers_part_of_a_chain_is_left_alone(store: Store) -> None:
    theirs = store.add_comparison(WORDS, owner="somebody")
    config = replace(CLASSES, right=VariantConfig(method="full", start=f"{theirs}-left"))
    of_the_machine = store.add_comparison(config, owner=None)
    mine = store.add_comparison(
        replace(CLASSES, right=VariantConfig(method="full", start=f"{of_the_machine}-left")), owner="me"
    )
    assert stopped_together(store, mine, viewer="me", whole_chain=True) == (mine, of_the_machine)
    assert stopped_together(store, theirs, viewer="somebody", whole_chain=True) == (of_the_machine, theirs)


@pytest.mark.parametrize("seeds", [1, 2])
def test_a_comparison_that_lost_its_start_fails_as_a_whole_when_its_turn_comes(
    store: Store, launcher: PaperLauncher, seeds: int
) -> None:
    scheduler = Scheduler(store, launcher=launcher, cores=2)
    first, second = scheduler.submit_chain([WORDS, replace(CLASSES, seeds=seeds)], owner=None)
    other = scheduler.submit(CLASSES_ALONE, owner=None)
    scheduler._tick()
    for worker, state in zip(launcher.workers, ("failed", "finished"), strict=True):
        store.begin_run(worker.run_id, ProcessIdentity.own())
        store.end_run(worker.run_id, state, event=RunFailed(message="why") if state == "failed" else FINISHED)
        worker.is_alive = False
    scheduler._tick()
    for run in store.comparison(second).runs:
        assert (run.state, run.invalid_input) == ("failed", True)
        assert f"{first}-left-0, which this one starts from, is failed" in str(run.message)
    assert launcher.launched[2:] == [f"{other}-left-0", f"{other}-right-0"]


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("failed", "is failed: run that comparison again first"),
        ("pruned", "deleted to make room"),
        ("backbone", "is of the backbone 'x', not 'y'"),
        ("seed", "has no seed 5"),
    ],
)
def test_what_could_never_start_is_not_recorded(store: Store, trouble: str, message: str) -> None:
    first = store.add_comparison(WORDS, owner=None)
    if trouble == "failed":
        store.end_run(f"{first}-left-0", "failed", event=RunFailed(message="why"))
    if trouble == "pruned":
        work_here(store, first)
        (store.run_folder(f"{first}-left-0") / WEIGHTS_FILE).unlink()
    start = VariantConfig(method="full", start=f"{first}-left-5" if trouble == "seed" else f"{first}-left")
    config = replace(CLASSES, right=start, backbone="y" if trouble == "backbone" else "x")
    with pytest.raises(InvalidInput, match=message):
        Scheduler(store, cores=2).submit_chain([WORDS, config], owner=None)
    assert [record.id for record in store.comparisons(owner=None)] == [first]


def test_nobody_starts_from_what_they_may_not_see(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = Scheduler(store, cores=2)
    theirs = store.add_comparison(WORDS, owner="somebody")
    config = replace(CLASSES, right=VariantConfig(method="full", start=f"{theirs}-left"))
    with pytest.raises(InvalidInput, match="There is no comparison"):
        scheduler.submit(config, owner="somebody else")
    assert scheduler.submit(config, owner="somebody")
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    with pytest.raises(InvalidInput, match="There is no comparison"):
        scheduler.submit(config, owner=None)


def test_a_chain_is_one_comparison_to_a_shared_host(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    scheduler = Scheduler(store, cores=2)
    first, second = scheduler.submit_chain([WORDS, CLASSES], owner="visitor")
    for run in store.comparison(second).runs:
        store.end_run(run.id, "stopped")
    with pytest.raises(InvalidInput, match="One comparison at a time"):
        scheduler.submit(WORDS, owner="visitor")
    for run in store.comparison(first).runs:
        store.end_run(run.id, "stopped")
    assert scheduler.submit(WORDS, owner="visitor")


CLASSES_ALONE = replace(CLASSES, right=VariantConfig(method="full"))
FINISHED = RunFinished(
    steps=1, frozen_intact=None, elapsed_s=1.0, train_s=1.0, examples_per_s=1.0, peak_memory_bytes=os.getpid()
)
