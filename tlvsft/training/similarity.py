"""How much what each block gives still resembles what the pretrained one gave: beside the loop, while the clock stands.

It reads, and changes nothing: a run's numbers are the same with it and without, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from tlvsft.backbones import Block, load_backbone
from tlvsft.backbones.representations import read_blocks
from tlvsft.config import Modality
from tlvsft.evaluation.similarity import LEAST_EXAMPLES, linear_cka
from tlvsft.events import BlockSimilarity
from tlvsft.tasks import EncodedInputs
from tlvsft.training.movement import BACKBONE_PREFIX, find_parts
from tlvsft.training.observing import NOT_OBSERVED, contain
from tlvsft.training.preparation import Preparation
from tlvsft.training.progress import Progress
from tlvsft.training.reading import batches_by_length, reading
from tlvsft.training.stopping import ShouldStop

EXAMPLES: dict[Modality, int] = {"image": 128, "text": 64}
"""Validation examples that are read at each look; a text costs more. docs/evidence.md says how exact that is."""
READ_TOGETHER: dict[Modality, int] = {"image": 64, "text": 16}
"""Few texts at a time differ less in length: padding 64 to the longest would double the time (measured)."""

Representations = Mapping[str, Tensor | None]
"""For each block, shape `(examples, width)`; `None` where it gives no hidden states."""


class Similarities:
    """Compares a run's blocks with the pretrained ones, on the same examples each time, whatever the run started from.

    Args:
        run: As it is prepared.
        should_stop: Asked between two batches.
    """

    def __init__(self, run: Preparation, should_stop: ShouldStop) -> None:
        self._run = run
        self._should_stop = should_stop
        self._names = [block.name for block in run.backbone.blocks]
        self._stays = len(run.frozen) == len(run.backbone.blocks) and not (run.adapters or run.model.statistics_drift)
        self._known: tuple[BlockSimilarity, ...] | None = None
        self._pretrained: Representations | None = None
        self._failed = False

    def tell(self, progress: Progress) -> None:
        """Looks at the blocks now, while the run's clock stands; nothing is told where there are too few examples.

        Where that fails, a note says so, and nothing is told any more: the run goes on.

        The pretrained ones are read on the first call, before the first update: what that needs of memory, the run
        doesn't need yet.

        Raises:
            StopRequested: `should_stop` said so.
        """
        if self._failed or len(self._examples) < LEAST_EXAMPLES:
            return
        with progress.clock.paused():
            if self._known is None or not self._stays:
                self._known = contain(self._compare)
        if self._known is None:
            self._failed = True
            progress.noted(NOT_OBSERVED)
            return
        progress.representations_compared(self._known)

    @cached_property
    def _inputs(self) -> EncodedInputs:
        return self._run.objective.validation_inputs

    @cached_property
    def _examples(self) -> np.ndarray:
        return spread(len(self._inputs), EXAMPLES[self._run.backbone.modality])

    def _compare(self) -> tuple[BlockSimilarity, ...]:
        changed = first_changed_block(self._run)
        if self._pretrained is None and not (self._stays and changed is None):
            self._pretrained = self._read_pretrained(is_untouched=changed is None)
        if changed is None or self._pretrained is None:
            return tuple(BlockSimilarity(name=name, cka=1.0) for name in self._names)
        now = self._read(self._run.backbone.model, self._run.backbone.blocks)
        return tuple(
            BlockSimilarity(
                name=name,
                cka=1.0 if place < changed else _compare(self._pretrained[name], now[name]),
            )
            for place, name in enumerate(self._names)
        )

    def _read_pretrained(self, *, is_untouched: bool) -> Representations:
        if is_untouched:
            return self._read(self._run.backbone.model, self._run.backbone.blocks)
        pretrained = load_backbone(self._run.config.backbone)
        pretrained.model.to(self._run.model.arithmetic.device)  # type: ignore[arg-type]
        return self._read(pretrained.model, pretrained.blocks)

    def _batches(self) -> Iterator[np.ndarray]:
        """Places among the examples."""
        size = READ_TOGETHER[self._run.backbone.modality]
        return batches_by_length(self._inputs.lengths[self._examples], self._should_stop, size=size)

    def _read(self, model: nn.Module, blocks: Sequence[Block]) -> Representations:
        arithmetic = self._run.model.arithmetic
        parts: dict[str, list[Tensor | None]] = {block.name: [] for block in blocks}
        with reading(self._run.model):
            for chosen in self._batches():
                batch = self._inputs.batch(self._examples[chosen])
                placed = {name: tensor.to(arithmetic.device) for name, tensor in batch.items()}
                with arithmetic.autocast():
                    given = read_blocks(model, blocks, placed)
                for name, states in given.items():
                    parts[name].append(states)
        return {name: _join(states) for name, states in parts.items()}


def spread(available: int, wanted: int) -> np.ndarray:
    """Places of at most `wanted` out of `available` examples, evenly spread: int64, always the same."""
    count = min(available, wanted)
    return np.arange(count, dtype=np.int64) * available // max(count, 1)


def first_changed_block(run: Preparation) -> int | None:
    """The place of the first block that isn't the pretrained one, bit for bit, adapters merged; `None`: all are."""
    state, pretrained = run.state(), run.backbone.pretrained_state
    for place, part in enumerate(find_parts(run)[:-1]):
        pairs = ((state[name], pretrained[name.removeprefix(BACKBONE_PREFIX)]) for name in part.tensors)
        if any(not torch.equal(now, first.to(now.device)) for now, first in pairs):
            return place
    return None


def _compare(pretrained: Tensor | None, now: Tensor | None) -> float | None:
    return None if pretrained is None or now is None else linear_cka(pretrained, now)


def _join(states: Sequence[Tensor | None]) -> Tensor | None:
    known = [tensor.cpu() for tensor in states if tensor is not None]
    return torch.cat(known) if len(known) == len(states) else None
