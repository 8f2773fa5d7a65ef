"""The frozen blocks at a backbone's input: what they give for an example never changes, so it can be replayed.

The blocks stay where they are, so names and tensors of the model are as ever; while stored outputs are replayed, their
`forward` is put aside. Whatever the model does around them (masks, positions, norms) is its own code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from tlvsft.backbones.blocks import Block
from tlvsft.backbones.library import LOAD_ERRORS

_TOLERANCE = 1e-4
"""Relative to the largest output. Stored outputs were computed in other batches, which moves the last bits."""


class FrozenPrefix:
    """The frozen blocks from the input up to the first one that trains.

    Args:
        blocks: Those of the prefix, the embedding first.
        total: How many numbered blocks the backbone has.
    """

    def __init__(self, blocks: Sequence[Block], *, total: int) -> None:
        self.blocks = tuple(blocks)
        self.total = total
        self._layers = [block.modules[0] for block in blocks[1:]]

    @property
    def count(self) -> int:
        """How many numbered blocks it has, the embedding not counted."""
        return len(self._layers)

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the backbone trains: then what the head receives is stored, and nothing replayed."""
        return self.count == self.total

    def record(self, forward: Callable[[], object]) -> Tensor:
        """The output of the last block of the prefix; the blocks above it are not computed.

        Args:
            forward: Runs the backbone on a batch.

        Raises:
            RuntimeError: The backbone doesn't call its blocks, or they give more than hidden states.
        """
        handle = self._layers[-1].register_forward_hook(_stop_with_output)
        try:
            forward()
        except _Recorded as recorded:
            return recorded.states
        finally:
            handle.remove()
        raise RuntimeError("the last block was never called")

    @contextmanager
    def replay(self, states: Tensor) -> Iterator[None]:
        """Lets a backbone go on from stored outputs, as `record` gave them, for the batch that it is called with."""

        def forward(*_: Any, **__: Any) -> Tensor:
            return states

        for layer in self._layers:
            layer.forward = forward  # on the instance: class, hooks and names stay
        try:
            yield
        finally:
            for layer in self._layers:
                del layer.forward

    def replays(self, read: Callable[[], Tensor]) -> bool:
        """Whether the backbone's answer is the same with replayed as with computed blocks.

        Args:
            read: Runs the backbone, in evaluation mode, on a few examples, and gives its output.
        """
        try:
            with torch.no_grad():
                expected = read()
                with self.replay(self.record(read)):
                    replayed = read()
        except LOAD_ERRORS:  # an architecture that hands on more than hidden states, and misses them now
            return False
        return torch.allclose(replayed, expected, rtol=0.0, atol=_TOLERANCE * float(expected.abs().max()))


def find_prefix(blocks: Sequence[Block]) -> FrozenPrefix | None:
    """The frozen prefix of a backbone as its blocks are now; `None` where it ends below the first numbered block."""
    frozen = 0
    while frozen < len(blocks) and not _trains(blocks[frozen]):
        frozen += 1
    return FrozenPrefix(blocks[:frozen], total=len(blocks) - 1) if frozen > 1 else None


def _trains(block: Block) -> bool:
    return any(parameter.requires_grad for parameter in block.parameters())


class _Recorded(Exception):
    """Carries the states out of a forward pass that need not go on."""

    def __init__(self, states: Tensor) -> None:
        super().__init__()
        self.states = states


def _stop_with_output(_layer: nn.Module, _inputs: Any, output: Any) -> None:
    if not isinstance(output, Tensor):
        raise RuntimeError("the block gives more than hidden states")
    raise _Recorded(output)
