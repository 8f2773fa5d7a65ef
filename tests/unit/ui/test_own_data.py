"""A visitor's own data on the page: in the form, in the list, gone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from tests.unit.own_datasets import keep_pictures, keep_texts
from tests.unit.ui.test_run_handlers import click, form
from tlvsft.catalog.own import GONE, OwnDataset, find_described
from tlvsft.config import DatasetConfig
from tlvsft.datasets.guessing import Choice
from tlvsft.datasets.intake import Examined, Shown, examine, save_upload
from tlvsft.errors import DatasetError
from tlvsft.ui import own_data_handlers
from tlvsft.ui.form import dataset_choices, read_setup
from tlvsft.ui.own_data_handlers import OwnDataHandlers
from tlvsft.ui.own_data_panel import examined_html, kept_html, rule_text, status_html
from tlvsft.ui.run_handlers import DATA_GONE, RunHandlers
from tlvsft.ui.services import Services
from tlvsft.ui.settling import settle_backbone, settle_dataset, settle_task
from tlvsft.ui.setup import Setup, setup_of_config, setup_of_story
from tlvsft.ui.setup_panels import data_html, labels_range_html
from tlvsft.ui.submitting import find_problem, start_comparison
from tlvsft.ui.texts import dataset_title, title_is_data
from tlvsft.ui.views import figures_of, input_kind
from tlvsft.ui.visitor import Visitor

ME, SOMEBODY = "m" * 32, "s" * 32
KEPT = Visitor(owner=ME).to_dict()


@pytest.fixture
def home(services: Services) -> Path:
    return services.store.home


@pytest.fixture
def reviews(home: Path) -> OwnDataset:
    return keep_texts(home, ME)


@pytest.fixture
def own(services: Services, handlers: RunHandlers, monkeypatch: pytest.MonkeyPatch) -> OwnDataHandlers:
    """The panel's handlers; uploads are read in this process."""
    monkeypatch.setattr(own_data_handlers, "examine_upload", examine)
    monkeypatch.setattr(own_data_handlers, "keep_upload", save_upload)
    return OwnDataHandlers(
        services=services, visitor=handlers.visitor, parts=handlers.setup.own_data, setup=handlers.setup,
        complaint=handlers.race.complaint,
    )  # fmt: skip


def of(dataset: OwnDataset, *, owner: str = ME) -> Setup:
    """The form after this dataset was chosen."""
    return settle_dataset(replace(setup_of_story("digits"), dataset=dataset.name, owner=owner))


def upload(tmp_path: Path, *, name: str = "reviews.jsonl", moods: tuple[str, ...] = ("fine", "dull")) -> Path:
    path = tmp_path / name
    rows = [{"text": f"a {mood} book, number {index}", "mood": mood} for index in range(8) for mood in moods]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_the_form_holds_own_texts(reviews: OwnDataset) -> None:
    setup = of(reviews)
    assert (setup.backbone, setup.labels, setup.fewest_labels) == ("wiki-gpt", 30, 3)
    assert setup.config().dataset == DatasetConfig(name=reviews.name)
    assert setup.ladder("left")[-1].parameters % 3 == 0
    assert "My reviews" in data_html(setup)
    assert "kind 2" in data_html(setup)
    assert 'max="30"' in labels_range_html(setup)
    assert read_setup(*form(setup), owner=ME) == setup
    assert setup_of_config(setup.config(), owner=ME) == setup


def test_the_form_holds_own_pictures(home: Path) -> None:
    pets = keep_pictures(home, ME)
    setup = settle_dataset(replace(setup_of_story("book-genres"), dataset=pets.name, owner=ME))
    assert (setup.backbone, setup.labels) == ("photos-resnet", 14)
    assert settle_backbone(replace(setup, backbone="wiki-gpt")).dataset == "book-reviews"
    assert settle_backbone(replace(setup, backbone="glyphs-resnet")).dataset == pets.name


def test_large_data_begins_with_a_part(home: Path) -> None:
    assert of(keep_texts(home, ME, count=900)).labels == 500


def test_words_can_be_learnt_from_own_texts(reviews: OwnDataset, services: Services) -> None:
    setup = settle_task(replace(of(reviews), task="language_modeling"))
    assert (setup.fewest_labels, setup.labels) == (1, 30)
    assert find_problem(services, setup, owner=ME) == ""


