from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tlvsft.comparison.repeats import describe_repeat, find_earlier
from tlvsft.config import ComparisonConfig
from tlvsft.events import Noted, StepTaken
from tlvsft.runs.artifacts import save_predictions
from tlvsft.runs.store import Store

Record = Callable[..., str]
ANSWERS = {("left", 0): [True, True], ("right", 0): [True, False]}


@pytest.fixture
def twice(record_comparison: Record, digits_config: ComparisonConfig) -> tuple[str, str]:
    """The same comparison twice, with the same results."""
    return record_comparison(digits_config, ANSWERS), record_comparison(digits_config, ANSWERS)


def describe(store: Store, ids: tuple[str, str]) -> str:
    earlier, now = map(store.comparison, ids)
    return describe_repeat(store, now, earlier)


def test_the_same_setup_is_found_whatever_its_story_is_called(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig, twice: tuple[str, str]
) -> None:
    first, second = twice
    assert find_earlier(store, store.comparison(first), viewer=None) is None
    found = find_earlier(store, store.comparison(second), viewer=None)
    assert found is not None
    assert found.id == first
    unnamed = store.comparison(record_comparison(replace(digits_config, preset=None), ANSWERS))
    found = find_earlier(store, unnamed, viewer="any browser")  # the newest; the command line's are seen
    assert found is not None
    assert found.id == second
    for other in ({"seed": 1}, {"labels": 60}, {"epochs": 3}):
        changed = store.comparison(store.add_comparison(replace(digits_config, **other), owner=None))
        assert find_earlier(store, changed, viewer=None) is None


def test_only_what_is_finished_and_may_be_seen_counts(
    store: Store, digits_config: ComparisonConfig, finish_runs: Callable[..., None]
) -> None:
    theirs = store.add_comparison(digits_config, owner="them")
    finish_runs(store, theirs, ANSWERS)
    store.request_stop(store.add_comparison(digits_config, owner="me"))
    mine = store.comparison(store.add_comparison(digits_config, owner="me"))
    assert find_earlier(store, mine, viewer="me") is None


def test_the_same_to_the_last_bit(store: Store, twice: tuple[str, str]) -> None:
    words = describe(store, twice)
    assert words.startswith("Bit-identical")
    assert "100.0 %, last training loss 1.0000 (linear probe) and 50.0 %" in words


def test_one_loss_that_differs_in_the_last_bit_is_told(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig, twice: tuple[str, str]
) -> None:
    run = f"{twice[1]}-right-0"
    store.append_event(run, StepTaken(step=3, epoch=1.5, elapsed_s=1.0, train_loss=0.5, examples=30))
    assert "Full fine-tuning: 2 steps then, 3 now." in describe(store, twice)
    store.append_event(
        f"{twice[0]}-right-0",
        StepTaken(step=3, epoch=1.5, elapsed_s=1.0, train_loss=float(np.nextafter(0.5, 1)), examples=30),
    )
    words = describe(store, twice)
    assert words.startswith("Not bit-identical")
    assert "Full fine-tuning: the training loss differs from step 3 on" in words
    assert "the test found 50.0 % both times" in words
    assert "Linear probe" not in words
    assert "as many cores" in words


def test_single_answers_count_where_all_figures_agree(store: Store, twice: tuple[str, str]) -> None:
    run = f"{twice[1]}-left-0"
    known = store.predictions(run)
    nudged = known.probabilities.copy()
    nudged[0, 0] = np.nextafter(nudged[0, 0], np.float32(1), dtype=np.float32)
    save_predictions(store.run_folder(run), labels=known.labels, probabilities=nudged)
    assert "answers to single test examples differ" in describe(store, twice)


def test_answers_that_are_gone_are_not_said_to_be_the_same(store: Store, twice: tuple[str, str]) -> None:
    for path in store.run_folder(f"{twice[0]}-left-0").iterdir():
        path.unlink()
    words = describe(store, twice)
    assert words.startswith("Bit-identical")
    assert "every test answer" not in words
    assert "aren't kept any more" in words


def test_another_result_is_told_with_the_reason(
    store: Store, record_comparison: Record, digits_config: ComparisonConfig
) -> None:
    before = record_comparison(digits_config, ANSWERS)
    now = record_comparison(digits_config, ANSWERS | {("right", 0): [True, True]})
    note = Noted(message="Computed in bfloat16 on cuda: another machine gives slightly different numbers.")
    store.append_event(f"{now}-right-0", note)
    words = describe(store, (before, now))
    assert "the test found 50.0 % then and 100.0 % now" in words
    assert "computed in float32 on the CPU then and in bfloat16 on cuda now" in words
    store.append_event(f"{before}-right-0", note)
    assert "Both were computed in bfloat16 on cuda" in describe(store, (before, now))
