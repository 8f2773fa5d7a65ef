"""The frozen-prefix cache: what frozen blocks give for an example is computed once, and training goes on from there.

Curves are the same with it and without, within float tolerance: stored activations come from other, larger batches.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import torch
import transformers
from torch import Tensor

from tlvsft.backbones import Backbone, FrozenPrefix, find_prefix, fingerprint_tensors
from tlvsft.tasks import STORED, AdaptedModel, EncodedInputs, Ragged
from tlvsft.training.activation_files import ActivationFiles, Draft
from tlvsft.training.reading import Readable, batches_by_length, reading
from tlvsft.training.stopping import ShouldStop

MEMORY_BYTES = 512 * 1024**2
"""What one run keeps in memory; what goes beyond is memory-mapped from a file."""
COMPUTED_TOGETHER = 32
"""Larger batches of texts are slower on two cores: what lies between two layers leaves the processor's cache."""
_FORMAT = 1
"""To be raised when the same inputs come to be stored as something else."""
EXAMPLES_TRIED = 4
"""On so many it is seen whether a model can go on from what is stored."""
_TOO_MUCH = "What the frozen blocks give is too much to store, so they are computed at every step"
_NOT_REPLAYABLE = (
    "The frozen blocks of this architecture can't be computed once and stored: they are computed at every step."
)


OnComputed = Callable[[int], None]
"""Is told how many examples have been computed."""


def nobody(_done: int) -> None:
    """Who doesn't want to hear."""


