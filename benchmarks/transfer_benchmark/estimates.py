"""Means over seeds and their 95 % intervals.

All seeds are tested on one test split: the intervals are about what a seed decides (label subset, first head and other
random weights, batch order), not about which examples happen to be in the test split.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from benchmarks.transfer_benchmark.grid import METHODS, PRETRAINED, TASKS
from benchmarks.transfer_benchmark.results import Measurement
from tlvsft.evaluation.statistics import CONFIDENCE

Curve = dict[int | None, "Estimate"]
"""Accuracy by number of labels, ascending, all (`None`) last."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean over seeds.

    Attributes:
        mean: `None` when every run failed.
        half_width: Of the 95 % interval, Student's t over seeds; `None` for fewer than two seeds.
        n: Seeds that gave a number.
        failed: Seeds whose run failed.
        examples: Training examples, in numbers also where all labels were used; 0 when unknown.
    """

    mean: float | None
    half_width: float | None
    n: int
    failed: int = 0
    examples: int = 0

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval."""
        if self.mean is None or self.half_width is None:
            return None
        return self.mean - self.half_width, self.mean + self.half_width


def estimate(values: Sequence[float], *, failed: int = 0, examples: int = 0) -> Estimate:
    """Mean and interval of what the seeds gave. Source: Student 1908, Biometrika 6, 1-25."""
    from scipy.stats import t

    n = len(values)
    half_width = float(t.ppf((1 + CONFIDENCE) / 2, n - 1)) * stdev(values) / n**0.5 if n > 1 else None
    return Estimate(
        mean=fmean(values) if values else None, half_width=half_width, n=n, failed=failed, examples=examples
    )


class Accuracies:
    """Test accuracies, by dataset, backbone, method, number of labels and seed."""

    def __init__(self, measurements: Iterable[Measurement]) -> None:
        self._groups: dict[tuple[str, str | None, str, int | None], list[Measurement]] = {}
        for found in sorted(measurements, key=lambda each: each.cell.seed):
            cell = found.cell
            group = (cell.dataset, cell.backbone, cell.method, cell.labels)
            self._groups.setdefault(group, []).append(found)

    def panels(self) -> list[tuple[str, str]]:
        """The datasets and backbones that there is anything to show for, in the grid's order."""
        return [
            (task.name, backbone)
            for task in TASKS.values()
            for backbone in task.backbones
            if self.methods(task.name, backbone)
        ]

    def methods(self, dataset: str, backbone: str) -> list[str]:
        """The methods with any measurement, bag-of-words included, in the grid's order."""
        found = {method for name, used, method, _ in self._groups if name == dataset and used in {backbone, None}}
        return [method for method in METHODS if method in found]

    def at(self, dataset: str, backbone: str, method: str, labels: int | None) -> Estimate | None:
        """The mean over seeds; `None` where nothing was measured."""
        group = self._group(dataset, backbone, method, labels)
        if not group:
            return None
        failed = sum(found.failure is not None for found in group)
        examples = max(found.examples or 0 for found in group)
        return estimate(list(self._by_seed(group).values()), failed=failed, examples=examples)

    def curve(self, dataset: str, backbone: str, method: str) -> Curve:
        """The means at every number of labels that was measured."""
        wanted = (dataset, method)
        counts = {
            labels for name, used, tried, labels in self._groups if (name, tried) == wanted and used in {backbone, None}
        }
        ordered = sorted(counts, key=lambda count: (count is None, count))
        found = {labels: self.at(dataset, backbone, method, labels) for labels in ordered}
        return {labels: value for labels, value in found.items() if value is not None}

    def best_pretrained(self, dataset: str, backbone: str, labels: int | None) -> str | None:
        """The pretrained method with the highest mean; `None` unless all of `PRETRAINED` were measured."""
        means = {method: self.at(dataset, backbone, method, labels) for method in PRETRAINED}
        known = {method: value.mean for method, value in means.items() if value and value.mean is not None}
        return max(known, key=known.__getitem__) if len(known) == len(PRETRAINED) else None

    def difference(self, dataset: str, backbone: str, methods: tuple[str, str], labels: int | None) -> Estimate | None:
        """How much better the first method is than the second, paired by seed; `None` where no seed has both."""
        groups = [self._group(dataset, backbone, method, labels) for method in methods]
        first, second = (self._by_seed(group) for group in groups)
        failed = sum(found.failure is not None for group in groups for found in group)
        gains = [first[seed] - second[seed] for seed in sorted(first.keys() & second.keys())]
        return estimate(gains, failed=failed) if gains or failed else None

    def _group(self, dataset: str, backbone: str, method: str, labels: int | None) -> list[Measurement]:
        used = [backbone, None]
        return next(
            (self._groups[key] for name in used if (key := (dataset, name, method, labels)) in self._groups), []
        )

    @staticmethod
    def _by_seed(group: Iterable[Measurement]) -> Mapping[int, float]:
        return {found.cell.seed: found.accuracy for found in group if found.accuracy is not None}
