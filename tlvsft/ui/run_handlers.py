"""What happens around a run: the page is opened, Train both, Stop, a tick, another comparison is opened."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class RunHandlers:
    """The answers to what a visitor does with runs; holds the page's parts, and nothing about any visitor."""

    services: Services
    visitor: gr.BrowserState
    setup: SetupParts
    race: RaceParts
    results: ResultParts

    def connect(self, page: gr.Blocks) -> None:
        """Makes the page start, follow, stop and reopen comparisons."""
        shown = [self.visitor, *race_outputs(self.race), *result_outputs(self.results)]
        form = [part for part in setup_outputs(self.setup, self.race) if part is not self.race.complaint]
        once = QUICK | {"trigger_mode": "once"}
        page.load(self.on_load, [self.visitor], [*shown, *form], **QUICK)
        self.results.history.click(self.on_history, [self.visitor], [*shown, *form], **once)
        self.race.launcher.click(self.on_launcher, [self.visitor, *self.setup.inputs()], shown, **once)
        self.race.timer.tick(self.on_tick, [self.visitor, self.race.cursors], shown[1:], concurrency_limit=None, **once)

    def on_load(self, kept: Any) -> Updates:
        """The page was opened or reloaded: its visitor finds what they were doing."""
        known = read_visitor(kept)
        return self._show_with_setup(Visitor(owner=known.owner, viewing=pick_comparison(self.services, known)))

    def on_history(self, event: gr.EventData, kept: Any) -> Updates:
        """A comparison in the list was clicked, or (with none in the click) the list may be out of date."""
        known, chosen = read_visitor(kept), read_click(event).get("comparison")
        if not isinstance(chosen, str):
            return show_history(self.results, self.services, known)
        return self._show_with_setup(Visitor(owner=known.owner, viewing=chosen))

    def on_launcher(self, event: gr.EventData, kept: Any, *values: Any) -> Updates:
        """Train both, or Stop."""
        known = read_visitor(kept)
        try:
            if read_click(event).get("action") == "stop":
                self.services.queue.stop(known.viewing, viewer=known.owner)
                return {self.race.complaint: complaint_html("")}
            config = read_setup(*values).config()
            check_config(config)
            started = start_once(self.services, config, owner=known.owner)
        except TlvsftError as error:
            return {self.race.complaint: complaint_html(str(error))}
        view = Visitor(owner=known.owner, viewing=started)
        return self._show(view)[0] | {self.race.complaint: complaint_html("")}

    def on_tick(self, kept: Any, cursors: Any) -> Updates:
        """Time to look for news; the same tick twice, or from two tabs, does no harm."""
        known = read_visitor(kept)
        view = read_view(self.services, known, cursors=read_cursors(cursors))
        updates = show_race(self.race, self.services, view, fresh=False)
        if view.comparison is not None and not view.comparison.is_over:
            return updates
        finished = show_results(self.results, self.services, view)
        return updates | finished | show_history(self.results, self.services, known)

    def _show(self, visitor: Visitor) -> tuple[Updates, View]:
        view = read_view(self.services, visitor)
        updates = {self.visitor: visitor.to_dict()} | show_race(self.race, self.services, view, fresh=True)
        updates |= show_results(self.results, self.services, view)
        return updates | show_history(self.results, self.services, visitor), view

    def _show_with_setup(self, visitor: Visitor) -> Updates:
        updates, view = self._show(visitor)
        chosen = None if view.comparison is None else setup_of_config(view.comparison.config)
        return updates if chosen is None else updates | show_setup(self.setup, self.race, chosen)


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
