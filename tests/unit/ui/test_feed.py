from __future__ import annotations

from tlvsft.config import ComparisonConfig
from tlvsft.events import Ancestor, BlocksChanged, BlockStatus, Descended, Evaluated, Noted, RunStarted, StepTaken
from tlvsft.runs.store import Store
from tlvsft.ui.feed import Feed


def step(number: int) -> StepTaken:
    return StepTaken(step=number, epoch=0.1, elapsed_s=number / 10, train_loss=1 / number, examples=8 * number)


def new_run(store: Store, config: ComparisonConfig) -> str:
    return store.comparison(store.add_comparison(config, owner=None)).runs[0].id


def test_only_what_is_new_comes(store: Store, digits_config: ComparisonConfig) -> None:
    run, feed = new_run(store, digits_config), Feed(store)
    store.append_events(run, [step(1), step(2)])
    first, _ = feed.read(run, after=0)
    assert [point[1] for point in first["steps"]] == [1, 2]
    evaluated = Evaluated(step=3, epoch=0.2, elapsed_s=0.4, val_loss=0.5, val_accuracy=0.75, examples=24)
    store.append_events(run, [step(3), evaluated])
    second, progress = feed.read(run, after=first["cursor"])
    assert second["steps"] == [[3, 3, 0.3, 24, 1 / 3]]
    assert second["evaluations"] == [[4, 3, 0.4, 24, 0.5, 0.75]]
    assert (progress.step, progress.evaluation) == (step(3), evaluated)


def test_the_same_question_gets_the_same_answer(store: Store, digits_config: ComparisonConfig) -> None:
    run, feed = new_run(store, digits_config), Feed(store)
    store.append_events(run, [step(number) for number in range(1, 6)])
    chunks = [feed.read(run, after=2)[0] for _ in range(2)] + [Feed(store).read(run, after=2)[0]]
    assert [[point[1] for point in chunk["steps"]] for chunk in chunks] == [[3, 4, 5]] * 3


def test_nothing_new_leaves_the_cursor(store: Store, digits_config: ComparisonConfig) -> None:
    run, feed = new_run(store, digits_config), Feed(store)
    store.append_events(run, [step(1), Noted(message="cut")])
    chunk, progress = feed.read(run, after=2)
    assert (chunk["cursor"], chunk["steps"]) == (2, [])
    assert progress.notes == ("cut",)
    assert feed.progress(run).notes == ("cut",)


def test_a_cursor_ahead_of_a_fresh_server_still_gives_the_whole_progress(
    store: Store, digits_config: ComparisonConfig
) -> None:
    run = new_run(store, digits_config)
    store.append_events(run, [Noted(message="cut"), step(1), step(2)])
    _, progress = Feed(store).read(run, after=2)
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
    chunk, progress = feed.read(run, after=0)
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
