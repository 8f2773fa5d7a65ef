"""All kinds of events, and each as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from tlvsft.events.beginning import Ancestor, BlockStatus, Descended, RunStarted
from tlvsft.events.ending import BlockProof, FrozenProved, RunFailed, RunFinished, RunStopped, ShiftResult, ShiftsTested
from tlvsft.events.training import (
    BlockMovement,
    BlocksChanged,
    BlockSimilarity,
    BlocksMoved,
    Evaluated,
    Noted,
    PrefixStored,
    RepresentationsCompared,
    SampleAnswer,
    SampleAnswered,
    SampleDrawn,
    SampleExample,
    StepTaken,
)

Event = (
    Descended
    | RunStarted
    | PrefixStored
    | StepTaken
    | BlocksChanged
    | BlocksMoved
    | RepresentationsCompared
    | FrozenProved
    | ShiftsTested
    | Evaluated
    | SampleDrawn
    | SampleAnswered
    | Noted
    | RunFinished
    | RunStopped
    | RunFailed
)
EVENT_TYPES: dict[str, type[Event]] = {
    cls.__name__: cls
    for cls in (
        Descended, RunStarted, PrefixStored, StepTaken, BlocksChanged, BlocksMoved, RepresentationsCompared,
        FrozenProved, ShiftsTested, Evaluated, SampleDrawn, SampleAnswered, Noted, RunFinished, RunStopped, RunFailed,
    )
}  # fmt: skip


def event_to_dict(event: Event) -> dict[str, Any]:
    """`event` as JSON-ready data, its class name under `type`."""
    return {"type": type(event).__name__, **asdict(event)}


def event_from_dict(data: Mapping[str, Any]) -> Event:
    """The inverse of `event_to_dict`.

    Raises:
        KeyError: `type` names no event.
    """
    fields = {key: _READERS.get(key, _as_it_is)(value) for key, value in data.items() if key != "type"}
    return EVENT_TYPES[data["type"]](**fields)


def _as_it_is(value: Any) -> Any:
    return value


def _read_matrix(rows: list[list[int]] | None) -> tuple[tuple[int, ...], ...] | None:
    return None if rows is None else tuple(tuple(row) for row in rows)


_READERS: dict[str, Callable[[Any], Any]] = {
    "blocks": lambda blocks: tuple(BlockStatus(**block) for block in blocks),
    "movements": lambda movements: tuple(BlockMovement(**movement) for movement in movements),
    "similarities": lambda similarities: tuple(BlockSimilarity(**similarity) for similarity in similarities),
    "proofs": lambda proofs: tuple(
        BlockProof(**{**proof, "drifted": tuple(proof.get("drifted", ()))}) for proof in proofs
    ),
    "results": lambda results: tuple(ShiftResult(**result) for result in results),
    "lineage": lambda lineage: tuple(Ancestor(**ancestor) for ancestor in lineage),
    "class_names": tuple,
    "shown": lambda examples: tuple(SampleExample(**example) for example in examples),
    "answers": lambda answers: tuple(SampleAnswer(**answer) for answer in answers),
    "confusion_matrix": _read_matrix,
}
"""How JSON data becomes the fields that hold more than plain values."""