def test_nobody_elses_can_be_chosen(services: Services, reviews: OwnDataset) -> None:
    with pytest.raises(DatasetError, match="isn't there any more"):
        of(reviews, owner=SOMEBODY)
    assert setup_of_config(of(reviews).config(), owner=SOMEBODY) is None
    assert find_problem(services, of(reviews), owner=SOMEBODY) == GONE
    assert reviews.name in dict(dataset_choices(ME)).values()
    assert reviews.name not in dict(dataset_choices(SOMEBODY)).values()
    with pytest.raises(DatasetError, match="isn't there any more"):
        start_comparison(services, of(reviews).config(), owner=SOMEBODY)


def test_an_upload_is_shown_then_kept_then_used(own: OwnDataHandlers, tmp_path: Path) -> None:
    parts = own.parts
    taken = own.on_upload(str(upload(tmp_path, name="My_reviews.jsonl")))
    assert "Reading My_reviews.jsonl" in taken[parts.status]
    path = Path(taken[parts.upload])
    shown = own.on_examine(str(path))
    assert shown[parts.found]["visible"] is True
    assert (shown[parts.inputs]["value"], shown[parts.label]["value"]) == ("text", "mood")
    assert "16 texts of 2 classes" in shown[parts.examined]
    values = form(setup_of_story("digits"))
    kept = own.on_use(KEPT, str(path), "text", "mood", "Mine", *values)
    name = kept[own.setup.dataset]["value"]
    assert name in dict(kept[own.setup.dataset]["choices"]).values()
    assert (kept[own.setup.backbone], kept[own.setup.labels]["value"]) == ("wiki-gpt", 12)
    assert "“Mine” is kept" in kept[parts.status]
    assert "Mine" in kept[parts.kept]
    assert not path.exists()
    assert own.on_examine(str(path))[parts.status].count("choose the file again") == 1


def test_a_form_that_makes_no_sense_does_not_lose_the_data(own: OwnDataHandlers, tmp_path: Path) -> None:
    values = list(form(setup_of_story("digits")))
    values[3] = "many"
    kept = own.on_use(KEPT, str(upload(tmp_path)), "text", "mood", "Mine", *values)
    assert kept[own.setup.epochs] == ""
    assert "Mine" in kept[own.parts.kept]


def test_refusals_are_one_line_and_keep_nothing(own: OwnDataHandlers, tmp_path: Path, home: Path) -> None:
    path = tmp_path / "<img src=x onerror=alert(1)>.pkl"
    path.write_bytes(b"\x80\x04.")
    refused = own.on_examine(str(path))
    assert "can run code" in refused[own.parts.status]
    assert "<img" not in refused[own.parts.status]
    assert refused[own.parts.upload] is None
    assert not path.exists()
    one_class = upload(tmp_path, moods=("fine",))
    shown = own.on_columns(str(one_class), "text", "mood")
    assert "are of one class" in shown[own.parts.examined]
    values = form(setup_of_story("digits"))
    assert "are of one class" in own.on_use(KEPT, str(one_class), "text", "mood", "x", *values)[own.parts.status]
    assert own.on_load(KEPT)[own.parts.kept].count("Nothing kept yet") == 1


def test_deleting_asks_first(own: OwnDataHandlers, reviews: OwnDataset) -> None:
    values, parts = form(of(reviews)), own.parts
    asked = own.on_kept(click(action="ask", dataset=reviews.name), KEPT, *values)
    assert "Delete for good" in asked[parts.kept]
    assert "Delete for good" not in own.on_kept(click(action="keep", dataset=reviews.name), KEPT, *values)[parts.kept]
    deleted = own.on_kept(click(action="delete", dataset=reviews.name), KEPT, *values)
    assert find_described(reviews.name) is None
    assert deleted[own.setup.dataset]["value"] == "book-reviews"
    assert "is deleted" in deleted[parts.status]
    again = own.on_kept(click(action="delete", dataset=reviews.name), KEPT, *form(setup_of_story("digits")))
    assert "upload it again" in again[parts.status]


