"""What happens around a run: the page is opened, Train both, Stop, there are news."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from tlvsft.catalog.own import is_own
from tlvsft.catalog.presets import DEFAULT_PRESET
from tlvsft.errors import TlvsftError
from tlvsft.ui.chain_steps import chain_story
from tlvsft.ui.estimating import estimates_html
from tlvsft.ui.form import Updates, dataset_choices, read_setup, show_estimates, show_setup, show_starts
from tlvsft.ui.history_panel import gone_html
from tlvsft.ui.link_handlers import read_request, show_command_line, show_note
from tlvsft.ui.link_layout import show_link
from tlvsft.ui.link_reading import NO_LINK, OpenedLink
from tlvsft.ui.parts import RaceParts, ResultParts, SetupParts
from tlvsft.ui.services import Services
from tlvsft.ui.setup import Setup, setup_of_config, setup_of_story
from tlvsft.ui.setup_handlers import QUICK, read_click
from tlvsft.ui.setup_panels import complaint_html
from tlvsft.ui.starts import column_starts
from tlvsft.ui.submitting import find_again, find_problem, has_started, start_comparison
from tlvsft.ui.views import (
    View,
    read_view,
    show_chain,
    show_differences,
    show_live_ladders,
    show_race,
    show_results,
    show_sample,
)
from tlvsft.ui.visitor import Visitor, read_visitor

DATA_GONE = "The data of this comparison was deleted: its results stay; to train on it again, upload it again."


@dataclass(frozen=True, kw_only=True)
class RunHandlers:
    """The answers to what a visitor does with runs; holds the page's parts, and nothing about any visitor."""

    services: Services
    visitor: gr.BrowserState
    setup: SetupParts
    race: RaceParts
    results: ResultParts

    def connect(self, page: gr.Blocks) -> None:
        """Makes the page start, follow and stop comparisons."""
        everything = self.outputs()
        filled_in = self.setup.inputs()
        once = QUICK | {"trigger_mode": "once"}
        latest = QUICK | {"trigger_mode": "always_last"}
        page.load(self.on_load, [self.visitor], everything, **QUICK)
        self.results.chain.click(self.on_chain, [self.visitor], everything, **once)
        self.race.launcher.click(self.on_launcher, [self.visitor, *filled_in], everything, **once)
        self.race.curves.input(self.on_news, [self.visitor, self.race.cursors, *filled_in], everything, **latest)

    def outputs(self) -> list[Any]:
        """All that changes with the comparison on the screen."""
        return [self.visitor, *self.race.outputs(), *self.results.outputs(), *self.setup.outputs()]

    def show(self, visitor: Visitor) -> Updates:
        """The comparison that a visitor looks at from now on, with the form as it was then."""
        return self._open(visitor)

    def on_load(self, kept: Any, request: gr.Request | None = None) -> Updates:
        """The page was opened or reloaded: its visitor finds what they were doing, and what a link says in the form."""
        visitor = find_again(self.services, read_visitor(kept))
        story = replace(setup_of_story(DEFAULT_PRESET), owner=visitor.owner)
        starts = show_starts(self.setup, story, column_starts(self.services, visitor, story))
        estimates = show_estimates(self.setup, estimates_html(self.services, visitor, story))
        datasets = {self.setup.dataset: gr.update(choices=dataset_choices(visitor.owner))}
        prepared = starts | estimates | datasets | show_link(self.setup.links, story)
        return prepared | self._open(visitor, read_request(request))

    def on_chain(self, event: gr.EventData, kept: Any) -> Updates:
        """In the three tasks, a step is to be looked at, or the whole chain is to be run."""
        known, chosen = read_visitor(kept), read_click(event).get("comparison")
        if isinstance(chosen, str):
            return self._open(Visitor(owner=known.owner, viewing=chosen))
        return self._start(known, setup_of_story(chain_story().name))

    def on_launcher(self, event: gr.EventData, kept: Any, *values: Any) -> Updates:
        """Train both, or Stop."""
        known = read_visitor(kept)
        try:
            if read_click(event).get("action") == "stop":
                self.services.queue.stop(known.viewing, viewer=known.owner, whole_chain=True)
                return {self.race.complaint: complaint_html("")}
            return self._start(known, read_setup(*values, owner=known.owner))
        except TlvsftError as error:
            return {self.race.complaint: complaint_html(str(error))}

    def on_news(self, kept: Any, cursors: Any, *values: Any) -> Updates:
        """The page heard of news that it can't show by itself; to ask twice, or from two tabs, does no harm."""
        known = read_visitor(kept)
        if known.following and has_started(self.services, known.following, known):
            return self._open(Visitor(owner=known.owner, viewing=known.following))
        view = read_view(self.services, known, cursors=read_cursors(cursors), with_chain=False)
        if view.comparison is None and known.viewing:  # deleted, from another tab or by the command line
            return self._open(known)
        updates = self._show_news(known, view, values)
        over = view.comparison is None or view.comparison.is_over
        if not over or (view.is_running and not view.has_news):
            return updates
        finished = show_results(self.results, self.services, view)
        finished |= show_differences(self.results, self.services, known, view)
        return updates | finished | self.show_lists(known, values)

    def show_lists(self, known: Visitor, values: tuple[Any, ...]) -> Updates:
        """What a variant can start from by now, and what the runs will take."""
        setup = read_quietly(values, known)
        if setup is None:
            return {}
        updates = show_estimates(self.setup, estimates_html(self.services, known, setup))
        return updates | show_starts(self.setup, setup, column_starts(self.services, known, setup))

    def _start(self, known: Visitor, setup: Setup) -> Updates:
        try:
            started = start_comparison(self.services, setup.config(), owner=known.owner)
        except TlvsftError as error:
            return {self.race.complaint: complaint_html(str(error))}
        cleared = {self.race.complaint: complaint_html("")}
        if started.following:  # the form shows the comparison that comes first, as the rest of the page does
            return self._open(started) | cleared
        return self._show(started)[0] | cleared

    def _open(self, visitor: Visitor, opened: OpenedLink = NO_LINK) -> Updates:
        """A comparison, and the form as it was when it was started, or as a link wants it."""
        updates, view = self._show(visitor)
        updates |= show_note(self.setup.links, opened, view)
        ran = None if view.comparison is None else view.comparison.config
        chosen = None if ran is None else setup_of_config(ran, owner=visitor.owner)
        if ran is None and visitor.viewing:
            updates |= {self.visitor: Visitor(owner=visitor.owner).to_dict(), self.race.heading: gone_html()}
        if opened.setup is not None:
            chosen = replace(opened.setup, owner=visitor.owner)
        if chosen is None:
            gone = DATA_GONE if ran is not None and is_own(ran.dataset.name) else ""
            return updates | {self.race.complaint: complaint_html(gone)}
        starts = column_starts(self.services, visitor, chosen)
        problem = find_problem(self.services, chosen, owner=visitor.owner)
        updates |= show_link(self.setup.links, chosen)
        updates |= show_setup(self.setup, chosen, starts) | {self.race.complaint: complaint_html(problem)}
        updates |= show_estimates(self.setup, estimates_html(self.services, visitor, chosen))
        return updates | show_live_ladders(self.setup, self.services, visitor, view, chosen)

    def _show(self, visitor: Visitor) -> tuple[Updates, View]:
        view = read_view(self.services, visitor)
        updates: Updates = {self.visitor: visitor.to_dict()}
        updates |= show_race(self.race, self.services, view, fresh=True)
        updates |= show_results(self.results, self.services, view)
        updates |= show_differences(self.results, self.services, visitor, view)
        updates |= show_chain(self.results, view)
        return updates | show_command_line(self.results, view), view

    def _show_news(self, known: Visitor, view: View, values: tuple[Any, ...]) -> Updates:
        updates = show_race(self.race, self.services, view, fresh=False)
        if not view.has_news and not view.is_running:
            return updates
        updates |= show_chain(self.results, view) if view.chain else {}
        updates |= show_sample(self.results, view)
        setup = read_quietly(values, known)
        return updates if setup is None else updates | show_live_ladders(self.setup, self.services, known, view, setup)


def read_cursors(kept: Any) -> dict[str, int]:
    """How far the runs had come when the page was last renewed; anything could come from a browser."""
    if not isinstance(kept, dict):
        return {}
    return {str(run): number for run, number in kept.items() if isinstance(number, int) and number >= 0}


def read_quietly(values: tuple[Any, ...], visitor: Visitor) -> Setup | None:
    """The form's content; `None` while what stands in it makes no sense."""
    try:
        return read_setup(*values, owner=visitor.owner)
    except TlvsftError:
        return None
