"""What happens with a visitor's own data: it is read, shown, kept, used and deleted."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from tlvsft.catalog.own import OwnDataset, list_own
from tlvsft.catalog.presets import DEFAULT_PRESET
from tlvsft.comparison import default_backbone, default_dataset
from tlvsft.datasets.guessing import Choice
from tlvsft.datasets.intake import Examined, shown_name
from tlvsft.errors import DatasetError, TlvsftError
from tlvsft.runs.home import on_shared_host
from tlvsft.runs.own_data import find_own
from tlvsft.runs.own_keeping import delete_own, prune_own
from tlvsft.runs.own_reading import examine_upload, keep_upload
from tlvsft.ui.estimating import estimates_html
from tlvsft.ui.form import Updates, read_setup, show_estimates, show_setup
from tlvsft.ui.own_data_layout import OwnDataParts
from tlvsft.ui.own_data_panel import examined_html, examples_of, kept_html, status_html
from tlvsft.ui.parts import SetupParts
from tlvsft.ui.services import Services
from tlvsft.ui.settling import settle_dataset
from tlvsft.ui.setup import Setup, setup_of_story
from tlvsft.ui.setup_handlers import QUICK, read_click
from tlvsft.ui.setup_panels import complaint_html
from tlvsft.ui.starts import column_starts
from tlvsft.ui.submitting import find_problem
from tlvsft.ui.visitor import Visitor, read_visitor

_GONE_UPLOAD = "That upload isn't there any more: choose the file again."


@dataclass(frozen=True, kw_only=True)
class OwnDataHandlers:
    """The answers to what a visitor does with own data; holds the page's parts, and nothing about any visitor."""

    services: Services
    visitor: gr.BrowserState
    parts: OwnDataParts
    setup: SetupParts
    complaint: gr.HTML

    def connect(self, page: gr.Blocks) -> None:
        """Makes the panel answer."""
        parts, own = self.parts, self.parts.outputs()
        form = self.setup.inputs()
        everything = [*own, *self.setup.outputs(), self.complaint]
        chosen = [parts.upload, parts.inputs, parts.label]
        once = QUICK | {"trigger_mode": "once"}
        latest = QUICK | {"trigger_mode": "always_last"}
        page.load(self.on_load, [self.visitor], [parts.kept], **QUICK)
        reading = [parts.upload, parts.status, parts.found]
        uploaded = parts.upload.upload(self.on_upload, [parts.upload], reading, **QUICK)
        uploaded.then(self.on_examine, [parts.upload], own, **QUICK)
        parts.upload.clear(self.on_discard, [parts.upload], own, **QUICK)
        for column in (parts.inputs, parts.label):
            column.input(self.on_columns, chosen, [parts.status, parts.examined], **latest)
        kept = parts.use.click(self.on_keeping, None, [parts.status], **once)
        kept.then(self.on_use, [self.visitor, *chosen, parts.title, *form], everything, **once)
        parts.discard.click(self.on_discard, [parts.upload], own, **QUICK)
        parts.kept.click(self.on_kept, [self.visitor, *form], everything, **once)
        self.setup.dataset.change(self.on_load, [self.visitor, *form], [parts.kept], **latest)

    def on_load(self, kept: Any, *values: Any) -> Updates:
        """The page was opened, or the form holds another dataset."""
        return self._list(read_visitor(kept), chosen=_dataset_in(values, self.setup))

    def on_upload(self, path: str | None) -> Updates:
        """A file has come: it is read next."""
        name = shown_name(Path(path)) if path else ""
        reading = {self.parts.status: status_html(reading=name), self.parts.found: gr.update(visible=False)}
        mine = set_apart(path)
        return reading if mine is None else reading | {self.parts.upload: mine}

    def on_examine(self, path: str | None) -> Updates:
        """What is in the file, with the columns that are probably meant."""
        return self._examine(path, None)

    def on_columns(self, path: str | None, inputs: str | None, label: str | None) -> Updates:
        """Other columns were chosen."""
        choice = Choice(inputs=inputs or "", label=label or "")
        try:
            examined = examine_upload(self._home, _existing(path), choice=choice)
        except TlvsftError as error:
            return {self.parts.examined: status_html(str(error), refused=True), self.parts.status: status_html()}
        return {self.parts.examined: examined_html(examined), self.parts.status: status_html()}

    def on_keeping(self) -> Updates:
        """The data is about to be kept."""
        return {self.parts.status: status_html(reading="and keeping it")}

    def on_use(
        self, kept: Any, path: str | None, inputs: str | None, label: str | None, title: str | None, *values: Any
    ) -> Updates:
        """The data is kept, and the form holds it."""
        visitor = read_visitor(kept)
        choice = Choice(inputs=inputs, label=label) if inputs and label else None
        try:
            prune_own(self.services.store)
            dataset = keep_upload(self._home, visitor.owner, title or "", _existing(path), choice=choice)
        except TlvsftError as error:
            return {self.parts.status: status_html(str(error), refused=True)}
        said = status_html(f"“{dataset.title}” is kept: {examples_of(dataset)}. The form above holds it.")
        return self._forget(path) | self._use(visitor, dataset, values) | {self.parts.status: said}

    def on_discard(self, path: str | None) -> Updates:
        """The upload isn't wanted."""
        return self._forget(path)

    def on_kept(self, event: gr.EventData, kept: Any, *values: Any) -> Updates:
        """A dataset in the list is to be used or deleted."""
        visitor, click = read_visitor(kept), read_click(event)
        name, action = str(click.get("dataset", "")), click.get("action")
        chosen = _dataset_in(values, self.setup)
        try:
            dataset = find_own(self._home, name, viewer=visitor.owner)
            if action == "use":
                return self._use(visitor, dataset, values) | {self.parts.status: status_html()}
            if action == "delete":
                return self._delete(visitor, dataset, values)
        except TlvsftError as error:
            refused = {self.parts.status: status_html(str(error), refused=True)}
            return self._list(visitor, chosen=chosen) | refused
        return self._list(visitor, chosen=chosen, asking=name if action == "ask" else "")

    @property
    def _home(self) -> Path:
        return self.services.store.home

    def _examine(self, path: str | None, choice: Choice | None) -> Updates:
        try:
            examined = examine_upload(self._home, _existing(path), choice=choice)
        except TlvsftError as error:
            return self._forget(path) | {self.parts.status: status_html(str(error), refused=True)}
        return self._show(examined)

    def _show(self, examined: Examined) -> Updates:
        parts, choice = self.parts, examined.choice
        return {
            parts.status: status_html(),
            parts.found: gr.update(visible=True),
            parts.examined: examined_html(examined),
            parts.columns: gr.update(visible=choice is not None),
            parts.inputs: gr.update(choices=list(examined.columns), value=choice.inputs if choice else None),
            parts.label: gr.update(choices=list(examined.columns), value=choice.label if choice else None),
            parts.title: examined.title,
        }

    def _forget(self, path: str | None) -> Updates:
        """Deletes the upload itself; gradio checked that the path is one of its uploads."""
        if path:
            Path(path).unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                Path(path).parent.rmdir()
        parts = self.parts
        return {
            parts.upload: None,
            parts.status: status_html(),
            parts.found: gr.update(visible=False),
            parts.examined: "",
        }

    def _list(self, visitor: Visitor, *, chosen: str, asking: str = "") -> Updates:
        datasets = list_own(self._home, visitor.owner)
        return {self.parts.kept: kept_html(datasets, shared_host=on_shared_host(), asking=asking, chosen=chosen)}

    def _use(self, visitor: Visitor, dataset: OwnDataset, values: tuple[Any, ...]) -> Updates:
        """The form with this dataset, and a backbone that can read it well."""

        def change(setup: Setup) -> Setup:
            held = replace(setup, dataset=dataset.name)
            backbone = default_backbone(dataset.modality, dataset=dataset.name)
            keeps = held.summary.modality == dataset.modality == "text"
            return settle_dataset(held if keeps else with_backbone(held, backbone))

        return self._change_setup(visitor, values, change) | self._list(visitor, chosen=dataset.name)

    def _delete(self, visitor: Visitor, dataset: OwnDataset, values: tuple[Any, ...]) -> Updates:
        delete_own(self.services.store, visitor.owner, dataset.name)
        chosen, updates = _dataset_in(values, self.setup), {}
        if chosen == dataset.name:
            chosen = default_dataset(dataset.modality)
            updates = self._change_setup(visitor, values, partial(_with_dataset, name=chosen))
        said = {self.parts.status: status_html(f"“{dataset.title}” is deleted.")}
        return updates | self._list(visitor, chosen=chosen) | said

    def _change_setup(self, visitor: Visitor, values: tuple[Any, ...], change: Callable[[Setup], Setup]) -> Updates:
        try:
            setup = change(read_setup(*values, owner=visitor.owner))
        except TlvsftError:  # what stands in the form makes no sense: begin anew
            setup = change(replace(setup_of_story(DEFAULT_PRESET), owner=visitor.owner))
        starts = column_starts(self.services, visitor, setup)
        problem = find_problem(self.services, setup, owner=visitor.owner)
        updates = show_setup(self.setup, setup, starts) | {self.complaint: complaint_html(problem)}
        return updates | show_estimates(self.setup, estimates_html(self.services, visitor, setup))


def set_apart(path: str | None) -> str | None:
    """Moves an upload to a place of its own; `None` if it isn't there.

    Gradio puts the same file to the same place whoever sends it, so that who is done with it would delete it for all.
    """
    if not path:
        return None
    folder = Path(get_upload_folder()) / secrets.token_hex(32)
    try:
        folder.mkdir()
        return str(Path(path).rename(folder / Path(path).name))
    except OSError:
        return None


def with_backbone(setup: Setup, backbone: str) -> Setup:
    """Another backbone, without what belonged to the one before."""
    if setup.backbone == backbone:
        return setup
    left, right = (replace(side, frozen_blocks=None, batchnorm=None, start=None) for side in (setup.left, setup.right))
    return replace(setup, backbone=backbone, left=left, right=right)


def _with_dataset(setup: Setup, *, name: str) -> Setup:
    return settle_dataset(replace(setup, dataset=name))


def _dataset_in(values: tuple[Any, ...], setup: SetupParts) -> str:
    """The dataset that the form holds."""
    return str(values[setup.inputs().index(setup.dataset)]) if values else ""


def _existing(path: str | None) -> Path:
    if not path or not Path(path).is_file():
        raise DatasetError(_GONE_UPLOAD)
    return Path(path)
