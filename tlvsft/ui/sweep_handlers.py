"""What happens in the section of sweeps: it is asked for, and a sweep is started, cancelled, resumed, deleted, had."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import gradio as gr

from tlvsft.comparison.figures import size
from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.report.sweeps.files import SweepPackage, read_file_kind
from tlvsft.runs.sweeps import delete_sweep
from tlvsft.sweeps import SweepProgress, read_progress, resume_sweep, submit_sweep
from tlvsft.ui.markup import Markup
from tlvsft.ui.parts import SetupParts
from tlvsft.ui.run_handlers import read_quietly
from tlvsft.ui.services import Services
from tlvsft.ui.setup import Setup
from tlvsft.ui.setup_handlers import QUICK, read_click
from tlvsft.ui.sweep_asking import NO_MARK, Asked, config_of_choices, form_mark, read_asked
from tlvsft.ui.sweep_filling import describe, fill
from tlvsft.ui.sweep_panel import INTRODUCTIONS, list_html, question_html
from tlvsft.ui.sweep_screen import SweepScreen
from tlvsft.ui.take_home_route import TAKE_HOME_PATH
from tlvsft.ui.visitor import read_visitor

_UNKNOWN = "There is nothing of this kind to do: reload the page."


class SweepHandlers:
    """The answers; holds nothing about any visitor.

    Args:
        services: Store, queue and exports.
        setup: The form that fills the section's fields.
        panel: The section.
        visitor: Who looks.
    """

    def __init__(self, *, services: Services, setup: SetupParts, panel: gr.HTML, visitor: gr.BrowserState) -> None:
        self._services = services
        self._setup = setup
        self._panel = panel
        self._visitor = visitor
        self._screen = SweepScreen(services.store)

    def connect(self) -> None:
        """Makes the section answer."""
        inputs = [self._visitor, *self._setup.inputs()]
        self._panel.input(self.on_asked, inputs, self._panel, trigger_mode="multiple", **QUICK)
        self._panel.click(self.on_click, [self._visitor], self._panel, trigger_mode="once", **QUICK)

    def on_asked(self, event: gr.EventData, kept: Any, *values: Any) -> dict[str, Any]:
        """The section's script asks for what it is to show."""
        visitor, asked = read_visitor(kept), read_asked(read_click(event))
        try:
            return self.answer(asked, read_quietly(values, visitor), owner=visitor.owner)
        except TlvsftError as error:
            return {"asked": asked.number, "problem": str(error), "shown": None, "every_ms": 0}

    def on_click(self, event: gr.EventData, kept: Any) -> dict[str, Any]:
        """Something is to be done with a sweep."""
        try:
            done = self._do(read_click(event), owner=read_visitor(kept).owner)
        except TlvsftError as error:
            done = {"said": str(error)}
        return {"stamp": time.monotonic_ns(), **done}

    def answer(self, asked: Asked, setup: Setup | None, *, owner: str) -> dict[str, Any]:
        """What the section shows.

        Raises:
            TlvsftError: The store can't be read, or data that were there a moment ago.
        """
        if asked.only_shown:
            seen = self._screen.show(self._screen.find(asked.shown, owner=owner), asked.stamp, setup, owner=owner)
            return {"asked": asked.number, "only_shown": True, **seen}
        if asked.form not in {"", NO_MARK, form_mark(setup)}:  # the form has become another one
            asked = replace(asked, source="form")
        listed = self._screen.listed(owner=owner)
        chosen = self._screen.choose(asked, listed, setup, owner=owner)
        kind = asked.kind if chosen is None else chosen.config.kind
        filled = fill(asked, kind, chosen, setup, owner=owner)
        now = time.time()
        return {
            "asked": asked.number,
            "kind": kind,
            "form": form_mark(setup),
            "introduction": INTRODUCTIONS[kind],
            **describe(self._services.store, filled, chosen),
            "list": list_html(listed, shown=chosen.sweep_id if chosen else "", now=now),
            "question": self._question(asked.delete, owner=owner, now=now),
            **self._screen.show(chosen, asked.stamp, setup, owner=owner),
        }

    def _question(self, sweep_id: str, *, owner: str, now: float) -> Markup:
        progress = self._screen.find(sweep_id, owner=owner)
        if progress is None or not self._screen.is_own(progress, owner=owner):
            return Markup("")
        return question_html(progress, now=now)

    def _do(self, click: Mapping[str, Any], *, owner: str) -> dict[str, Any]:
        action = click.get("do")
        if action == "start":
            return {"show": self._start(read_asked(click), owner=owner)}
        progress = read_progress(self._services.store, str(click.get("sweep")), viewer=owner)
        if action == "stop":
            self._services.queue.stop_sweep(progress.sweep_id, viewer=owner)
            return {"show": progress.sweep_id}
        if action == "resume":
            queue, store = self._services.queue, self._services.store
            return {"show": resume_sweep(queue, store, progress.sweep_id, viewer=owner)}
        if action == "delete":
            return self._delete(progress, owner=owner)
        if action == "download":
            return self._make(progress, click.get("file"), owner=owner)
        raise InvalidInput(_UNKNOWN)

    def _start(self, asked: Asked, *, owner: str) -> str:
        if asked.choices is None:
            raise InvalidInput(_UNKNOWN)
        config = config_of_choices(asked.choices, owner=owner)
        return submit_sweep(self._services.queue, config, owner=owner)

    def _delete(self, progress: SweepProgress, *, owner: str) -> dict[str, Any]:
        """Whatever is on its way is cancelled first."""
        if not progress.is_over and self._screen.is_own(progress, owner=owner):
            self._services.queue.stop_sweep(progress.sweep_id, viewer=owner)
        delete_sweep(self._services.store, progress.sweep_id, viewer=owner)
        return {"show": "", "said": "Deleted."}

    def _make(self, progress: SweepProgress, kind: object, *, owner: str) -> dict[str, Any]:
        package = SweepPackage(
            sweep_id=progress.sweep_id, kind=read_file_kind(kind), stamp=progress.stamp, viewer=owner
        )
        ready = self._services.exports.make(self._services.store, package)
        words = f"The file is ready ({size(ready.size_bytes)}):"
        return {"said": words, "file": {"href": f"{TAKE_HOME_PATH}/{ready.key}", "name": ready.name}}
