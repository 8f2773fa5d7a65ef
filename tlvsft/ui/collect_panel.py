"""Where photos are collected, as HTML that `assets/js/collect.js` brings to life, and what is said of a saved set."""

from __future__ import annotations

import math

from tlvsft.catalog.own import MOST_TITLE_CHARACTERS, OwnDataset
from tlvsft.comparison.decisions import SIGNIFICANCE
from tlvsft.ui.collect_reading import (
    FEWEST_CLASSES,
    FEWEST_PICTURES,
    MOST_CLASSES,
    MOST_NAME_CHARACTERS,
    MOST_PICTURES,
    Collected,
)
from tlvsft.ui.markup import Markup, element

MANY_TESTED = 200
"""From here on the share of test pictures that is right is known to a few points."""
_SURE = 1.96
"""Standard errors on either side of a 95 % interval."""


def collect_html() -> Markup:
    """The empty form, closed; no data stands in it, so it can be a template."""
    told = (
        f"Name {FEWEST_CLASSES} to {MOST_CLASSES} kinds of things and give each at least {FEWEST_PICTURES} pictures, "
        "from files or from a camera. They are scaled down here and stay in this browser until you train on them."
    )
    honest = (
        "Pictures taken in one go look alike. Some of them become test pictures, and then accuracy says little about "
        "new ones: change place, light and angle now and then."
    )
    form = element(
        "div",
        element("p", told, class_="facts"),
        element("label", "Name of the set", _title_field(), class_="collect-title"),
        element("ol", class_="collect-classes", data_classes=True),
        element("p", honest, class_="facts"),
        _buttons(),
        data_form=True,
        class_="collect-form",
    )
    return element(
        "details",
        element("summary", "Collect photos", element("span", class_="collect-tally", data_tally=True)),
        element("div", form, _messages(), class_="card collect-card"),
        class_="collect",
        data_fewest_classes=FEWEST_CLASSES,
        data_most_classes=MOST_CLASSES,
        data_fewest=FEWEST_PICTURES,
        data_most=MOST_PICTURES,
        data_name_characters=MOST_NAME_CHARACTERS,
    )


def ask_camera_html() -> Markup:
    """What opens the camera where trained variants are asked."""
    return element("button", "Use the camera", type="button", class_="quiet")


def saved_words(dataset: OwnDataset, collected: Collected) -> str:
    """What was saved, and what so few test pictures can tell."""
    train, validation, test = dataset.sizes
    left_out = ""
    if collected.repeated:
        pictures = "1 picture" if collected.repeated == 1 else f"{collected.repeated:,} pictures"
        left_out = f" Left out: {pictures} that the same class had already."
    return (
        f"Saved as “{dataset.title}” and chosen above: {len(dataset.classes)} classes, {train:,} pictures to train on, "
        f"{validation:,} to validate with and {test:,} to test with, some of each class in each part.{left_out} "
        f"{describe_test_size(test)}"
    )


def describe_test_size(test: int) -> str:
    """What a verdict over so many test pictures can and can't say."""
    if test < fewest_telling():
        return (
            f"With {test} test pictures the verdict will be “too close to call” whatever happens: to show more than "
            f"chance it takes {fewest_telling()} on which only one side is right. One picture is "
            f"{100 / max(test, 1):.0f} points of accuracy. Collect more for a verdict that can be clear."
        )
    margin = 100 * _SURE * math.sqrt(0.25 / test)
    if test < MANY_TESTED:
        return (
            f"{test} test pictures are few: accuracy is known only to ±{margin:.0f} points or so (95 %), and the "
            "verdict's interval will be wide. A small difference won't show; more pictures narrow it."
        )
    return f"With {test} test pictures accuracy is known to ±{margin:.0f} points or so (95 %)."


def fewest_telling() -> int:
    """The fewest test pictures on which only one side is right that an exact McNemar test calls more than chance."""
    return math.floor(math.log2(2 / SIGNIFICANCE)) + 1


def _title_field() -> Markup:
    return element(
        "input", type="text", maxlength=MOST_TITLE_CHARACTERS, autocomplete="off", placeholder="e.g. Mugs and bottles",
        data_title=True,
    )  # fmt: skip


def _buttons() -> Markup:
    return element(
        "div",
        element("button", "Add a class", type="button", class_="quiet", data_add=True),
        element("button", "Train on these", type="button", class_="ask", data_use=True),
        element("button", "Discard all", type="button", class_="quiet", data_discard=True),
        class_="collect-buttons",
    )


def _messages() -> Markup:
    said = element(
        "div",
        element("p", class_="collect-words", role="status", data_words=True),
        element("button", "Undo", type="button", class_="quiet small", data_undo=True, hidden=True),
        class_="collect-said",
    )
    saved = element(
        "div",
        element("p", role="status", data_saved_words=True),
        element(
            "div",
            element("button", "Start training", type="button", class_="ask", data_train=True),
            element("button", "Add to these pictures", type="button", class_="quiet", data_more=True),
            class_="collect-buttons",
        ),
        class_="collect-saved",
        data_saved=True,
        hidden=True,
    )
    return element("div", said, saved)
