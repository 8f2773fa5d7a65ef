from __future__ import annotations

import json
import math
from typing import Any

import pytest

from tlvsft.config import ComparisonConfig
from tlvsft.events import Ancestor, BlocksChanged, BlockStatus, Descended, Evaluated, Noted, RunStarted, StepTaken
from tlvsft.runs.store import Store
from tlvsft.ui import feed as feed_module
from tlvsft.ui.feed import Feed, RunProgress
from tlvsft.ui.points import EVENTS_KEPT


def step(number: int) -> StepTaken:
    return StepTaken(step=number, epoch=0.1, elapsed_s=number / 10, train_loss=1 / number, examples=8 * number)


def new_run(store: Store, config: ComparisonConfig) -> str:
    return store.comparison(store.add_comparison(config, owner=None)).runs[0].id


def read(feed: Feed, run: str, *, after: int) -> tuple[dict[str, Any], RunProgress]:
    """Where a run stands, and what its curves have new."""
    progress = feed.progress(run)
    return json.loads(feed.points(run, after=after)), progress


def test_only_what_is_new_comes(store: Store, digits_config: ComparisonConfig) -> None:
    run, feed = new_run(store, digits_config), Feed(store)
    store.append_events(run, [step(1), step(2)])
    first, _ = read(feed, run, after=0)
    assert [point[0] for point in first["steps"]] == [1, 2]
    evaluated = Evaluated(step=3, epoch=0.2, elapsed_s=0.4, val_loss=0.5, val_accuracy=0.75, examples=24)
    store.append_events(run, [step(3), evaluated])
    second, progress = read(feed, run, after=first["cursor"])
    assert second["steps"] == [[3, 0.3, 24, 0.333333]]
    assert second["evaluations"] == [[3, 0.4, 24, 0.5, 0.75]]
    assert (progress.step, progress.evaluation) == (step(3), evaluated)


def test_the_same_question_gets_the_same_answer(store: Store, digits_config: ComparisonConfig) -> None:
    run, feed = new_run(store, digits_config), Feed(store)
    store.append_events(run, [step(number) for number in range(1, 6)])
    chunks = [read(feed, run, after=2)[0] for _ in range(2)] + [read(Feed(store), run, after=2)[0]]
    assert [[point[0] for point in chunk["steps"]] for chunk in chunks] == [[3, 4, 5]] * 3


def test_nothing_new_leaves_the_cursor(store: Store, digits_config: ComparisonConfig) -> None:
    run, feed = new_run(store, digits_config), Feed(store)
    store.append_events(run, [step(1), Noted(message="cut")])
    chunk, progress = read(feed, run, after=2)
    assert (chunk["cursor"], chunk["steps"], chunk["more"]) == (2, [], False)
    assert progress.notes == ("cut",)
    assert feed.progress(run).notes == ("cut",)


def test_a_cursor_ahead_of_a_fresh_server_still_gives_the_whole_progress(
    store: Store, digits_config: ComparisonConfig
) -> None:
    run = new_run(store, digits_config)
    store.append_events(run, [Noted(message="cut"), step(1), step(2)])
    _, progress = read(Feed(store), run, after=2)
    assert progress.notes == ("cut",)
    assert progress.step == step(2)


def blocks(*states: str) -> tuple[BlockStatus, ...]:
    return tuple(BlockStatus(name=str(place), parameters=5, state=state) for place, state in enumerate(states))  # type: ignore[arg-type]


def test_the_ladder_is_the_latest_one(store: Store, digits_config: ComparisonConfig) -> None:
    run, feed = new_run(store, digits_config), Feed(store)
    started = RunStarted(
        trainable_parameters=5,
        total_parameters=10,
        blocks=blocks("frozen", "trains"),
        total_steps=9,
        epochs=1,
        train_examples=3,
        class_names=("a", "b"),
    )
    store.append_events(run, [started, step(1)])
    assert (feed.progress(run).blocks, feed.progress(run).blocks_at) == (started.blocks, 1)
    store.append_events(run, [BlocksChanged(step=1, blocks=blocks("trains", "trains")), step(2)])
    progress = feed.progress(run)
    assert (progress.blocks, progress.blocks_at) == (blocks("trains", "trains"), 3)
    assert progress.started == started


