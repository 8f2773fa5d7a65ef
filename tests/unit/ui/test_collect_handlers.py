"""Collected photos become the visitor's own data, and the form is set up to train on them."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from tests.unit.ui.collected import photo, photos, sent
from tlvsft.catalog.own import OwnDataset, list_own
from tlvsft.config import VariantConfig
from tlvsft.datasets.own import load_own
from tlvsft.errors import InvalidInput, RunError
from tlvsft.runs import own_reading
from tlvsft.ui import collect_handlers
from tlvsft.ui.collect_handlers import choose_collected, keep_collected, read_or_usual, show_chosen
from tlvsft.ui.run_handlers import RunHandlers
from tlvsft.ui.services import Services
from tlvsft.ui.setup import setup_of_story
from tlvsft.ui.visitor import Visitor

ME = Visitor(owner="m" * 32)
DIGITS = replace(setup_of_story("digits"), owner=ME.owner)


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(collect_handlers, "get_upload_folder", lambda: str(tmp_path / "uploads"))
    return tmp_path / "uploads"


@pytest.fixture
def dataset(services: Services, uploads: Path) -> OwnDataset:
    """Two classes of ten pictures each."""
    return keep_collected(services, ME, sent(uploads, {"cats": photos(10), "dogs": photos(10, start=10)}))[0]


def test_ten_pictures_a_class_are_in_all_three_parts(services: Services, dataset: OwnDataset) -> None:
    data = load_own(services.store.home, dataset.name)
    assert dataset.sizes == (14, 3, 3)
    for split in (data.train, data.validation, data.test):
        assert set(split.labels.tolist()) == {0, 1}
    assert [kept.name for kept in list_own(services.store.home, ME.owner)] == [dataset.name]
    assert list_own(services.store.home, "o" * 32) == []


@pytest.mark.parametrize("counts", [(10,) * 3, (10,) * 10, (10, 200), (200, 10, 11)])
def test_small_and_uneven_classes_are_in_all_three_parts(
    services: Services, uploads: Path, counts: tuple[int, ...]
) -> None:
    images = {f"class {number}": photos(count, start=sum(counts[:number])) for number, count in enumerate(counts)}
    dataset, _ = keep_collected(services, ME, sent(uploads, images))
    data = load_own(services.store.home, dataset.name)
    assert sum(dataset.sizes) == sum(counts)
    for split in (data.train, data.validation, data.test):
        assert set(split.labels.tolist()) == set(range(len(counts)))


def test_what_is_refused_leaves_nothing_behind(services: Services, uploads: Path) -> None:
    whole = photo(0, side=600)
    broken = whole[: len(whole) // 2]  # its header is there, half of its pixels aren't
    message = sent(uploads, {"cats": [*photos(10), broken], "dogs": photos(10, start=10)})
    with pytest.raises(InvalidInput) as refusal:
        keep_collected(services, ME, message)
    assert "\n" not in str(refusal.value)
    assert list_own(services.store.home, ME.owner) == []
    assert list(uploads.rglob("*.bin")) == []


def test_a_crowd_is_sent_away(services: Services, uploads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_reading, "_line", threading.BoundedSemaphore(1))
    message = sent(uploads, {"cats": photos(10), "dogs": photos(10, start=10)})
    with own_reading.reading_place(), pytest.raises(RunError, match="try again in a minute"):
        keep_collected(services, ME, message)
    assert keep_collected(services, ME, message)[0].sizes == (14, 3, 3)


def test_the_form_gets_the_set_with_all_labels_on_the_backbone_for_photos(dataset: OwnDataset) -> None:
    story = replace(DIGITS, left=VariantConfig(method="nearest_centroid"), seed=7, epochs=2)
    chosen = choose_collected(story, dataset)
    assert (chosen.dataset, chosen.backbone, chosen.labels) == (dataset.name, "photos-resnet", 14)
    assert (chosen.left.method, chosen.right.method) == ("nearest_centroid", story.right.method)
    assert (chosen.seed, chosen.epochs) == (7, 2)
    assert chosen.config().labels is None


def test_a_backbone_that_was_chosen_for_own_pictures_stays(dataset: OwnDataset) -> None:
    before = replace(choose_collected(DIGITS, dataset), backbone="glyphs-resnet")
    assert choose_collected(before, dataset).backbone == "glyphs-resnet"


def test_next_words_become_classes_again(dataset: OwnDataset) -> None:
    words = replace(setup_of_story("adapt-to-book-reviews"), owner=ME.owner)
    chosen = choose_collected(words, dataset)
    assert chosen.task == "classification"
    assert (chosen.left.head, chosen.right.head) == (None, None)


def test_a_form_that_makes_no_sense_is_the_first_story() -> None:
    without_labels = ("photos-resnet", "digits", None, "", 0, "classification", "")
    assert read_or_usual(without_labels, owner=ME.owner) == DIGITS


def test_the_whole_form_is_shown(services: Services, handlers: RunHandlers, dataset: OwnDataset) -> None:
    chosen = choose_collected(DIGITS, dataset)
    updates: dict[Any, Any] = show_chosen(services, ME, chosen, setup=handlers.setup, race=handlers.race)
    assert updates[handlers.setup.backbone] == "photos-resnet"
    assert updates[handlers.setup.labels]["value"] == 14
    assert "!" not in updates[handlers.race.complaint]


def test_the_panel_stands_on_the_page(page: gr.Blocks) -> None:
    ids = [block.elem_id for block in page.blocks.values()]
    assert ids.count("collect") == 1
    assert ids.count("ask-camera") == 1
