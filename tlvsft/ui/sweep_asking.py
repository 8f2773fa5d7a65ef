"""What the section of sweeps asks for, as its script sends it: anything could come from a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.own import is_own
from tlvsft.config import ALL, DatasetConfig
from tlvsft.errors import InvalidInput, shorten
from tlvsft.report.sweeps.looks import USUAL_SIDES, Sides
from tlvsft.sweeps import (
    DEFAULT_SEEDS,
    DEPTH_LINES,
    KINDS,
    SweepConfig,
    SweepKind,
    complete_sweep,
)
from tlvsft.ui.setup import Setup

_LONGEST = 400
"""Characters of a field that are read."""
_MOST_DIGITS = 9
_CONTROLS = ("from_scratch", "random_features")
NOT_ON_THE_PAGE = (
    "This sweep used data or a backbone that can't be chosen on the page; the command line can go on with it."
)
NO_MARK = "-"
"""What a script sends that has filled nothing from the form yet, and isn't just being opened."""
Source = Literal["form", "choices", "sweep"]
_SOURCES: tuple[Source, ...] = get_args(Source)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What stands in the section's own fields.

    Attributes:
        labels: As it was typed, e.g. `10, 20, 50, all`.
        seeds: As it was typed.
        epochs: From the form above; `None` is each method's own number.
    """

    kind: SweepKind
    backbone: str
    dataset: str
    methods: tuple[str, ...]
    labels: str
    seeds: str
    epochs: int | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the section's script asks for.

    Attributes:
        number: Of the question; the answer repeats it.
        source: Whether the fields are to be filled from the form, are as they stand, or are those of the sweep that is
            shown.
        form: What the form was when the fields were filled from it.
        choices: What stands in the fields; `None` where nothing does.
        shown: Id of the sweep on the screen; empty for whichever fits.
        stamp: Of the figure on the screen: it is sent only when it is another one.
        delete: Id of the sweep that is to be deleted, which is asked about first; else empty.
        only_shown: Whether nothing but the sweep on the screen is wanted, as at each poll.
    """

    number: int
    kind: SweepKind
    source: Source
    form: str
    choices: Choices | None
    shown: str
    stamp: str
    delete: str
    only_shown: bool


def read_asked(sent: Mapping[str, Any]) -> Asked:
    """A question."""
    number, source = sent.get("asked"), sent.get("source")
    kind = _kind(sent.get("kind"))
    return Asked(
        number=number if isinstance(number, int) and not isinstance(number, bool) else 0,
        kind=kind,
        source=next((known for known in _SOURCES if known == source), "form"),
        form=_text(sent.get("form")),
        choices=read_choices(sent.get("choices"), kind),
        shown=_text(sent.get("shown")),
        stamp=_text(sent.get("stamp")),
        delete=_text(sent.get("delete")),
        only_shown=sent.get("only_shown") is True,
    )


def read_choices(sent: object, kind: SweepKind) -> Choices | None:
    """The section's fields; `None` if they aren't what its script would send."""
    if not isinstance(sent, Mapping):
        return None
    methods, epochs = sent.get("methods"), sent.get("epochs")
    given = methods if isinstance(methods, list) else []
    return Choices(
        kind=kind,
        backbone=_text(sent.get("backbone")),
        dataset=_text(sent.get("dataset")),
        methods=tuple(method for method in METHODS if method in given),
        labels=_text(sent.get("labels")),
        seeds=_text(sent.get("seeds")),
        epochs=epochs if isinstance(epochs, int) and not isinstance(epochs, bool) else None,
    )


