"""Counts what single training examples cost, on a copy of a run's model: the run's own isn't touched.

Work is the same for each example of a batch. It grows with the padded length of a text as a straight line, and with
its square for attention: three lengths are counted, and those between follow exactly. A head that predicts words costs
something for each predicted word besides.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tlvsft.backbones import Backbone, FrozenPrefix, find_prefix
from tlvsft.tasks import STORED, AdaptedModel
from tlvsft.tasks.masking import NOT_PREDICTED
from tlvsft.training.adapters import Adapters
from tlvsft.training.flops import flop_counter
from tlvsft.training.phases import Phase
from tlvsft.training.preparation import Preparation
from tlvsft.training.reading import reading
from tlvsft.training.thawing import enter_phase

TARGETS = "targets"
"""The entry of a batch that says which words are predicted."""
_IMAGES_TOGETHER = 2
"""BatchNorm can't train on a single one."""

Batch = Mapping[str, Tensor]


@dataclass(frozen=True)
class Curve:
    """Operations of one example by its padded length.

    Attributes:
        points: Up to three lengths, and what was counted there.
    """

    points: tuple[tuple[int, Fraction], ...]

    def at(self, length: int) -> Fraction:
        """On the polynomial of least degree through the points (Lagrange's)."""
        return sum((self._term(length, own, value) for own, value in self.points), Fraction(0))

    def _term(self, length: int, own: int, value: Fraction) -> Fraction:
        factors = (Fraction(length - other, own - other) for other, _ in self.points if other != own)
        return value * math.prod(factors, start=Fraction(1))


@dataclass(frozen=True, kw_only=True)
class StepCost:
    """One example's part of an update, forward and backward.

    Attributes:
        example: Without the words that it predicts.
        word: Each of these.
    """

    example: Curve
    word: Fraction


class Bench:
    """A copy of a run's model: weights are shared with it and never written, buffers are its own.

    Args:
        run: Over or not; what it has trained doesn't matter.
    """

    def __init__(self, run: Preparation) -> None:
        self._run = run
        self._inputs = run.objective.training_inputs
        self._model, self._backbone = _copy(run.model, run.backbone)
        self._objective = _around(run.objective, self._model)
        self._prefix: FrozenPrefix | None = None

    def enter(self, phase: Phase | None, *, stored: bool) -> None:
        """Freezes what a phase freezes.

        Args:
            phase: To be entered once where there are adapters; `None` for a method that takes no steps.
            stored: Whether what the frozen blocks give is stored, not computed at every step.
        """
        if phase is not None:
            enter_phase(self._model, self._backbone.blocks, phase)
        if self._run.adapters is not None:
            Adapters(self._backbone, seed=self._run.config.seed)
            self._model.place(self._model.arithmetic)
        self._prefix = self._model.prefix = find_prefix(self._backbone.blocks) if stored else None

    @property
    def stores_all(self) -> bool:
        """Whether it is the output of the whole backbone that is stored."""
        return self._prefix is not None and self._prefix.is_whole

    def prefix_cost(self) -> Curve:
        """The stored blocks, forward, once."""
        return self._curve(lambda indices: _count(lambda: self._store(self._inputs.batch(indices))))

    def reading_cost(self, *, uses_stored: bool = True) -> Curve:
        """The backbone, forward, without the head: what is not stored of it, or all."""

        def read(indices: np.ndarray) -> int:
            batch = self._readable(indices) if uses_stored else self._inputs.batch(indices)
            with reading(self._model):
                return _count(lambda: self._model.represent(batch))

        return self._curve(read)

    def step_cost(self) -> StepCost:
        """What is not stored, with the head, forward and backward."""
        self._model.train()
        word = self._word_cost()

        def step(indices: np.ndarray) -> Fraction:
            batch = self._readable(indices)
            return self._step(batch, indices) - word * _predicted(batch)

        return StepCost(example=self._curve(step), word=word)

    def _word_cost(self) -> Fraction:
        """What a predicted word costs: the same batch with all of its words to predict, and with one."""
        for length in self._nodes:
            indices = self._examples_of(length)
            batch = self._readable(indices)
            if _predicted(batch) > 1:
                fewer = _with_one_word(batch)
                return (self._step(batch, indices) - self._step(fewer, indices)) / (_predicted(batch) - 1)
        return Fraction(0)

    def _step(self, batch: Batch, indices: np.ndarray) -> Fraction:
        trained = [parameter for parameter in self._model.parameters() if parameter.requires_grad]

        def update() -> None:
            loss = self._objective.batch_loss(batch, indices)
            torch.autograd.grad(loss, trained, allow_unused=True)  # unlike backward(), it leaves nothing behind

        return Fraction(_count(update))

    def _readable(self, indices: np.ndarray) -> Batch:
        """A batch as the model reads it in this phase."""
        batch = self._inputs.batch(indices)
        return batch if self._prefix is None else {**batch, STORED: self._store(batch)}

    def _store(self, batch: Batch) -> Tensor:
        if self._prefix is None:
            raise ValueError("nothing is stored in this phase")
        with reading(self._model):
            return self._model.represent_frozen(batch, self._prefix)

    def _curve(self, count: Callable[[np.ndarray], float | Fraction]) -> Curve:
        chosen = [(length, self._examples_of(length)) for length in self._nodes]
        return Curve(tuple((length, Fraction(count(indices)) / len(indices)) for length, indices in chosen))

    @cached_property
    def _nodes(self) -> Sequence[int]:
        """The shortest length, one in the middle, the longest."""
        known = np.unique(self._inputs.lengths).tolist()
        return known if len(known) <= 3 else [known[0], known[len(known) // 2], known[-1]]

    def _examples_of(self, length: int) -> np.ndarray:
        """One text of this length; two images, which may be the same one."""
        place = int(np.flatnonzero(self._inputs.lengths == length)[0])
        return np.array([place] * (_IMAGES_TOGETHER if self._inputs.layout is None else 1))


def _copy(model: AdaptedModel, backbone: Backbone) -> tuple[AdaptedModel, Backbone]:
    """Modules of their own around the same weights, without gradients."""
    memo: dict[int, Any] = {id(buffer): buffer.detach().clone() for buffer in model.buffers()}
    memo |= {id(weight): nn.Parameter(weight.detach(), weight.requires_grad) for weight in model.parameters()}
    memo[id(model.backbone.config)] = model.backbone.config  # is only read, and large
    twin, network, blocks = copy.deepcopy((model, backbone.model, backbone.blocks), memo)
    return twin, replace(backbone, model=network, blocks=blocks)


def _around(objective: Any, model: AdaptedModel) -> Any:
    """The same objective for another model."""
    other = copy.copy(objective)
    other.model = model
    return other


def _count(compute: Callable[[], object]) -> int:
    with flop_counter() as counter:
        compute()
    return int(counter.get_total_flops())


def _predicted(batch: Batch) -> int:
    """How many words a batch predicts; none for classes."""
    return int((batch[TARGETS] != NOT_PREDICTED).sum()) if TARGETS in batch else 0


def _with_one_word(batch: Batch) -> Batch:
    """The same with only the first word to predict."""
    targets = batch[TARGETS].flatten().clone()
    first = int((targets != NOT_PREDICTED).nonzero()[0])
    targets[first + 1 :] = NOT_PREDICTED
    return {**batch, TARGETS: targets.view_as(batch[TARGETS])}