@dataclass(frozen=True, eq=False)
class StoredInputs:
    """Examples together with what the frozen prefix gives for them; see `Readable`.

    Attributes:
        inputs: The examples.
        values: What the prefix gives, shape `(examples, *shape)`; with a layout, `(places, width)`.
        layout: Where the places of each example lie.
        computed_s: What computing that took, in seconds, now or in the run that did.
        reused: Whether it was another run.
        replaces_inputs: Whether the model needs nothing else.
    """

    inputs: EncodedInputs
    values: Tensor
    layout: Ragged | None
    computed_s: float
    reused: bool
    replaces_inputs: bool

    @property
    def lengths(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """As the examples have them."""
        return self.inputs.lengths

    def batch(self, indices: np.ndarray) -> Mapping[str, Tensor]:
        """The chosen examples with what is stored for them."""
        chosen = torch.from_numpy(indices)
        stored = self.values[chosen] if self.layout is None else Ragged(self.values, self.lengths).batch(indices)
        return {STORED: stored} if self.replaces_inputs else {**self.inputs.batch(indices), STORED: stored}


class PrefixCache:
    """Stores what the frozen prefix gives, in memory and in files that runs share.

    Args:
        model: Trains on it; its `prefix` is set.
        backbone: Of the model.
        files: The shared files; `None` keeps all inputs as they are: every block is computed at every step.
        memory_bytes: What may be kept in memory; `MEMORY_BYTES` unless given.

    Attributes:
        notes: What the user should know: why something can't be stored.
        reused_s: Seconds that earlier runs have spent on what this one found.
    """

    def __init__(
        self,
        model: AdaptedModel,
        backbone: Backbone,
        *,
        files: ActivationFiles | None = None,
        memory_bytes: int | None = None,
    ) -> None:
        self.notes: list[str] = []
        self.reused_s = 0.0
        self._model = model
        self._backbone = backbone
        self._files = files
        self._memory_bytes = MEMORY_BYTES if memory_bytes is None else memory_bytes
        self._memory_left = self._memory_bytes
        self._prefix_key = ""

    def enter(self) -> None:
        """Looks which blocks are frozen now; nothing that was stored before counts any more."""
        self._memory_left = self._memory_bytes
        self._model.prefix = None if self._files is None else find_prefix(self._backbone.blocks)
        if self._model.prefix is not None:
            self._prefix_key = self._identify(self._model.prefix)

    def leave(self) -> None:
        """From now on every block is computed at every step."""
        self._model.prefix = None

    def store(self, inputs: EncodedInputs, should_stop: ShouldStop, *, on_computed: OnComputed = nobody) -> Readable:
        """The same examples, with what the frozen prefix gives for them where that can be stored.

        Args:
            inputs: The examples of a split.
            should_stop: Asked between two batches.
            on_computed: Hears of how many examples are through, now and then.

        Raises:
            StopRequested: `should_stop` said so.
        """
        prefix, files = self._model.prefix, self._files
        if prefix is None or files is None or inputs.varies:
            return inputs
        key = self._key_of(inputs)
        found = files.find(key, memory_bytes=self._memory_left) if key else None
        if found is not None:
            self._take_memory(found.values.nbytes)
            self.reused_s += found.computed_s
            return self._combine(inputs, prefix, found.values, computed_s=found.computed_s, reused=True)
        shape = self._try(inputs, prefix)
        if shape is None:
            return self._give_up(inputs, _NOT_REPLAYABLE)
        started = perf_counter()
        try:
            values, draft = self._allocate(files, shape)
        except OSError as error:
            return self._give_up(inputs, f"{_TOO_MUCH} ({error.strerror or error}).")
        self._compute(inputs, prefix, values, should_stop, on_computed)
        computed_s = perf_counter() - started
        _share(files, key, values, draft, computed_s=computed_s)
        return self._combine(inputs, prefix, values, computed_s=computed_s, reused=False)

    def _combine(
        self, inputs: EncodedInputs, prefix: FrozenPrefix, values: Tensor, *, computed_s: float, reused: bool
    ) -> StoredInputs:
        layout = self._layout_of(inputs, prefix)
        return StoredInputs(
            inputs=inputs,
            values=values,
            layout=layout,
            computed_s=computed_s,
            reused=reused,
            replaces_inputs=prefix.is_whole and layout is None,
        )

    def _give_up(self, inputs: EncodedInputs, note: str) -> EncodedInputs:
        """These are computed at every step; what is stored for others still counts."""
        if note not in self.notes:
            self.notes.append(note)
        return inputs

    def _try(self, inputs: EncodedInputs, prefix: FrozenPrefix) -> tuple[int, ...] | None:
        """The shape of what is to be stored; `None` where the model can't go on from it."""
        batch = inputs.batch(np.arange(min(EXAMPLES_TRIED, len(inputs.lengths))))
        layout = self._layout_of(inputs, prefix)
        with reading(self._model):
            if not self._model.replays(prefix, batch):
                return None
            shape = self._model.represent_frozen(batch, prefix).shape
        if layout is None:
            return (len(inputs.lengths), *shape[1:])
        is_by_place = shape[:2] == batch["attention_mask"].shape
        return (len(layout.values), *shape[2:]) if is_by_place else None

    def _compute(
        self,
        inputs: EncodedInputs,
        prefix: FrozenPrefix,
        values: Tensor,
        should_stop: ShouldStop,
        on_computed: OnComputed,
    ) -> None:
        layout, done = self._layout_of(inputs, prefix), 0
        with reading(self._model):
            for indices in batches_by_length(inputs.lengths, should_stop, size=COMPUTED_TOGETHER):
                states = self._model.represent_frozen(inputs.batch(indices), prefix).cpu()
                if layout is None:
                    values[torch.from_numpy(indices)] = states
                else:
                    places, inside = layout.places(indices)
                    values[places[inside]] = states[inside]
                done += len(indices)
                on_computed(done)

    def _layout_of(self, inputs: EncodedInputs, prefix: FrozenPrefix) -> Ragged | None:
        """That of the inputs, unless what is stored of an example is pooled already."""
        return None if prefix.is_whole and self._model.pools else inputs.layout

    def _allocate(self, files: ActivationFiles, shape: tuple[int, ...]) -> tuple[Tensor, Draft | None]:
        """Room in memory, else in a file.

        Raises:
            OSError: There is none on the disk either.
        """
        size_bytes = 4 * math.prod(shape)
        if size_bytes <= self._memory_left:
            self._take_memory(size_bytes)
            return torch.empty(shape), None
        if size_bytes > files.limit_bytes:
            raise OSError(f"{size_bytes / 1024**3:,.1f} GiB")
        draft = files.begin(shape)
        return draft.values, draft

    def _take_memory(self, size_bytes: int) -> None:
        """Counts what is held in memory; what doesn't fit is memory-mapped and doesn't count."""
        if size_bytes <= self._memory_left:
            self._memory_left -= size_bytes

    def _key_of(self, inputs: EncodedInputs) -> str | None:
        fingerprint = inputs.fingerprint()
        return None if fingerprint is None else _digest({"prefix": self._prefix_key, "inputs": fingerprint})

    def _identify(self, prefix: FrozenPrefix) -> str:
        """Hash of all that decides what the prefix makes of its inputs."""
        return _digest(
            {
                "format": _FORMAT,
                "versions": [torch.__version__, transformers.__version__],
                "arithmetic": str(self._model.arithmetic),
                "threads": torch.get_num_threads(),  # sums are split up among them, which decides their last bits
                "config": self._backbone.model.config.to_dict(),
                "stored": type(self._model).__name__ if prefix.is_whole else prefix.blocks[-1].name,
                "tensors": fingerprint_tensors(tensor for block in prefix.blocks for tensor in block.tensors()),
            }
        )


def _share(files: ActivationFiles, key: str | None, values: Tensor, draft: Draft | None, *, computed_s: float) -> None:
    """Leaves activations for other runs; without a key there is nothing to find them by."""
    if key is None:
        if draft is not None:
            draft.discard()
        return
    with suppress(OSError):  # then nobody else has them
        if draft is None:
            draft = files.begin(tuple(values.shape))
            draft.values.copy_(values)
        files.keep(key, draft, computed_s=computed_s)


def _digest(value: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
