"""A visitor brings real data: uploaded, shown, trained on, found again, deleted; and nobody else sees it."""

from __future__ import annotations

import csv
import itertools
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE_S, Watcher, choose, show_page

pytestmark = [pytest.mark.browser, pytest.mark.shared]

OpenPage = Callable[..., Page]
HOSTILE = "<img src=x onerror=alert(1)> a dull & <script>alert(2)</script> film"
PATIENT = {"timeout": 1000 * PATIENCE_S}


@pytest.fixture
def reviews(shared_dir: Path, tmp_path: Path) -> Path:
    """300 real film reviews, one with script in it."""
    path = tmp_path / "Film <b>reviews.csv"
    with (shared_dir / "data/movie-reviews/train.csv").open(newline="") as source, path.open("w", newline="") as target:
        writer = csv.writer(target)
        rows = list(itertools.islice(csv.reader(source), 301))
        writer.writerows([["review", "mood"], [HOSTILE, rows[1][1]], *rows[2:]])
    return path


def panel(page: Page) -> Locator:
    """The panel, opened."""
    box = page.locator("#own-data")
    if not box.locator("#own-kept").is_visible():
        page.get_by_role("button", name="Your own data").click()
    expect(box.locator("#own-kept")).to_be_visible()
    return box


def upload(page: Page, path: Path) -> Locator:
    box = panel(page)
    box.locator("input[type=file]").set_input_files(path)
    return box


def keep(page: Page, path: Path, *, title: str) -> Locator:
    box = upload(page, path)
    expect(box.locator(".own-summary")).to_be_visible(**PATIENT)
    page.get_by_label("Call it").fill(title)
    page.get_by_role("button", name="Use this data").click()
    expect(box.locator("#own-status")).to_contain_text("is kept", **PATIENT)
    return box


def train(page: Page) -> None:
    page.get_by_role("button", name="Train both").click()
    expect(page.locator("#verdict")).to_be_visible(**PATIENT)


def test_a_csv_is_trained_on_and_nobody_else_sees_it(open_page: OpenPage, reviews: Path) -> None:
    page = open_page()
    box = upload(page, reviews)
    expect(box.locator(".own-summary")).to_have_text(
        "300 texts of 2 classes: 210 to train on, 45 to validate with, 45 to test with.", **PATIENT
    )
    expect(page.get_by_label("Texts or images are in column")).to_have_value("review")
    expect(page.get_by_label("Classes are in column")).to_have_value("mood")
    expect(box.locator(".own-preview li")).to_have_count(8)
    choose(page, "Classes are in column", "review")
    expect(box.locator(".complaint")).to_contain_text("can't be both", **PATIENT)
    choose(page, "Classes are in column", "mood")
    expect(box.locator(".own-classes li")).to_have_count(2, **PATIENT)
    page.get_by_label("Call it").fill("Films & <i>more</i>")
    page.get_by_role("button", name="Use this data").click()
    expect(page.get_by_label("Dataset", exact=True)).to_have_value("Films & <i>more</i> (yours)", **PATIENT)
    expect(page.get_by_label("Backbone")).to_have_value(re.compile("^wiki-gpt"))
    expect(page.locator(".variant.left")).to_contain_text("negative or positive")
    page.get_by_label("Labels", exact=True).fill("20")
    choose(page, "Method, right", "Linear probe")
    train(page)
    expect(page.locator("#history")).to_contain_text("Films & <i>more</i>")
    show_page(page, page.url)
    expect(page.get_by_label("Dataset", exact=True)).to_have_value("Films & <i>more</i> (yours)")
    stranger = open_page()
    expect(panel(stranger)).to_contain_text("Nothing kept yet")
    expect(stranger.locator("body")).not_to_contain_text("Films &")
    box = panel(page)
    page.get_by_role("button", name="Delete: Films").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(box).to_contain_text("Nothing kept yet")
    expect(page.get_by_label("Dataset", exact=True)).to_have_value("Book reviews: sentiment")
    show_page(page, page.url)
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#launch-bar .complaint")).to_contain_text("The data of this comparison was deleted")


def test_hostile_files_are_refused_in_one_line(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    trick = tmp_path / "pets.zip"
    with zipfile.ZipFile(trick, "w") as archive:
        archive.writestr("../../cat/1.png", b"x")
    pickled = tmp_path / "model.csv"
    pickled.write_bytes(b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94K\x01a.")
    for path, words in ((trick, "leads out of its folder"), (pickled, "holds a pickle")):
        box = upload(page, path)
        expect(box.locator("#own-status .complaint")).to_contain_text(words, **PATIENT)
        expect(page.get_by_role("button", name="Use this data")).to_be_hidden()


@pytest.mark.thorough
def test_a_zip_of_photos_and_a_parquet(open_page: OpenPage, shared_dir: Path, tmp_path: Path) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    photos, packed = shared_dir / "data/hymenoptera", tmp_path / "insects.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(photos.rglob("*.jpg")):
            archive.write(path, Path("insects", path.relative_to(photos)))
    box = keep(page, packed, title="Ants and bees")
    expect(page.get_by_label("Backbone")).to_have_value(re.compile("^photos-resnet"))
    expect(page.locator(".variant.left")).to_contain_text("ants or bees")
    expect(page.locator(".labels-range")).to_contain_text("all 207")
    page.get_by_label("Labels", exact=True).fill("20")
    train(page)
    page.locator("#try-it input[type=file]").set_input_files(next(photos.rglob("bees/*.jpg")))
    expect(page.locator("#try-it .headline")).to_have_count(2, **PATIENT)
    keep(page, shared_dir / "data/cifar10-small/test-00000-of-00001.parquet", title="Small pictures")
    expect(page.locator(".variant.left")).to_contain_text("one of 10 classes: airplane … truck")
    page.get_by_role("button", name="Use: Ants and bees").click()
    expect(page.get_by_label("Dataset", exact=True)).to_have_value("Ants and bees (yours)")
    expect(box.locator(".own-list li")).to_have_count(2)


@pytest.mark.thorough
def test_the_panel_fits_a_phone(open_page: OpenPage, reviews: Path, watcher: Watcher) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    box = upload(page, reviews)
    expect(box.locator(".own-summary")).to_be_visible(**PATIENT)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Not this").click()
    expect(box.locator(".own-summary")).to_be_hidden()
    assert watcher.errors == []
