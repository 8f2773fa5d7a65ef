"""The training loop, on one screen."""

from __future__ import annotations

from time import perf_counter

from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from tlvsft.training.defaults import GRADIENT_NORM_LIMIT
from tlvsft.training.movement import Movement
from tlvsft.training.objectives import Objective
from tlvsft.training.plan import Plan
from tlvsft.training.progress import Progress
from tlvsft.training.stopping import ShouldStop, check_stop
from tlvsft.training.thawing import Thawing


def fit(
    objective: Objective,
    plan: Plan,
    *,
    optimizer: Optimizer,
    thawing: Thawing,
    movement: Movement,
    progress: Progress,
    should_stop: ShouldStop,
) -> None:
    """Trains a model, one batch at a time, and validates it now and then.

    Blocks thaw and learning rates move between two updates; how far the blocks have moved is measured now and then.

    Raises:
        NonFiniteLoss: The loss became NaN or infinite.
        StopRequested: `should_stop` said so.
    """
    model = objective.model
    progress.validated(objective.validate(should_stop))
    model.train()
    for indices in plan.batches(objective.lengths):
        check_stop(should_stop)
        started = perf_counter()
        thawing.before_update(progress.step)

        loss = objective.loss(indices)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = clip_grad_norm_(thawing.trained, GRADIENT_NORM_LIMIT)
        optimizer.step()

        progress.stepped(loss.detach(), examples=len(indices), started=started)
        movement.after_update(progress.step, clipped_from=norm)
        if progress.step in plan.evaluation_steps:
            progress.validated(objective.validate(should_stop))
