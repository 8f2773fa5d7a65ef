"""The outcome at a glance, from what the runs told."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.ui.test_panels import FINISHED, STARTED
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison import Verdict
from tlvsft.config import ComparisonConfig
from tlvsft.events import Evaluated
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store
from tlvsft.ui.feed import Feed, RunProgress
from tlvsft.ui.scoreboard import describe_scores, outcome_sentence, scoreboard_html

Told = tuple[ComparisonRecord, dict[str, RunProgress]]


def told(store: Store, *, finish: bool) -> Told:
    identifier = store.add_comparison(PRESETS["digits"].comparison_config(), owner=None)
    for run in store.comparison(identifier).runs:
        store.begin_run(run.id, ProcessIdentity.own())
        seen = Evaluated(step=3, epoch=1.0, elapsed_s=1.0, val_loss=0.5, val_accuracy=0.61, examples=9)
        store.append_events(run.id, [STARTED, seen])
        if finish:
            store.end_run(run.id, "finished", event=FINISHED)
    record, feed = store.comparison(identifier), Feed(store)
    return record, {run.id: feed.progress(run.id) for run in record.runs}


def verdict(winner: str, difference: float, *, cost_ratio: float = 1.0) -> Verdict:
    return Verdict(
        winner=winner,  # type: ignore[arg-type]
        difference=difference,
        ci95=(0.0, 0.1),
        p_value=0.01,
        statement="",
        method="exact McNemar test",
        seeds=1,
        examples=100,
        cost_ratio=cost_ratio,
    )


def test_before_anything_both_sides_have_their_place() -> None:
    html = scoreboard_html(None, {})
    assert html.count("no result yet") == 2
    assert html.count("is-empty") == 2


def test_while_it_trains_validation_is_called_validation(store: Store) -> None:
    scores = describe_scores(*told(store, finish=False))
    assert scores["left"]["value"] == "61.0 %"
    assert scores["left"]["unit"] == "validation accuracy"
    assert "all blocks frozen" in scores["left"]["detail"]


def test_at_the_end_the_winner_is_named_with_lead_and_cost(store: Store) -> None:
    record, progress = told(store, finish=True)
    html = scoreboard_html(record, progress, verdict("right", 0.044))
    assert html.count("test accuracy") == 2
    assert html.count("is-winner") == 1
    sentence = outcome_sentence(record, progress, verdict("right", 0.044))
    assert sentence == "Full fine-tuning wins: 4.4 points better than linear probe, in about the same training time."


def test_a_cheaper_winner_trained_faster(store: Store) -> None:
    record, progress = told(store, finish=True)
    sentence = outcome_sentence(record, progress, verdict("left", -0.044, cost_ratio=8.0))
    assert sentence == "Linear probe wins: 4.4 points better than full fine-tuning, and trained 8 × faster."


def test_a_tie_says_so(store: Store) -> None:
    record, progress = told(store, finish=True)
    assert outcome_sentence(record, progress, verdict("tie", 0.004)).startswith("Too close to call: Full fine-tuning")
    assert outcome_sentence(record, progress, verdict("tie", 0.0)) == "Too close to call: both came out the same."
    assert outcome_sentence(record, progress, None) == ""


def test_perplexities_are_lower_not_better_by_points(
    store: Store, words_config: ComparisonConfig, train_words: Callable[..., None]
) -> None:
    identifier = store.add_comparison(words_config, owner=None)
    train_words(identifier)
    record, feed = store.comparison(identifier), Feed(store)
    progress = {run.id: feed.progress(run.id) for run in record.runs}
    sentence = outcome_sentence(record, progress, verdict("right", 68 / 71 - 1, cost_ratio=1.3))
    assert sentence == "Full fine-tuning wins: perplexity 4 % lower than partly frozen, at 1.3 × the training time."
