"""What can be taken home from a comparison, and in one line each why something can't. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tlvsft.catalog.methods import get_method
from tlvsft.config import SIDES, Side
from tlvsft.events import RunStarted
from tlvsft.runs.artifacts import RUN_FILE, WEIGHTS_FILE

if TYPE_CHECKING:
    from tlvsft.runs.records import ComparisonRecord, RunRecord
    from tlvsft.runs.store import Store

Kind = Literal["report", "numbers", "model", "script"]
KINDS: tuple[Kind, ...] = ("report", "numbers", "model", "script")
UNCOVERED_METHODS = ("nearest_centroid", "lora")
"""What the program doesn't do: the one takes no steps, the other needs one more library."""
_FLOAT_BYTES = 4


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One thing to take home.

    Attributes:
        side: Of a model or a program.
        seed: Likewise.
        refusal: Why it can't be had; `None` if it can.
        size_bytes: About how large it will be, where that is known beforehand.
    """

    kind: Kind
    side: Side | None = None
    seed: int | None = None
    refusal: str | None = None
    size_bytes: int | None = None


def can_take_home(comparison: ComparisonRecord) -> bool:
    """Whether a comparison is so far that there is something to take home: it is over, and anything was begun."""
    return comparison.is_over and any(run.started_at is not None for run in comparison.runs)


def find_offers(store: Store, comparison: ComparisonRecord) -> list[Offer]:
    """Everything, seed by seed: the report and the numbers first, then models, then programs."""
    offers = [Offer(kind="report"), Offer(kind="numbers", refusal=_why_no_numbers(comparison))]
    runs = [comparison.run(side, seed) for side in SIDES for seed in comparison.config.all_seeds()]
    sizes = {side: _size_of(store, comparison.run(side)) for side in SIDES}
    for run in runs:
        refusal, size = why_no_model(store, run), sizes[run.side]
        offers.append(Offer(kind="model", side=run.side, seed=run.seed, refusal=refusal, size_bytes=size))
    for run in runs:
        refusal, size = why_no_script(run), sizes[run.side]
        offers.append(Offer(kind="script", side=run.side, seed=run.seed, refusal=refusal, size_bytes=size))
    return offers


def why_no_model(store: Store, run: RunRecord) -> str | None:
    """Why a run's model can't be had."""
    folder = store.run_folder(run.id)
    if (folder / WEIGHTS_FILE).exists():
        return None
    if (folder / RUN_FILE).exists():
        return "Its weights were deleted to make room for newer ones: train it again."
    return "It ended before it had learnt anything."


def why_no_script(run: RunRecord) -> str | None:
    """Why there is no program that trains a run again."""
    method = get_method(run.config.variant.method)
    if run.config.variant.head == "tied":
        return "No program is written for a head that is tied to the embedding."
    if method.name in UNCOVERED_METHODS:
        return f"No program is written for {method.title}."
    if run.state != "finished":
        return f"The run was {run.state} before its end: there are no numbers to come to."
    return None


def _why_no_numbers(comparison: ComparisonRecord) -> str | None:
    if any(run.state == "finished" for run in comparison.runs):
        return None
    return "No run has finished, so there are no results."


def _size_of(store: Store, run: RunRecord) -> int | None:
    started = next((event for _, event in store.milestones(run.id) if isinstance(event, RunStarted)), None)
    return None if started is None else _FLOAT_BYTES * started.total_parameters
