"""What moves: how far each block has come from where it began, and how hard its gradients pull; beside the loop.

It reads, and changes nothing: a run's numbers are the same with it and without, bit for bit. It looks at each
validation and at updates 1, 2, 4, … before the first one, so ten to twenty times a run: each look waits for a GPU once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from tlvsft.config import HEAD_BLOCK
from tlvsft.events import BlockMovement
from tlvsft.training.adapters import merged_name
from tlvsft.training.defaults import GRADIENT_NORM_LIMIT
from tlvsft.training.plan import Plan
from tlvsft.training.preparation import Preparation
from tlvsft.training.progress import Progress

BACKBONE_PREFIX = "backbone."
_CLIPPING_EPSILON = 1e-6
"""What `clip_grad_norm_` adds to the norm that it divides by."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One block of a model.

    Attributes:
        weights: Names of its parameters in `Preparation.state`, adapters merged.
        statistics: Names of its buffers of floating-point numbers there: what BatchNorm has counted.
        parameters: What gradients may flow to, adapters included.
    """

    name: str
    weights: tuple[str, ...]
    statistics: tuple[str, ...]
    parameters: tuple[nn.Parameter, ...]

    @property
    def tensors(self) -> tuple[str, ...]:
        """Names of both."""
        return (*self.weights, *self.statistics)


class Movement:
    """Measures a run's blocks, from the moment at which it is made.

    What still equals the pretrained weights isn't copied: they are kept anyway.

    Args:
        run: Ready for its first update.
        progress: Tells what was measured.
    """

    def __init__(self, run: Preparation, progress: Progress) -> None:
        self._run = run
        self._progress = progress
        self._steps = steps_to_measure(run.plan)
        self._parts = find_parts(run)
        pretrained = run.backbone.pretrained_state
        self._first = {
            name: _keep(tensor, pretrained.get(name.removeprefix(BACKBONE_PREFIX)))
            for name, tensor in run.state().items()
        }
        sizes = [[_norm(self._first, names) for names in (part.weights, part.statistics)] for part in self._parts]
        self._sizes: list[list[float]] = _read(sizes)

    def after_update(self, step: int, clipped_from: Tensor) -> None:
        """Looks at the blocks, if it is time to.

        Args:
            step: Updates taken.
            clipped_from: The norm of all gradients of the last one before they were clipped, a scalar.
        """
        if step in self._steps:
            self.tell(clipped_from=clipped_from)

    def tell(self, *, clipped_from: Tensor | None = None) -> None:
        """Looks at the blocks now; without `clipped_from` nothing has been trained by gradients."""
        factor = 1.0 if clipped_from is None else _unclip(clipped_from)
        with torch.no_grad():
            state = self._run.state()
            measured = _read(
                [
                    [
                        self._distance(state, part.weights),
                        self._distance(state, part.statistics),
                        _gradient_norm(part.parameters) * factor,
                    ]
                    for part in self._parts
                ]
            )
        movements = [
            BlockMovement(
                name=part.name,
                weight_change=_share(moved, of=weight),
                gradient_norm=pull,
                statistics_change=_share(drifted, of=statistic),
            )
            for part, (moved, drifted, pull), (weight, statistic) in zip(
                self._parts, measured, self._sizes, strict=True
            )
        ]
        self._progress.blocks_moved(tuple(movements))

    def _distance(self, state: Mapping[str, Tensor], names: Iterable[str]) -> Tensor:
        """How far these tensors are together from where they began: a scalar, L2."""
        return get_total_norm([state[name] - self._first[name] for name in names])


def steps_to_measure(plan: Plan | None) -> frozenset[int]:
    """After which updates to look: at each validation, and at 1, 2, 4, … before the first."""
    if plan is None:
        return frozenset()
    first = min(plan.evaluation_steps)
    return plan.evaluation_steps.union(2**power for power in range(first.bit_length()) if 2**power < first)


def find_parts(run: Preparation) -> list[Part]:
    """The blocks from input to output, the head last; a tensor that two of them share belongs to the first."""
    names = [block.name for block in run.backbone.blocks]
    owners = {id(tensor): block.name for block in run.backbone.blocks for tensor in block.tensors()}
    weights: dict[str, list[str]] = {name: [] for name in (*names, HEAD_BLOCK)}
    statistics: dict[str, list[str]] = {name: [] for name in weights}
    parameters: dict[str, list[nn.Parameter]] = {name: [] for name in weights}
    seen: set[int] = set()
    for full_name, tensor in run.model.state_dict(keep_vars=True).items():
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        block, name = owners.get(id(tensor), HEAD_BLOCK), merged_name(full_name)
        if isinstance(tensor, nn.Parameter):
            parameters[block].append(tensor)
        if name is not None and tensor.is_floating_point():
            (weights if isinstance(tensor, nn.Parameter) else statistics)[block].append(name)
    return [
        Part(
            name=name,
            weights=tuple(weights[name]),
            statistics=tuple(statistics[name]),
            parameters=tuple(parameters[name]),
        )
        for name in weights
    ]


def _keep(tensor: Tensor, pretrained: Tensor | None) -> Tensor:
    """A tensor as it is now: the pretrained one, where it is still that."""
    known = pretrained is not None and pretrained.device == tensor.device
    if pretrained is not None and known and torch.equal(pretrained, tensor):
        return pretrained
    return tensor.detach().clone()


def _norm(state: Mapping[str, Tensor], names: Iterable[str]) -> Tensor:
    return get_total_norm([state[name] for name in names])


def _gradient_norm(parameters: Iterable[nn.Parameter]) -> Tensor:
    return get_total_norm([parameter.grad for parameter in parameters if parameter.grad is not None])


def _unclip(norm: Tensor) -> Tensor:
    """By what clipping has divided gradients of this norm."""
    return ((norm + _CLIPPING_EPSILON) / GRADIENT_NORM_LIMIT).clamp(min=1.0)


def _read(rows: Sequence[Sequence[Tensor]]) -> list[list[float]]:
    """Scalars as numbers, all brought from their device at once."""
    device = max((cell.device for row in rows for cell in row), key=lambda device: device.type != "cpu")
    table: list[list[float]] = torch.stack([torch.stack([cell.to(device) for cell in row]) for row in rows]).tolist()
    return table


def _share(moved: float, *, of: float) -> float | None:
    """How far something has moved, as a share of its size; `None` where it had none."""
    return moved / of if of else None
