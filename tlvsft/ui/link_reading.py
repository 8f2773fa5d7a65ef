"""Opening a link: the query of the page's address as a setup. Strict: what can't be used is said, the usual stays.

What arrives here may come from anybody. It is only ever compared with what the catalogue has, or read as a number, and
nothing of it starts a training or finds a comparison.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TypeVar

from tlvsft.catalog.backbones import BACKBONES, BackboneSummary
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import get_method
from tlvsft.catalog.presets import DEFAULT_PRESET, PRESETS
from tlvsft.comparison import check_config, default_backbone, default_dataset, summarize_backbone
from tlvsft.config import (
    ALL,
    BATCH_NORMS,
    EPOCHS,
    LABEL_NOISE,
    LANGUAGE_HEADS,
    NONE,
    OWN,
    RATE_DECAY,
    RATE_FACTOR,
    SCHEDULES,
    SEED,
    SIDES,
    TASKS,
    BatchNorm,
    Bounds,
    ComparisonConfig,
    DatasetConfig,
    LanguageHead,
    Side,
    Task,
    VariantConfig,
    parse_blocks,
)
from tlvsft.errors import InvalidInput, UnknownName, shorten
from tlvsft.ui.form import read_number
from tlvsft.ui.links import STORY
from tlvsft.ui.setup import Setup, setup_of_config

_T = TypeVar("_T")
_Choice = TypeVar("_Choice", bound=str)

_FOR_BOTH = (STORY, "backbone", "dataset", "task", "labels", "epochs", "label-noise", "seed")
_FOR_A_SIDE = ("freeze", "head", "schedule", "rate-decay", "rate-factor", "batchnorm")
SETTINGS = (*_FOR_BOTH, *SIDES, *(f"{name}-{side}" for name in _FOR_A_SIDE for side in SIDES))
"""All that a link may say."""
OF_THE_PAGE = frozenset({"presenter", "lang", "view", "deep_link", "logs"})
"""What else may stand in the address: it belongs to the page, to gradio or to who hosts it, as does `__…`."""
MOST_SETTINGS = 60
LONGEST_VALUE = 100
_READS = {"text": "texts", "image": "images"}


@dataclass(frozen=True, kw_only=True)
class OpenedLink:
    """What a link says.

    Attributes:
        setup: What belongs into the form; `None` where the link says nothing of it.
        problems: What in it can't be used, one sentence each.
    """

    setup: Setup | None = None
    problems: tuple[str, ...] = ()


NO_LINK = OpenedLink()


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """A link while it is read: what it says, and what of that can't be used."""

    given: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def take(self, name: str, read: Callable[[str], _T], usual: _T) -> _T:
        """One setting; the usual where the link doesn't say it, or says what can't be used."""
        if name not in self.given:
            return usual
        try:
            return read(self.given[name])
        except InvalidInput as error:
            self.problems.append(str(error))
            return usual


def open_link(said: Iterable[tuple[str, str]]) -> OpenedLink:
    """Reads the names and values of a query, in their order."""
    given, problems = _sort_out(list(islice(said, MOST_SETTINGS + 1)))
    if not given:
        return OpenedLink(problems=tuple(problems))
    reading = _Reading(given=given, problems=problems)
    setup = setup_of_config(_read_comparison(reading))
    return OpenedLink(setup=setup, problems=tuple(reading.problems))


