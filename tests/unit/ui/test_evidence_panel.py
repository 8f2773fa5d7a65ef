"""The section "Evidence": empty, unfinished, finished."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tlvsft.comparison.evidence import read_evidence
from tlvsft.config import ComparisonConfig
from tlvsft.runs.deleting import delete_comparisons
from tlvsft.runs.store import Store
from tlvsft.ui import evidence_panel
from tlvsft.ui.evidence_handlers import show_evidence
from tlvsft.ui.evidence_panel import COMING, EMPTY, evidence_html, evidence_to_come_html
from tlvsft.ui.services import Services
from tlvsft.ui.visitor import Visitor

RecordComparison = Callable[..., str]
ANSWERS = {("left", 0): [True, False, True], ("right", 0): [True, True, False]}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """For which kinds evidence was read, each time; reading takes long enough for others to ask meanwhile."""
    kinds_asked: list[set[str]] = []

    def read(*arguments: Any, kinds: set[str]) -> dict[str, Any]:
        kinds_asked.append(set(kinds))
        time.sleep(0.05)
        return read_evidence(*arguments, kinds=kinds)

    monkeypatch.setattr(evidence_panel, "read_evidence", read)
    return kinds_asked


def test_before_there_is_any_it_says_what_will_stand_there(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    assert EMPTY in evidence_html(store, None)
    assert EMPTY in evidence_to_come_html(None)
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
    assert shown.count("about one will seem to have found one") == 1
    assert "<details open" not in shown


def test_the_verdict_does_not_wait_for_it_and_the_page_asks_for_it(
    services: Services, store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    comparison_id = record_comparison(digits_config, ANSWERS)
    at_first = evidence_to_come_html(store.comparison(comparison_id))
    assert COMING in at_first
    assert "data-wanted" in at_first
    later = show_evidence(services, Visitor(owner="m" * 32, viewing=comparison_id).to_dict())
    assert 'id="evidence-frozen"' in later
    assert "data-wanted" not in later


def test_nobody_is_shown_the_evidence_of_others(
    services: Services, store: Store, digits_config: ComparisonConfig, finish_runs: Callable[..., None]
) -> None:
    comparison_id = store.add_comparison(digits_config, owner="h" * 32)
    finish_runs(store, comparison_id, ANSWERS)
    assert 'id="evidence-frozen"' in show_evidence(services, Visitor(owner="h" * 32, viewing=comparison_id).to_dict())
    for kept in (Visitor(owner="i" * 32, viewing=comparison_id).to_dict(), Visitor(owner="h" * 32).to_dict(), {}, "x"):
        assert "evidence-frozen" not in show_evidence(services, kept)


def test_other_runs_on_the_same_data_come_and_go(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    mine = store.comparison(record_comparison(digits_config, ANSWERS))
    assert "Of 2 runs with 50 labels" in evidence_html(store, mine)
    other = record_comparison(digits_config, ANSWERS)
    assert "Of 4 runs with 50 labels" in evidence_html(store, mine)
    delete_comparisons(store, [other], viewer=None)
    assert "Of 2 runs with 50 labels" in evidence_html(store, mine)


def test_what_depends_on_a_comparison_alone_is_read_once(
    store: Store,
    digits_config: ComparisonConfig,
    record_comparison: RecordComparison,
    asked: list[set[str]],
) -> None:
    mine = store.comparison(record_comparison(digits_config, ANSWERS))
    for _ in range(2):
        evidence_html(store, mine)
    record_comparison(digits_config, ANSWERS)
    evidence_html(store, mine)
    assert asked.count({"pareto"}) == 2
    assert len(asked) == 3


def test_asked_by_many_at_once_it_is_read_once(
    store: Store,
    digits_config: ComparisonConfig,
    record_comparison: RecordComparison,
    asked: list[set[str]],
) -> None:
    mine = store.comparison(record_comparison(digits_config, ANSWERS))
    with ThreadPoolExecutor(8) as askers:
        shown = set(askers.map(lambda _: evidence_html(store, mine), range(8)))
    assert len(shown) == 1
    assert len(asked) == 2
