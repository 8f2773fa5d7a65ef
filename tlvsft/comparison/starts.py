"""Can a variant start from the run that it names?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from tlvsft.catalog.methods import get_method
from tlvsft.catalog.presets import PREVIOUS
from tlvsft.comparison.chains import preset_chain
from tlvsft.config import ComparisonConfig, RunReference, Side, parse_run_reference
from tlvsft.errors import InvalidInput

if TYPE_CHECKING:
    from tlvsft.runs.records import ComparisonRecord, RunRecord

FindComparison = Callable[[str], "ComparisonRecord"]
"""Looks an earlier comparison up by its id; raises `InvalidInput` for one that isn't there, or not for this user."""


def find_nothing(comparison_id: str) -> NoReturn:
    """Looks comparisons up where there is no store.

    Raises:
        InvalidInput: Always.
    """
    raise InvalidInput(f"There is no comparison {comparison_id!r}: see `python -m tlvsft list comparisons`.")


def check_start(config: ComparisonConfig, side: Side, *, find_comparison: FindComparison) -> None:
    """Refuses a variant that can't start from the run that it names.

    Raises:
        InvalidInput: The start can't be read, isn't there, hasn't finished, is of another backbone, or contradicts the
            variant's method.
    """
    variant = config.variant(side)
    if variant.start is None:
        return
    if not get_method(variant.method).pretrained:
        raise InvalidInput(
            f"The {side} variant can't start from a run: {variant.method!r} starts from random weights. Choose another "
            "method, or leave out the start."
        )
    reference = parse_run_reference(variant.start)
    if reference.comparison_id == PREVIOUS and len(preset_chain(config)) > 1:
        return
    earlier = find_comparison(reference.comparison_id)
    if earlier.config.backbone != config.backbone:
        raise InvalidInput(
            f"Run {reference} has the backbone {earlier.config.backbone!r}, this comparison {config.backbone!r}: "
            "choose the same one, or another run."
        )
    for run in _named_runs(earlier, reference):
        if run.state != "finished":
            raise InvalidInput(
                f"The {side} variant can't start from {reference}: with seed {run.seed} that run is {run.state}, and "
                "only a finished one has weights to start from."
            )


def _named_runs(earlier: ComparisonRecord, reference: RunReference) -> list[RunRecord]:
    """The runs that a reference may mean: that of its seed, or those of all seeds.

    Raises:
        InvalidInput: There is no such seed.
    """
    runs = [run for run in earlier.runs if run.side == reference.side]
    if reference.seed is None:
        return runs
    named = [run for run in runs if run.seed == reference.seed]
    if not named:
        seeds = ", ".join(str(run.seed) for run in runs)
        raise InvalidInput(f"Comparison {earlier.id} has no run with seed {reference.seed}: choose from {seeds}.")
    return named