def test_somebody_elses_clicks_change_nothing(own: OwnDataHandlers, reviews: OwnDataset) -> None:
    stranger = Visitor(owner=SOMEBODY).to_dict()
    for action in ("use", "ask", "keep", "delete"):
        answer = own.on_kept(click(action=action, dataset=reviews.name), stranger, *form(setup_of_story("digits")))
        assert "upload it again" in answer[own.parts.status]
        assert "My reviews" not in answer[own.parts.kept]
    assert find_described(reviews.name) == reviews


def test_a_comparison_outlives_its_data(handlers: RunHandlers, own: OwnDataHandlers, reviews: OwnDataset) -> None:
    services, values = handlers.services, form(of(reviews))
    visitor = start_comparison(services, of(reviews).config(), owner=ME)
    refused = own.on_kept(click(action="delete", dataset=reviews.name), KEPT, *values)
    assert "stop it first" in refused[own.parts.status]
    services.store.request_stop(visitor.viewing)
    own.on_kept(click(action="delete", dataset=reviews.name), KEPT, *values)
    opened = handlers.show(visitor)
    assert DATA_GONE.split(":")[0] in opened[handlers.race.complaint]
    assert handlers.setup.dataset not in opened
    assert "own data, deleted" in opened[handlers.race.heading]
    reloaded = handlers.on_load(visitor.to_dict())
    assert reviews.name not in dict(reloaded[handlers.setup.dataset]["choices"]).values()
    assert input_kind(services.store.comparison(visitor.viewing)) == "text"


def test_its_titles_and_classes_are_everywhere(reviews: OwnDataset, home: Path) -> None:
    config = of(reviews).config()
    assert dataset_title(reviews.name) == "My reviews"
    lines = figures_of(config, [])["score"]
    assert "33" in json.dumps(lines)
    assert title_is_data(config)
    assert not title_is_data(replace(config, dataset=DatasetConfig(name="digits")))
    assert not title_is_data(replace(config, dataset=DatasetConfig(name=f"own:{'0' * 32}")))  # deleted
    pets = of(keep_pictures(home, ME))
    assert "photos-resnet" not in pets.backbone or pets.config().dataset.name.startswith("own:")


def test_what_comes_from_data_is_escaped(home: Path) -> None:
    hostile = "<script>alert(1)</script>"
    dataset = replace(keep_texts(home, ME, hostile), name='own:"><b>')
    shown = Examined(
        title=hostile, kept_as="table", modality="text", columns=(hostile,), choice=Choice(inputs="a", label="b"),
        classes=(hostile, "b"), counts=(1, 2), sizes=(1, 1, 1), notes=(hostile,),
        preview=(Shown(label=hostile, text=hostile), Shown(label="b", picture='x" onerror="alert(1)')),
    )  # fmt: skip
    pages = [
        examined_html(shown), examined_html(replace(shown, problem=hostile)), status_html(reading=hostile),
        kept_html([dataset], shared_host=False, asking=dataset.name),
    ]  # fmt: skip
    for html in pages:
        assert "<script" not in html
        assert 'onerror="' not in html
        assert "<b>" not in html.replace("<b>&lt;", "").replace("<b>1", "").replace("<b>2", "").replace(
            "<b>3", ""
        ).replace("<b>b", "")


def test_the_rule_is_said_in_words() -> None:
    assert "for 30 days" in rule_text(shared_host=False)
    assert "for 24 hours" in rule_text(shared_host=True)


def test_the_page_takes_datasets_that_only_this_visitor_has(page: gr.Blocks) -> None:
    dropdown = next(block for block in page.blocks.values() if getattr(block, "label", "") == "Dataset")
    assert dropdown.preprocess("own:x") == "own:x"  # type: ignore[attr-defined]
    assert dropdown.preprocess(["own:x"]) == ""  # type: ignore[attr-defined]


def test_the_same_file_of_two_visitors_is_two_files(
    own: OwnDataHandlers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_data_handlers, "get_upload_folder", lambda: str(tmp_path))
    place = tmp_path / ("a" * 64)
    place.mkdir()
    first = own.on_upload(str(upload(place)))[own.parts.upload]
    second = own.on_upload(str(upload(place)))[own.parts.upload]
    assert first != second
    own.on_discard(first)
    assert not Path(first).parent.exists()
    assert own.on_examine(second)[own.parts.title] == "reviews"
    assert own.parts.upload not in own.on_upload(str(place / "gone.csv"))
