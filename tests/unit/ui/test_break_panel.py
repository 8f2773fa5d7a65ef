"""The card "What broke, and why": nothing before it is wanted, no spoiler before the end, then the numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tlvsft.catalog.faults import LESSONS
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison import Breakage
from tlvsft.config import ComparisonConfig
from tlvsft.ui.break_panel import breakage_html, show_breakage
from tlvsft.ui.services import Services
from tlvsft.ui.setup_panels import stories_html


def test_other_comparisons_have_no_card(services: Services, digits_config: ComparisonConfig) -> None:
    assert show_breakage(services, None) == ""
    shown = services.store.comparison(services.store.add_comparison(digits_config, owner=None))
    assert show_breakage(services, shown) == ""


def test_the_explanation_waits_for_the_evidence(services: Services) -> None:
    config = PRESETS["rate-too-high"].comparison_config()
    comparison_id = services.store.add_comparison(config, owner=None)
    waiting = show_breakage(services, services.store.comparison(comparison_id))
    assert "When both have been tested" in waiting
    assert "Why" not in waiting.split("</h2>")[1]
    services.store.request_stop(comparison_id)
    stopped = show_breakage(services, services.store.comparison(comparison_id))
    assert "nothing is measured here" in stopped
    assert LESSONS["rate"].sources[0].url in stopped


def test_finished_runs_are_read(services: Services, record_comparison: Callable[..., str]) -> None:
    config = PRESETS["noisy-labels"].comparison_config()
    finished = record_comparison(config, {("left", 0): [True] * 3, ("right", 0): [True, False, True]})
    assert "did not show in these runs" in show_breakage(services, services.store.comparison(finished))


@pytest.mark.parametrize("shows", [True, False])
def test_whether_it_shows_is_said_and_nothing_becomes_markup(shows: bool) -> None:
    html = breakage_html("head", Breakage(fault="head", shows=shows, evidence=("<b>loss</b> 2",)))
    assert ("The collapse shows in these runs." in html) is shows
    assert "&lt;b&gt;loss&lt;/b&gt; 2" in html
    assert html.count("<a ") == len(LESSONS["head"].sources)


def test_stories_that_break_something_stand_in_a_row_of_their_own() -> None:
    stories, broken, _ = stories_html("cold-head").split("</div>")
    assert "Break it" in broken
    assert broken.count("data-story") == 4
    assert 'aria-pressed="true"' in broken
    assert 'aria-pressed="true"' not in stories
