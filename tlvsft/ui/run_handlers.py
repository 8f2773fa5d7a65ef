"""What happens around a run: the page is opened, Train both, Stop, a tick, another comparison is opened."""

from __future__ import annotations

import threading
import time
from typing import Any

import gradio as gr

from tlvsft.comparison import check_config
from tlvsft.config import ComparisonConfig
from tlvsft.errors import TlvsftError
from tlvsft.ui.layout import RaceParts, ResultParts, SetupParts
from tlvsft.ui.services import Services
from tlvsft.ui.setup import setup_of_config
from tlvsft.ui.setup_handlers import QUICK, Updates, read_click, read_setup, setup_outputs, show_setup
from tlvsft.ui.setup_panels import complaint_html
from tlvsft.ui.views import View, read_view, show_history, show_race, show_results
from tlvsft.ui.visitor import Visitor, read_visitor

_DOUBLE_CLICK_S = 2.0
"""Asking for the same comparison again within this time is the same click."""
_starting = threading.Lock()


def race_outputs(race: RaceParts) -> list[Any]:
    """All that the race may change."""
    return [race.launcher, race.complaint, race.heading, race.progress, race.curves, race.cursors, race.timer]


def result_outputs(results: ResultParts) -> list[Any]:
    """All that the results may change."""
    boxes = [results.text_box, results.text, results.drawing_box, results.upload_box, results.try_hint]
    return [results.verdict, results.numbers, *boxes, results.confidences, results.answers, results.history]


def connect_runs(
    page: gr.Blocks,
    services: Services,
    *,
    visitor: gr.BrowserState,
    setup: SetupParts,
    race: RaceParts,
    results: ResultParts,
) -> None:
    """Makes the page start, follow, stop and reopen comparisons."""
    shown = [visitor, *race_outputs(race), *result_outputs(results)]
    everything = [*shown, *(part for part in setup_outputs(setup, race) if part is not race.complaint)]

    def show(seen_by: Visitor) -> tuple[Updates, View]:
        view = read_view(services, seen_by)
        updates = {visitor: seen_by.to_dict()} | show_race(race, services, view, fresh=True)
        return updates | show_results(results, services, view) | show_history(results, services, seen_by), view

    def show_with_setup(seen_by: Visitor) -> Updates:
        updates, view = show(seen_by)
        chosen = None if view.comparison is None else setup_of_config(view.comparison.config)
        return updates if chosen is None else updates | show_setup(setup, race, chosen)

    def on_load(kept: Any) -> Updates:
        known = read_visitor(kept)
        return show_with_setup(Visitor(owner=known.owner, viewing=pick_comparison(services, known)))

    def on_history(event: gr.EventData, kept: Any) -> Updates:
        known, chosen = read_visitor(kept), read_click(event).get("comparison")
        if not isinstance(chosen, str):
            return show_history(results, services, known)
        return show_with_setup(Visitor(owner=known.owner, viewing=chosen))

    def on_launcher(event: gr.EventData, kept: Any, *values: Any) -> Updates:
        known = read_visitor(kept)
        try:
            if read_click(event).get("action") == "stop":
                services.queue.stop(known.viewing, viewer=known.owner)
                return {race.complaint: complaint_html("")}
            config = read_setup(*values).config()
            check_config(config)
            started = start_once(services, config, owner=known.owner)
        except TlvsftError as error:
            return {race.complaint: complaint_html(str(error))}
        return show(Visitor(owner=known.owner, viewing=started))[0] | {race.complaint: complaint_html("")}

    def on_tick(kept: Any, cursors: Any) -> Updates:
        known = read_visitor(kept)
        view = read_view(services, known, cursors=read_cursors(cursors))
        updates = show_race(race, services, view, fresh=False)
        if view.comparison is not None and not view.comparison.is_over:
            return updates
        return updates | show_results(results, services, view) | show_history(results, services, known)

    quick_once = QUICK | {"trigger_mode": "once"}
    page.load(on_load, [visitor], everything, **QUICK)
    results.history.click(on_history, [visitor], everything, **quick_once)
    race.launcher.click(on_launcher, [visitor, *setup.inputs()], shown, **quick_once)
    race.timer.tick(on_tick, [visitor, race.cursors], shown[1:], concurrency_limit=None, **quick_once)


def pick_comparison(services: Services, visitor: Visitor) -> str:
    """What a reloaded page shows: the visitor's newest comparison that is on its way, else the last one looked at."""
    own = [record for record in services.store.comparisons(owner=visitor.owner) if record.owner == visitor.owner]
    active = next((record.id for record in own if not record.is_over), None)
    return active or visitor.viewing


def start_once(services: Services, config: ComparisonConfig, *, owner: str) -> str:
    """Submits a comparison, unless the same visitor has asked for the very same a moment ago: then it is that one.

    Raises:
        InvalidInput: This visitor may not start another one now.
    """
    with _starting:
        recent = services.store.comparisons(owner=owner, limit=1)
        if recent and _is_double_click(recent[0].config, recent[0].created_at, config) and recent[0].owner == owner:
            return recent[0].id
        return services.queue.submit(config, owner=owner)


def read_cursors(kept: Any) -> dict[str, int]:
    """How far the curves on the screen have come; anything could come from a browser."""
    if not isinstance(kept, dict):
        return {}
    return {str(run): number for run, number in kept.items() if isinstance(number, int) and number >= 0}


def _is_double_click(before: ComparisonConfig, created_at: float, now: ComparisonConfig) -> bool:
    return before == now and time.time() - created_at < _DOUBLE_CLICK_S
