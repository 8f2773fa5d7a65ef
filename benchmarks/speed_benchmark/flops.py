"""Floating-point operations of a run, counted while it runs."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count, sdpa_flop_count

from tlvsft.events import Event, StepTaken


class CountedRun:
    """Counts what torch computes in a `with` block, and hears a run's events to tell its steps from the rest.

    Attributes:
        steps: Operations of the updates alone, forward and backward.
    """

    def __init__(self) -> None:
        # torch knows the CPU's fused attention by another name, and would take it for free.
        attention = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
        backward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward
        self._counter = FlopCounterMode(
            display=False, custom_mapping={attention: _attention_flops, backward: _attention_backward_flops}
        )
        self.steps = 0
        self._heard = 0

    def __enter__(self) -> Self:
        self._counter.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._counter.__exit__(kind, error, trace)

    @property
    def total(self) -> int:
        """All operations so far."""
        return int(self._counter.get_total_flops())

    def hear(self, event: Event) -> None:
        """What was computed since the event before belongs to this one."""
        total = self.total
        if isinstance(event, StepTaken):
            self.steps += total - self._heard
        self._heard = total


def _attention_flops(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    return int(sdpa_flop_count(query, key, value))


def _attention_backward_flops(gradient: Any, query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    return int(sdpa_backward_flop_count(gradient, query, key, value))
