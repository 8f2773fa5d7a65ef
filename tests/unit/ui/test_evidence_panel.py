"""The section "Evidence": empty, unfinished, finished."""

from __future__ import annotations

from collections.abc import Callable

from tlvsft.config import ComparisonConfig
from tlvsft.runs.store import Store
from tlvsft.ui.evidence_panel import EMPTY, evidence_html

RecordComparison = Callable[..., str]
ANSWERS = {("left", 0): [True, False, True], ("right", 0): [True, True, False]}


def test_before_there_is_any_it_says_what_will_stand_there(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    assert EMPTY in evidence_html(None, None)
    waiting = store.comparison(record_comparison(digits_config, {}))
    assert EMPTY in evidence_html(store, waiting)


def test_a_stopped_comparison_has_no_evidence(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    comparison_id = record_comparison(digits_config, {})
    store.request_stop(comparison_id)
    assert "not both sides were tested" in evidence_html(store, store.comparison(comparison_id))


def test_a_finished_one_shows_its_parts_closed(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    shown = evidence_html(store, store.comparison(record_comparison(digits_config, ANSWERS)))
    assert 'id="evidence-frozen"' in shown
    assert "<details open" not in shown
