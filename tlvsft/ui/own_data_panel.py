"""Your own data: what an upload turned out to be, what a visitor keeps, and by which rule it is deleted."""

from __future__ import annotations

from collections.abc import Sequence

from tlvsft.catalog.own import (
    MOST_IMAGES,
    MOST_OWN,
    MOST_OWN_BYTES,
    MOST_ROWS,
    MOST_UPLOAD_BYTES,
    UNUSED_DAYS,
    UNUSED_DAYS_SHARED,
    OwnDataset,
)
from tlvsft.comparison.figures import size
from tlvsft.datasets.intake import Examined, Shown
from tlvsft.ui.markup import Markup, element, join, sign
from tlvsft.ui.texts import class_title

OWN_DATA_TITLE = "Your own data"
_CLASSES_SHOWN = 30
_FORMATS = (
    "A CSV, TSV, JSON, JSONL or Parquet file with a column of texts or images and one of classes; or a zip with one "
    "folder of images per class (perhaps within train, validation and test)."
)


def invitation_html() -> Markup:
    """What can be uploaded, and within which bounds."""
    bounds = (
        f"Up to {MOST_UPLOAD_BYTES // 10**6} MB, {MOST_ROWS:,} texts or {MOST_IMAGES:,} pictures. Nothing is kept "
        "until you press “Use this data”."
    )
    return join([element("p", _FORMATS), element("p", bounds, class_="facts")])


def status_html(message: str = "", *, reading: str = "", refused: bool = False) -> Markup:
    """What happens with the upload: it is read, it was refused, or how it ended.

    Args:
        message: What is to be said.
        reading: The name of the file that is being read.
        refused: Whether the message says what is wrong.
    """
    if reading:
        busy = element("progress", aria_label="Reading the file")
        return element("p", busy, f" Reading {reading} …", class_="own-status", role="status")
    if refused:
        line = element("span", sign("!"), message, class_="complaint")
        return element("div", line, class_="own-status", role="alert")
    return element("p", message, class_="own-status", role="status")


def examined_html(examined: Examined) -> Markup:
    """Classes, splits and a preview of an upload; or why it can't be used as it is read now."""
    if examined.problem:
        return status_html(examined.problem, refused=True)
    return join([_summary(examined), _classes(examined), _notes(examined), _preview(examined)])


def kept_html(datasets: Sequence[OwnDataset], *, shared_host: bool, asking: str = "", chosen: str = "") -> Markup:
    """The visitor's own datasets, each to be used or deleted, and the rule of deletion.

    Args:
        datasets: Newest first.
        shared_host: Whether strangers share the machine: data is then deleted earlier.
        asking: The dataset of which it is asked whether it shall really be deleted.
        chosen: The dataset that the form holds.
    """
    items = [_kept(dataset, asking=dataset.name == asking, chosen=dataset.name == chosen) for dataset in datasets]
    heading = element("h2", "Kept for you" if items else "Nothing kept yet")
    listed = element("ul", *items, class_="own-list") if items else None
    rule = element("p", rule_text(shared_host=shared_host), class_="facts")
    return element("div", heading, listed, rule, class_="own-box")


def rule_text(*, shared_host: bool) -> str:
    """By which rule own data is deleted."""
    days = UNUSED_DAYS_SHARED if shared_host else UNUSED_DAYS
    when = "24 hours" if days == 1 else f"{days} days"
    return (
        f"Only this browser sees your data. It is deleted when you delete it, or when no training used it for {when}. "
        f"You can keep {MOST_OWN} datasets, {MOST_OWN_BYTES // 10**6} MB together; when the server is full, the one "
        "unused for longest goes first. Comparisons and the examples that they show stay."
    )


def examples_of(dataset: OwnDataset) -> str:
    """Size and classes of a dataset in a few words."""
    return f"{sum(dataset.sizes):,} examples of {len(dataset.classes)} classes"


def _summary(examined: Examined) -> Markup:
    total, (train, validation, test) = sum(examined.sizes), examined.sizes
    kind = "texts" if examined.modality == "text" else "pictures"
    return element(
        "p",
        element("b", f"{total:,} {kind} of {len(examined.classes)} classes"),
        f": {train:,} to train on, {validation:,} to validate with, {test:,} to test with.",
        class_="own-summary",
    )


def _classes(examined: Examined) -> Markup:
    counted = list(zip(examined.classes, examined.counts, strict=True))
    items = [
        element("li", element("span", class_title(name), translate="no"), " ", element("b", f"{count:,}"))
        for name, count in counted[:_CLASSES_SHOWN]
    ]
    more = len(counted) - _CLASSES_SHOWN
    rest = [element("li", f"and {more:,} more")] if more > 0 else []
    return element("ul", *items, *rest, class_="own-classes", aria_label="Classes, with the examples of each")


def _notes(examined: Examined) -> Markup | None:
    return element("p", " ".join(examined.notes), class_="facts") if examined.notes else None


def _preview(examined: Examined) -> Markup:
    kind = "own-preview pictures" if any(shown.picture for shown in examined.preview) else "own-preview"
    return element("ul", *map(_example, examined.preview), class_=kind, aria_label="Some of the training examples")


def _example(shown: Shown) -> Markup:
    label = class_title(shown.label)
    picture = element("img", src=shown.picture, alt=f"An example of {label}") if shown.picture else None
    text = element("span", shown.text, class_="own-text", translate="no") if shown.text else None
    return element("li", picture, element("b", label, translate="no"), text)


def _kept(dataset: OwnDataset, *, asking: bool, chosen: bool) -> Markup:
    facts = element("span", f"{examples_of(dataset)} · {size(dataset.size_bytes)}", class_="facts")
    title = element("b", dataset.title, translate="no")
    if asking:
        buttons = [
            _button("Delete for good", "delete", dataset),
            _button("Keep it", "keep", dataset),
        ]
    else:
        use = element("span", "in use above", class_="facts") if chosen else _button("Use", "use", dataset)
        buttons = [use, _button("Delete", "ask", dataset)]
    return element(
        "li", element("div", title, facts, class_="own-kept"), element("div", *buttons, class_="own-buttons")
    )


def _button(label: str, action: str, dataset: OwnDataset) -> Markup:
    return element(
        "button", label, type="button", class_="quiet", data_action=action, data_dataset=dataset.name,
        aria_label=f"{label}: {dataset.title}",
    )  # fmt: skip
