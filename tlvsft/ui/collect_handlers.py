"""Collected photos become a dataset of the visitor's own, and the form is set up to train on it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from tlvsft.catalog.own import OwnDataset, is_own
from tlvsft.catalog.presets import DEFAULT_PRESET
from tlvsft.datasets.own import save_images
from tlvsft.errors import TlvsftError
from tlvsft.runs.own_keeping import prune_own
from tlvsft.runs.own_reading import reading_place
from tlvsft.ui.collect_panel import saved_words
from tlvsft.ui.collect_reading import read_collected
from tlvsft.ui.estimating import estimates_html
from tlvsft.ui.form import Updates, read_setup, show_estimates, show_setup
from tlvsft.ui.parts import RaceParts, SetupParts
from tlvsft.ui.services import Services
from tlvsft.ui.settling import settle_backbone, settle_task
from tlvsft.ui.setup import Setup, setup_of_story
from tlvsft.ui.setup_handlers import QUICK, read_click
from tlvsft.ui.setup_panels import complaint_html
from tlvsft.ui.starts import column_starts
from tlvsft.ui.submitting import find_problem
from tlvsft.ui.visitor import Visitor, read_visitor

PHOTO_BACKBONE = "photos-resnet"


def connect_collect(services: Services, *, visitor: gr.BrowserState, setup: SetupParts, race: RaceParts) -> None:
    """Makes "Train on these" work."""
    panel = setup.collect

    def on_collected(event: gr.EventData, kept: Any, *values: Any) -> Updates:
        known = read_visitor(kept)
        try:
            dataset, words = keep_collected(services, known, read_click(event))
            chosen = choose_collected(read_or_usual(values, owner=known.owner), dataset)
            return {panel: _answer(words=words)} | show_chosen(services, known, chosen, setup=setup, race=race)
        except TlvsftError as error:
            return {panel: _answer(problem=str(error))}

    outputs = [panel, *setup.outputs(), race.complaint]
    panel.input(on_collected, [visitor, *setup.inputs()], outputs, trigger_mode="once", **QUICK)


def keep_collected(services: Services, visitor: Visitor, sent: dict[str, Any]) -> tuple[OwnDataset, str]:
    """Checks and saves what a browser sent.

    Returns:
        The dataset that it became, and what to say of it.

    Raises:
        InvalidInput: One line that says what to change.
        RunError: Too many others are being read.
    """
    with reading_place():
        collected = read_collected(sent, uploads=Path(get_upload_folder()))
        prune_own(services.store)
        dataset = save_images(services.store.home, visitor.owner, collected.title, collected.images)
    return dataset, saved_words(dataset, collected)


def choose_collected(setup: Setup, dataset: OwnDataset) -> Setup:
    """The setup on collected photos, with all of their training pictures; methods and numbers stay as they are.

    The backbone is the one for photos, unless another one was chosen for own pictures already.
    """
    classes = settle_task(replace(setup, task="classification")) if setup.predicts_words else setup
    stays = is_own(setup.dataset) and setup.summary.modality == "image"
    on_photos = replace(classes, dataset=dataset.name, backbone=setup.backbone if stays else PHOTO_BACKBONE)
    settled = on_photos if on_photos.backbone == setup.backbone else settle_backbone(on_photos)
    return replace(settled, labels=dataset.train_size)


def read_or_usual(values: tuple[Any, ...], *, owner: str) -> Setup:
    """The form's content; the first story where that makes no sense."""
    try:
        return read_setup(*values, owner=owner)
    except TlvsftError:
        return replace(setup_of_story(DEFAULT_PRESET), owner=owner)


def show_chosen(services: Services, visitor: Visitor, chosen: Setup, *, setup: SetupParts, race: RaceParts) -> Updates:
    """The form with another setup in it, and what follows from that."""
    updates = show_setup(setup, chosen, column_starts(services, visitor, chosen))
    updates |= show_estimates(setup, estimates_html(services, visitor, chosen))
    return updates | {race.complaint: complaint_html(find_problem(services, chosen, owner=visitor.owner))}


def _answer(*, words: str = "", problem: str = "") -> dict[str, Any]:
    """What the panel's script hears; the stamp makes the same answer news when it comes again."""
    return {"words": words, "problem": problem, "stamp": time.monotonic_ns()}
