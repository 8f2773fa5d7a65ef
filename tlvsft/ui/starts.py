"""What a variant can start from, and the way that a run has come: earlier runs as the visitor knows them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.presets import PRESETS
from tlvsft.config import SIDES, Side, Task, VariantConfig, parse_run_reference
from tlvsft.errors import InvalidInput
from tlvsft.events import Ancestor
from tlvsft.runs.chains import as_ancestor
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.services import Services
from tlvsft.ui.setup import Setup, is_to_come
from tlvsft.ui.texts import clock_time, comparison_title, describe_ancestor
from tlvsft.ui.visitor import Visitor

COMPARISONS_OFFERED = 30
_TASK_WORDS: dict[Task, str] = {"classification": "classes", "language_modeling": "next words"}


@dataclass(frozen=True, kw_only=True)
class StartOption:
    """Something that a variant can start from.

    Attributes:
        value: What `VariantConfig.start` then is; empty for the pretrained backbone.
        title: What the visitor reads.
    """

    value: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Starts:
    """What one column can start from, and the way to where it starts.

    Attributes:
        options: The pretrained backbone first, then earlier runs, newest first.
        way: The stations from the pretrained backbone to this variant in words; empty where there is only one step.
    """

    options: tuple[StartOption, ...]
    way: str = ""


def column_starts(services: Services, visitor: Visitor, setup: Setup) -> dict[Side, Starts]:
    """For both columns, what this visitor can start from."""
    earlier = _earlier_runs(services, visitor, setup)
    return {
        side: Starts(
            options=_with_chosen(setup, side, earlier), way=_way_to(services, visitor, setup, setup.variant(side))
        )
        for side in SIDES
    }


def describe_way(backbone: str, lineage: Sequence[Ancestor], task: Task) -> str:
    """The way of a run from its backbone to its task: `wiki-gpt → Book reviews (…) → classes`."""
    return " → ".join([backbone, *map(describe_ancestor, lineage), _TASK_WORDS[task]])


def lineage_of(services: Services, visitor: Visitor, reference: str) -> tuple[Ancestor, ...]:
    """The run that a reference names and those that it came from, the oldest first.

    Raises:
        InvalidInput: There is no such run for this visitor, or it hasn't finished.
    """
    named = parse_run_reference(reference)
    comparison = services.store.visible_comparison(named.comparison_id, viewer=visitor.owner)
    run = comparison.run(named.side)
    progress = services.feed.progress(run.id)
    finish = progress.finish
    if finish is None:
        raise InvalidInput(f"The run {reference} hasn't finished: choose another start.")
    return (*progress.lineage, as_ancestor(run, finish))


def _earlier_runs(services: Services, visitor: Visitor, setup: Setup) -> tuple[StartOption, ...]:
    now = time.time()
    records = services.store.comparisons(owner=visitor.owner, limit=COMPARISONS_OFFERED)
    return tuple(
        StartOption(value=f"{record.id}-{side}", title=_run_title(record, side, now=now))
        for record in records
        if record.is_finished and record.config.backbone == setup.backbone
        for side in SIDES
    )


def _run_title(record: ComparisonRecord, side: Side, *, now: float) -> str:
    method = METHODS.get(record.config.variant(side).method)
    named = method.title.lower() if method else record.config.variant(side).method
    return f"{comparison_title(record.config)} · {side} · {named} · {clock_time(record.created_at, now=now)}"


def _with_chosen(setup: Setup, side: Side, earlier: tuple[StartOption, ...]) -> tuple[StartOption, ...]:
    """The options of a column; what is chosen is among them, even if it is too old for the list or yet to come."""
    options = (StartOption(value="", title=f"the pretrained {setup.backbone}"), *earlier)
    start = setup.variant(side).start
    if start is None or start in {option.value for option in options}:
        return options
    title = _title_of_what_is_to_come(setup, start) if is_to_come(start) else f"run {start}"
    return (options[0], StartOption(value=start, title=title), *earlier)


def _title_of_what_is_to_come(setup: Setup, start: str) -> str:
    chain = setup.chain()
    first = PRESETS[chain.after].title if chain and chain.after else "the comparison before"
    return f"{first} · {parse_run_reference(start).side} · trained first"


def _way_to(services: Services, visitor: Visitor, setup: Setup, variant: VariantConfig) -> str:
    if variant.start is None:
        return ""
    if is_to_come(variant.start):
        return f"{setup.backbone} → {_title_of_what_is_to_come(setup, variant.start)} → {_TASK_WORDS[setup.task]}"
    try:
        return describe_way(setup.backbone, lineage_of(services, visitor, variant.start), setup.task)
    except InvalidInput as error:
        return str(error)
