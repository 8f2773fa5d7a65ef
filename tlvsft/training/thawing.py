"""Which blocks train when: the phases of a run, and what happens where one ends and the next begins."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import nn
from torch.optim import AdamW

from tlvsft.backbones import Block, freeze_blocks
from tlvsft.catalog.methods import Method
from tlvsft.tasks import AdaptedModel
from tlvsft.training.defaults import Hyperparameters
from tlvsft.training.optimizer import admit_thawed, set_rates
from tlvsft.training.schedules import share_of_peak


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of a run in which the same blocks train.

    Attributes:
        start: Updates taken before it begins.
        frozen: The blocks of the backbone that are frozen in it; the head always trains.
        cycle: The updates over which learning rates rise and fall once; the phase lies within.
    """

    start: int
    frozen: frozenset[str]
    cycle: range


def plan_phases(
    method: Method, block_names: Sequence[str], *, frozen: frozenset[str], total_steps: int
) -> tuple[Phase, ...]:
    """The phases of a run, the first of which starts at 0 and the last of which trains all that the method trains.

    `top_down` gives each block a phase of its own, all of equal length, after one for the head alone: with one epoch
    more than there are blocks, a block thaws each epoch. Where there are fewer updates than phases, the last blocks
    thaw together. `after_probe` trains the head alone for half of the updates, then everything, and is two trainings
    one after the other: rates rise and fall in each.

    Args:
        method: Says when blocks thaw.
        block_names: Of the backbone, from input to output.
        frozen: The blocks that stay frozen to the end.
        total_steps: Updates of the run.

    Source: Howard & Ruder 2018, arXiv:1801.06146, section 3.3; Kumar et al. 2022, arXiv:2202.10054.
    """
    everything = range(total_steps)
    if method.thaws == "at_once" or total_steps == 1:
        return (Phase(start=0, frozen=frozen, cycle=everything),)
    if method.thaws == "after_probe":
        half = total_steps // 2
        probe = Phase(start=0, frozen=frozenset(block_names), cycle=everything[:half])
        return (probe, Phase(start=half, frozen=frozen, cycle=everything[half:]))
    thawing = [name for name in block_names if name not in frozen]
    phases = {}
    for count in range(len(thawing) + 1):
        start = min(total_steps - 1, math.ceil(total_steps * count / (len(thawing) + 1)))
        still_frozen = frozen.union(thawing[: len(thawing) - count])
        phases[start] = Phase(start=start, frozen=still_frozen, cycle=everything)
    return tuple(phases.values())


def enter_phase(model: AdaptedModel, blocks: Sequence[Block], phase: Phase) -> None:
    """Freezes the blocks that a phase wants frozen, and no others: gradients off, evaluation mode."""
    model.set_frozen(freeze_blocks(blocks, phase.frozen))


class Thawing:
    """Takes a run from phase to phase, and moves the learning rates.

    Args:
        model: In its first phase.
        blocks: Of the backbone.
        phases: Of the run.
        parameters: How to train.
        optimizer: Has what trains in the first phase.
        on_phase: Hears of each later phase when it has begun.

    Attributes:
        trained: The parameters that train now. Looking for them takes longer than a step of a linear probe.
    """

    def __init__(
        self,
        model: AdaptedModel,
        blocks: Sequence[Block],
        phases: Sequence[Phase],
        *,
        parameters: Hyperparameters,
        optimizer: AdamW,
        on_phase: Callable[[Phase], None],
    ) -> None:
        self._model = model
        self._blocks = blocks
        self._phase = phases[0]
        self._coming = {phase.start: phase for phase in phases[1:]}
        self._parameters = parameters
        self._optimizer = optimizer
        self._on_phase = on_phase
        self.trained = _trained_parameters(model)

    def before_update(self, step: int) -> None:
        """Thaws what thaws now and sets the rates of the update that comes after `step` others.

        Thawed parameters join the optimizer only now (act 3 of freezing): weight decay would have moved them before.
        """
        if step in self._coming:
            self._phase = self._coming[step]
            enter_phase(self._model, self._blocks, self._phase)
            admit_thawed(self._optimizer, self._model, self._blocks, self._parameters)
            self.trained = _trained_parameters(self._model)
            self._on_phase(self._phase)
        cycle = self._phase.cycle
        share = share_of_peak(
            self._parameters.schedule,
            step - cycle.start,
            total_steps=len(cycle),
            warmup=self._parameters.warmup,
        )
        set_rates(self._optimizer, share)


def _trained_parameters(model: AdaptedModel) -> list[nn.Parameter]:
    return [parameter for parameter in model.parameters() if parameter.requires_grad]