def test_perplexity_stands_in_for_accuracy_and_the_first_is_kept(store: Store, digits_config: ComparisonConfig) -> None:
    run, feed = new_run(store, digits_config), Feed(store)
    first, second = (
        Evaluated(
            step=at, epoch=0.0, elapsed_s=1.0, val_loss=4.5, val_accuracy=None, examples=0, val_perplexity=90.0 - at
        )
        for at in (0, 20)
    )
    store.append_events(run, [first, second])
    chunk, progress = read(feed, run, after=0)
    assert [point[-1] for point in chunk["evaluations"]] == [90.0, 70.0]
    assert (progress.untouched, progress.evaluation) == (first, second)


def test_where_a_run_comes_from(store: Store, digits_config: ComparisonConfig) -> None:
    run = new_run(store, digits_config)
    ancestor = Ancestor(
        run_id="a-left-0",
        comparison_id="a",
        side="left",
        seed=0,
        task="language_modeling",
        method="partial",
        dataset="book-reviews",
        steps=9,
        elapsed_s=1.0,
        train_s=1.0,
    )
    store.append_events(run, [Descended(lineage=(ancestor,))])
    assert Feed(store).progress(run).lineage == (ancestor,)


def test_a_run_that_was_long_on_its_way_is_known_without_its_steps(
    store: Store, digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, whole = new_run(store, digits_config), Feed(store)
    evaluated = [
        Evaluated(step=at, epoch=0.1, elapsed_s=1.0, val_loss=0.5, val_accuracy=0.75, examples=8 * at) for at in (0, 20)
    ]
    store.append_event(run, Noted(message="cut"))
    whole.progress(run)
    store.append_events(run, [evaluated[0], *map(step, range(1, 21)), evaluated[1]])
    progress = whole.progress(run)
    assert (progress.cursor, progress.step, progress.saved) == (23, step(20), 0)
    assert len(store.milestones(run)) == 4
    monkeypatch.setattr(Store, "events", None)
    assert Feed(store).progress(run) == progress


def test_who_is_far_behind_is_served_in_bounded_portions(
    store: Store, digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "EVENTS_AT_ONCE", 1_000)
    run, feed = new_run(store, digits_config), Feed(store)
    store.append_events(run, map(step, range(1, 2_501)))
    cursor, portions, more = 0, [], True
    while more:
        chunk, _ = read(feed, run, after=cursor)
        portions.append([point[0] for point in chunk["steps"]])
        cursor, more = chunk["cursor"], chunk["more"]
    assert [len(portion) for portion in portions] == [1_000, 1_000, 500]
    assert [number for portion in portions for number in portion] == list(range(1, 2_501))


def test_who_is_nearly_up_to_date_is_served_from_memory(
    store: Store, digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, feed = new_run(store, digits_config), Feed(store)
    store.append_event(run, step(1))
    feed.progress(run)
    last = 3 * EVENTS_KEPT
    for begin in range(2, last, 500):
        store.append_events(run, map(step, range(begin, min(begin + 500, last + 1))))
        feed.progress(run)
    monkeypatch.setattr(Store, "events", None)  # asked of the store, this would fail
    chunk = json.loads(feed.points(run, after=last - 3))
    assert [point[0] for point in chunk["steps"]] == [last - 2, last - 1, last]
    assert json.loads(feed.points(run, after=last + 7))["steps"] == []


@pytest.mark.parametrize("loss", [math.inf, math.nan])
def test_a_loss_that_is_no_number_is_null(store: Store, digits_config: ComparisonConfig, loss: float) -> None:
    run, feed = new_run(store, digits_config), Feed(store)
    store.append_event(run, StepTaken(step=1, epoch=0.1, elapsed_s=0.1, train_loss=loss, examples=8))
    assert read(feed, run, after=0)[0]["steps"] == [[1, 0.1, 8, None]]


def test_a_deleted_run_is_forgotten(store: Store, digits_config: ComparisonConfig) -> None:
    run, feed = new_run(store, digits_config), Feed(store)
    store.append_event(run, Noted(message="cut"))
    assert feed.progress(run).notes == ("cut",)
    with store.database.writing() as connection:
        connection.execute("DELETE FROM events WHERE run_id = ?", (run,))
    feed.forget([run, "unknown"])
    assert feed.progress(run).notes == ()
