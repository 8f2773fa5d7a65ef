"""Two sides whose true difference is known: real runs, taken from the bank so that the difference over it is exact.

The bank is the population: its runs are all runs that there are, its examples all examples. A comparison draws seeds
and test examples from it at random, so its expected difference is a plain mean over the bank, known without error.

- **A/A**: one cell, disjoint sets of seeds. The true difference is 0.
- **A/B**: two methods with the same number of labels, paired by seed as the app pairs them. Left alone, the true
  difference is that of the two cells' means. For a stated effect the right side becomes a *mixture*: on some examples
  of the population it answers as its method did with these labels, on the others as the same method with the same seed
  did with more or fewer labels (label subsets of a seed are nested). Examples go over one by one, in random order,
  until the mean over the bank is the stated effect. Every answer is that of a real run.
- **One seed**: McNemar's test is about two trained models, so the difference of *these two* has to be known. The pair
  is *levelled*: examples that only one of them gets right are left out at random until the two differ by exactly the
  stated effect on what remains.

Source: Bouthillier et al. 2021, arXiv:2103.03098, section 4, on simulating comparisons from a bank of real runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.verdict_benchmark.bank import Bank, Cell


@dataclass(frozen=True, eq=False)
class Pair:
    """Two sides over the whole population.

    Attributes:
        left: Which examples each run got right, `(seeds, examples)` bool.
        right: The same for the right side; rows are paired.
        truth: The true difference, right minus left.
    """

    left: np.ndarray
    right: np.ndarray
    truth: float

    def turned(self) -> Pair:
        """The same with the sides changed."""
        return Pair(self.right, self.left, -self.truth)

    def draw_examples(self, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """A test split of `count` examples, drawn with replacement: both sides, `(seeds, count)` bool."""
        drawn = rng.integers(0, self.left.shape[1], count)
        return self.left[:, drawn], self.right[:, drawn]


def same_method(bank: Bank, seeds: int, rng: np.random.Generator) -> Pair:
    """One cell twice, with different seeds."""
    rows = bank.correct[bank.cells[rng.integers(len(bank.cells))]]
    drawn = rng.permutation(bank.seeds)[: 2 * seeds]
    return Pair(rows[drawn[:seeds]], rows[drawn[seeds:]], 0.0)


def two_methods(bank: Bank, seeds: int, rng: np.random.Generator) -> Pair:
    """Two methods with as many labels and the same seeds, as they are."""
    left, right = _draw_cells(bank, rng)
    drawn = rng.permutation(bank.seeds)[:seeds]
    return Pair(bank.correct[left][drawn], bank.correct[right][drawn], bank.accuracy(right) - bank.accuracy(left))


def mixture(bank: Bank, effect: float, seeds: int, rng: np.random.Generator) -> Pair:
    """Two methods with the same seeds, of which the right one is mixed so that it is better by `effect`.

    Args:
        bank: Where runs come from.
        effect: The true difference, a fraction; negative makes the right side worse.
        seeds: Runs of each side.
        rng: Where chance comes from.

    Raises:
        ValueError: No two cells of the bank are as far apart.
    """
    choices = _mixtures(bank, effect)
    if not choices:
        raise ValueError(f"No mixture in the bank has an effect of {effect}.")
    left, right, other = choices[rng.integers(len(choices))]
    answers = {cell: bank.correct[cell] for cell in (left, right, other)}
    as_they_are = answers[right].mean(axis=0) - answers[left].mean(axis=0)  # (examples,)
    gone_over = answers[other].mean(axis=0) - answers[right].mean(axis=0)
    order = rng.permutation(bank.examples)
    reached = as_they_are.mean() + np.append(0.0, np.cumsum(gone_over[order])) / bank.examples
    count = int(np.argmin(np.abs(reached - effect)))
    is_other = np.zeros(bank.examples, bool)
    is_other[order[:count]] = True
    drawn = rng.permutation(bank.seeds)[:seeds]
    mixed = np.where(is_other, answers[other][drawn], answers[right][drawn])
    return Pair(answers[left][drawn], mixed, float(reached[count]))


def level(pair: Pair, effect: float, rng: np.random.Generator) -> Pair | None:
    """Two trained models on that part of the population on which they differ by `effect`.

    Args:
        pair: One run of each side.
        effect: The true difference there, to the nearest that whole examples allow.
        rng: Decides which examples are left out.

    Returns:
        The pair on fewer examples; `None` where there are too few on which only one side is right.
    """
    left, right = pair.left[0], pair.right[0]
    gains = right.astype(int) - left.astype(int)
    surplus = gains.sum() - effect * len(gains)  # examples that the right side has too many of
    sign = 1 if surplus > 0 else -1
    candidates = np.flatnonzero(gains == sign)
    count = round(abs(surplus) / (1 - sign * effect))
    if count > len(candidates):
        return None
    kept = np.delete(np.arange(len(gains)), rng.choice(candidates, count, replace=False))
    return Pair(pair.left[:, kept], pair.right[:, kept], float(gains[kept].mean()))


def own_difference(pair: Pair) -> Pair:
    """One run of each side, whose true difference is that of these two models on the whole population."""
    return Pair(pair.left, pair.right, float(pair.right.mean() - pair.left.mean()))


def _draw_cells(bank: Bank, rng: np.random.Generator) -> tuple[Cell, Cell]:
    cell = bank.cells[rng.integers(len(bank.cells))]
    return cell, _rival(bank, cell)


def _rival(bank: Bank, cell: Cell) -> Cell:
    """The other method with as many labels."""
    (other,) = (found for found in bank.cells if found.labels == cell.labels and found.method != cell.method)
    return other


def _mixtures(bank: Bank, effect: float) -> list[tuple[Cell, Cell, Cell]]:
    """Left, right, and the right method with other labels, such that the effect lies between the two rights' leads."""
    found = []
    for left in bank.cells:
        right = _rival(bank, left)
        lead = bank.accuracy(right) - bank.accuracy(left)
        for other in bank.cells:
            far = bank.accuracy(other) - bank.accuracy(left)
            if other.method == right.method and other != right and min(lead, far) <= effect <= max(lead, far):
                found.append((left, right, other))
    return found