def choices_of_form(kind: SweepKind, setup: Setup) -> Choices:
    """The fields as the form above fills them: its data, its two methods beside the controls, its number of labels.

    Raises:
        InvalidInput: A sweep makes no sense of what is in the form.
    """
    if setup.predicts_words:
        raise InvalidInput("A sweep needs classes to tell apart: choose classification in the form above.")
    chosen = {setup.left.method, setup.right.method, *_CONTROLS}
    methods = tuple(method for method in METHODS if method in chosen) if kind == "labels" else DEPTH_LINES
    usual = complete_sweep(
        kind, backbone=setup.backbone, dataset=DatasetConfig(name=setup.dataset), methods=methods, viewer=setup.owner
    )  # fmt: skip
    choices = replace(choices_of_config(usual), epochs=setup.epochs)
    if kind == "labels":
        return choices
    return replace(choices, labels=ALL if setup.labels == usual.train_size else str(setup.labels))


def choices_of_config(config: SweepConfig) -> Choices:
    """A sweep as the fields' content."""
    return Choices(
        kind=config.kind,
        backbone=config.backbone,
        dataset=config.dataset.name,
        methods=config.methods,
        labels=", ".join(ALL if count is None else str(count) for count in config.labels),
        seeds=str(config.seeds),
        epochs=config.epochs,
    )


def config_of_choices(choices: Choices, *, owner: str) -> SweepConfig:
    """The sweep that the fields ask for.

    Raises:
        InvalidInput: It can't work; one line that says what to change.
    """
    if choices.backbone not in BACKBONES or not (choices.dataset in DATASETS or is_own(choices.dataset)):
        raise InvalidInput(NOT_ON_THE_PAGE)
    if not choices.methods and choices.kind == "labels":
        raise InvalidInput("Choose a method, or two to compare them.")
    return complete_sweep(
        choices.kind,
        backbone=choices.backbone,
        dataset=DatasetConfig(name=choices.dataset),
        methods=choices.methods,
        labels=read_label_counts(choices.labels),
        seeds=_read_seeds(choices.seeds),
        epochs=choices.epochs,
        viewer=owner,
    )


def form_mark(setup: Setup | None) -> str:
    """What of the form fills the fields: while it stays the same, what was typed there stays, too."""
    if setup is None:
        return ""
    methods = f"{setup.left.method} {setup.right.method}"
    return f"{setup.backbone} {setup.dataset} {setup.task} {methods} {setup.labels} {setup.epochs}"


def sides_of(setup: Setup | None, config: SweepConfig) -> Sides:
    """Which methods are blue and vermilion: the form's two, where the sweep has both; else the usual two."""
    if setup is None or config.kind == "depth":
        return USUAL_SIDES
    left, right = setup.left.method, setup.right.method
    return {left: "left", right: "right"} if left != right and {left, right} <= set(config.methods) else USUAL_SIDES


def usual_methods(kind: SweepKind) -> tuple[str, ...]:
    """What can be chosen: over labels every method, over depth the level lines."""
    return tuple(METHODS) if kind == "labels" else DEPTH_LINES


def read_label_counts(text: str) -> tuple[int | None, ...]:
    """What was typed as numbers of labels, e.g. `10, 20, 50, all`.

    Raises:
        InvalidInput: A part is neither a whole number nor `all`.
    """
    parts = [part for part in text.replace(";", ",").replace(",", " ").split() if part]
    if not parts:
        raise InvalidInput(f"Give one number of labels or more, with commas between them; {ALL} is all of them.")
    return tuple(None if part.lower() == ALL else _read_count(part) for part in parts)


def _read_count(part: str) -> int:
    if not part.isascii() or not part.isdigit() or len(part) > _MOST_DIGITS:
        raise InvalidInput(f"{shorten(part)!r} is no number of labels: write whole numbers with commas, or {ALL}.")
    return int(part)


def _read_seeds(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise InvalidInput(f"Seeds must be a whole number, such as {DEFAULT_SEEDS}.")
    return int(text)


def _kind(sent: object) -> SweepKind:
    return next((kind for kind in KINDS if kind == sent), KINDS[0])


def _text(sent: object) -> str:
    return sent.strip()[:_LONGEST] if isinstance(sent, str) else ""