def _sort_out(said: Sequence[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """The settings that a link gives once and not too long, and what is wrong with the others."""
    ours = [(name, value) for name, value in said if name not in OF_THE_PAGE and not name.startswith("__")]
    if len(said) > MOST_SETTINGS:
        return {}, [f"It has more than {MOST_SETTINGS} settings."]
    names = [name for name, _ in ours]
    given, problems = {}, []
    for name, value in dict(ours).items():
        try:
            _check_said(name, value, times=names.count(name))
        except InvalidInput as error:
            problems.append(str(error))
        else:
            given[name] = value
    return given, problems


def _check_said(name: str, value: str, *, times: int) -> None:
    if name not in SETTINGS:
        near = difflib.get_close_matches(name, SETTINGS, n=1)
        raise InvalidInput(f"Unknown setting {shorten(name)!r}{f': did you mean {near[0]!r}?' if near else '.'}")
    if times > 1:
        raise InvalidInput(f"{name} is there {times} times.")
    if len(value) > LONGEST_VALUE:
        raise InvalidInput(f"{name} is longer than {LONGEST_VALUE} characters.")


def _read_comparison(reading: _Reading) -> ComparisonConfig:
    base = _read_base(reading)
    left, right = (_read_variant(reading, base, side) for side in SIDES)
    return replace(
        base,
        left=left,
        right=right,
        labels=reading.take("labels", partial(_read_labels, base), base.labels),
        epochs=reading.take("epochs", _read_epochs, base.epochs),
        label_noise=reading.take("label-noise", partial(_read_noise, base.task), base.label_noise),
        seed=reading.take("seed", partial(_read_whole_number, SEED), base.seed),
        preset=None,
    )


def _read_base(reading: _Reading) -> ComparisonConfig:
    """The story, or the usual comparison on the data that is named: what the rest of the link changes."""
    story = reading.take(STORY, partial(_read_one_of, "story", tuple(PRESETS)), "")
    preset = PRESETS.get(story)
    backbone = reading.take("backbone", partial(_read_one_of, "backbone", tuple(BACKBONES)), "")
    dataset = reading.take("dataset", partial(_read_one_of, "dataset", tuple(DATASETS)), "")
    task: Task | None = reading.take("task", partial(_read_one_of, "task", TASKS), None)
    if preset is None and not (backbone or dataset or task):
        preset = PRESETS[DEFAULT_PRESET]
    own = _usual_comparison(backbone, dataset, task) if preset is None else preset.comparison_config()
    wanted = replace(
        own,
        backbone=backbone or own.backbone,
        dataset=DatasetConfig(name=dataset) if dataset else own.dataset,
        task=task or own.task,
    )
    fitting = _make_fit(reading, wanted)
    if (fitting.backbone, fitting.dataset, fitting.task) == (own.backbone, own.dataset, own.task):
        return own
    return replace(fitting, labels=None, epochs=None)


def _usual_comparison(backbone: str, dataset: str, task: Task | None) -> ComparisonConfig:
    """What somebody gets who names only this much; as the command line has it."""
    modality = BACKBONES[backbone].modality if backbone else DATASETS[dataset].modality if dataset else "text"
    return ComparisonConfig(
        backbone=backbone or default_backbone(modality),
        dataset=DatasetConfig(name=dataset or default_dataset(modality)),
        task=task or "classification",
    )


def _make_fit(reading: _Reading, wanted: ComparisonConfig) -> ComparisonConfig:
    """The same with data that the backbone can read, and a task that it can learn."""
    summary, dataset, task = summarize_backbone(wanted.backbone), wanted.dataset, wanted.task
    if DATASETS[dataset.name].modality != summary.modality:
        reading.problems.append(
            f"{summary.name} reads {_READS[summary.modality]}, so it can't read the dataset {dataset.name}."
        )
        dataset = DatasetConfig(name=default_dataset(summary.modality))
    if task == "language_modeling" and summary.language_head_parameters is None:
        reading.problems.append(f"{summary.name} can't predict words.")
        task = "classification"
    return replace(wanted, dataset=dataset, task=task)


def _read_variant(reading: _Reading, base: ComparisonConfig, side: Side) -> VariantConfig:
    usual, summary = base.variant(side), summarize_backbone(base.backbone)
    no_head: LanguageHead | None = None
    variant = VariantConfig(
        method=reading.take(side, partial(_read_method, base.task), usual.method),
        frozen_blocks=reading.take(f"freeze-{side}", partial(_read_blocks, summary), usual.frozen_blocks),
        head=reading.take(f"head-{side}", partial(_read_one_of, "head", LANGUAGE_HEADS), no_head),
        schedule=reading.take(f"schedule-{side}", partial(_read_one_of, "schedule", SCHEDULES), usual.schedule),
        rate_decay=reading.take(
            f"rate-decay-{side}", partial(_read_between, f"rate-decay-{side}", RATE_DECAY), usual.rate_decay
        ),
        rate_factor=reading.take(
            f"rate-factor-{side}", partial(_read_between, f"rate-factor-{side}", RATE_FACTOR), usual.rate_factor
        ),
        batchnorm=reading.take(f"batchnorm-{side}", partial(_read_batchnorm, summary), usual.batchnorm),
        start=usual.start,
    )
    try:
        check_config(replace(base, left=replace(variant, start=None), right=_ANYTHING, labels=None, preset=None))
    except InvalidInput as error:
        reading.problems.append(f"The {side} side: {error}")
        return VariantConfig(method=variant.method, start=usual.start)
    return variant


_ANYTHING = VariantConfig(method="full")


def _read_method(task: Task, text: str) -> str:
    method = get_method(text)
    if task == "language_modeling" and not method.takes_steps:
        raise InvalidInput(f"The method {method.name} knows classes only.")
    return method.name


def _read_blocks(summary: BackboneSummary, text: str) -> tuple[str, ...]:
    blocks = () if text == NONE else parse_blocks(text)
    for name in blocks:
        if name not in summary.block_names:
            raise UnknownName(f"block of {summary.name}", name, summary.block_names)
    return blocks


def _read_batchnorm(summary: BackboneSummary, text: str) -> BatchNorm | None:
    if summary.modality != "image":
        raise InvalidInput(f"{summary.name} has no BatchNorm.")
    return None if text == OWN else _read_one_of("BatchNorm mode", BATCH_NORMS, text)


def _read_labels(base: ComparisonConfig, text: str) -> int | None:
    data = DATASETS[base.dataset.name]
    fewest = 1 if base.task == "language_modeling" else len(data.classes)
    return None if text == ALL else _read_whole_number(Bounds(name="labels", low=fewest, high=data.train_size), text)


def _read_epochs(text: str) -> int | None:
    return None if text == OWN else _read_whole_number(EPOCHS, text)


def _read_noise(task: Task, text: str) -> float:
    if task == "language_modeling":
        raise InvalidInput("label-noise is for classes: next words are learnt without labels.")
    return _read_between("label-noise", LABEL_NOISE, text)


def _read_one_of(kind: str, known: Sequence[_Choice], text: str) -> _Choice:
    for choice in known:
        if choice == text:
            return choice
    raise UnknownName(kind, text, known)


def _read_whole_number(bounds: Bounds, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise InvalidInput(f"{bounds.name} must be a whole number, not {shorten(text)!r}.")
    return bounds.check(int(text))


def _read_between(name: str, bounds: tuple[float, float], text: str) -> float:
    value = read_number(text, name=name)
    if value is None or not bounds[0] <= value <= bounds[1]:
        raise InvalidInput(f"{name} must be from {bounds[0]:g} to {bounds[1]:g}, not {shorten(text)!r}.")
    return value
