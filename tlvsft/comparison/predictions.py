"""Both sides' answers to the same test examples, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tlvsft.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np

    from tlvsft.runs.records import ComparisonRecord, Example, RunRecord
    from tlvsft.runs.store import Store


@dataclass(frozen=True, kw_only=True, eq=False)
class PairedPrediction:
    """One test example and what both trained models say of it.

    Attributes:
        index: Its place in the test split.
        example: Its display form.
        true_label: Number of its class.
        left_probabilities: `(num_classes,)` float32, summing to 1.
        right_probabilities: The same for the right side.
    """

    index: int
    example: Example
    true_label: int
    left_probabilities: np.ndarray
    right_probabilities: np.ndarray

    @property
    def left_is_right(self) -> bool:
        """Whether the left model's most probable class is the true one."""
        return int(self.left_probabilities.argmax()) == self.true_label

    @property
    def right_is_right(self) -> bool:
        """Whether the right model's most probable class is the true one."""
        return int(self.right_probabilities.argmax()) == self.true_label


def paired_runs(comparison: ComparisonRecord, seed: int) -> tuple[RunRecord, RunRecord]:
    """The left and the right run of one seed.

    Raises:
        InvalidInput: The comparison has no such seed.
    """
    found = {run.side: run for run in comparison.runs if run.seed == seed}
    if len(found) != 2:
        raise InvalidInput(f"Comparison {comparison.id} has no runs with seed {seed}.")
    return found["left"], found["right"]


def paired_predictions(store: Store, comparison_id: str, seed: int) -> list[PairedPrediction]:
    """The stored test examples with both models' probabilities, in the order of the test split.

    Raises:
        InvalidInput: There is no such comparison or seed, or its two runs haven't both finished.
    """
    left, right = paired_runs(store.comparison(comparison_id), seed)
    if left.state != "finished" or right.state != "finished":
        raise InvalidInput(f"Comparison {comparison_id} has no test predictions yet: both runs must finish first.")
    left_stored, right_stored = store.predictions(left.id), store.predictions(right.id)
    return [
        PairedPrediction(
            index=example.index,
            example=example,
            true_label=int(left_stored.labels[example.index]),
            left_probabilities=left_stored.probabilities[example.index],
            right_probabilities=right_stored.probabilities[example.index],
        )
        for example in store.examples(comparison_id)
    ]
