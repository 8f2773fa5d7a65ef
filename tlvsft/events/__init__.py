"""What a run tells the world while it trains: small frozen dataclasses, each with a JSON form.

A run emits `Descended` where it starts from another run, then `RunStarted`, `SampleDrawn` where it tells classes apart,
then `StepTaken` and `Evaluated` (with `SampleAnswered`) in turn, with `PrefixStored` where frozen blocks are computed
once, `BlocksChanged` wherever other blocks begin to train, `BlocksMoved` and `RepresentationsCompared` now and then
(and `Noted` whenever there is something that the user should know). After the last step comes `FrozenProved`, after the
test `ShiftsTested`; the end is exactly one of `RunFinished`, `RunStopped` and `RunFailed`.
"""

from __future__ import annotations

from tlvsft.events.beginning import Ancestor, BlockState, BlockStatus, Descended, RunStarted
from tlvsft.events.codec import EVENT_TYPES, Event, event_from_dict, event_to_dict
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

__all__ = [
    "EVENT_TYPES",
    "Ancestor",
    "BlockMovement",
    "BlockProof",
    "BlockSimilarity",
    "BlockState",
    "BlockStatus",
    "BlocksChanged",
    "BlocksMoved",
    "Descended",
    "Evaluated",
    "Event",
    "FrozenProved",
    "Noted",
    "PrefixStored",
    "RepresentationsCompared",
    "RunFailed",
    "RunFinished",
    "RunStarted",
    "RunStopped",
    "SampleAnswer",
    "SampleAnswered",
    "SampleDrawn",
    "SampleExample",
    "ShiftResult",
    "ShiftsTested",
    "StepTaken",
    "event_from_dict",
    "event_to_dict",
]
