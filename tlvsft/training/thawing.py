"""From phase to phase of a run: what happens where one ends and the next begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import nn
from torch.optim import AdamW

from tlvsft.backbones import Block, freeze_blocks
from tlvsft.tasks import AdaptedModel
from tlvsft.training.defaults import Hyperparameters
from tlvsft.training.optimizer import admit_thawed, set_rates
from tlvsft.training.phases import Phase
from tlvsft.training.schedules import share_of_peak


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
