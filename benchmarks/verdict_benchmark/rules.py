"""The rule under test, which is the app's own, and others that must fail where it holds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlvsft.evaluation.statistics import PairedDifference, mcnemar, two_way_bootstrap

Rule = Callable[[np.ndarray, np.ndarray], PairedDifference]
"""From which examples each run got right, left and right, `(seeds, examples)` bool."""
APP = "app"


def decide_as_the_app(left: np.ndarray, right: np.ndarray) -> PairedDifference:
    """What `tlvsft.comparison.verdict` weighs: exact McNemar for one seed, else the two-way bootstrap."""
    return mcnemar(left[0], right[0]) if len(left) == 1 else two_way_bootstrap(left, right)


def always_tie(left: np.ndarray, right: np.ndarray) -> PairedDifference:
    """Never wrong about a winner, and of no use."""
    return PairedDifference(float(right.mean() - left.mean()), (-1.0, 1.0), 1.0)


def larger_mean(left: np.ndarray, right: np.ndarray) -> PairedDifference:
    """Who draws two curves and believes: the larger mean wins."""
    difference = float(right.mean() - left.mean())
    return PairedDifference(difference, (difference, difference), 0.0 if difference else 1.0)


def pooled_mcnemar(left: np.ndarray, right: np.ndarray) -> PairedDifference:
    """McNemar over the answers of all seeds, as if each test example were a new one with each seed."""
    return mcnemar(left.ravel(), right.ravel())


RULES: dict[str, Rule] = {
    APP: decide_as_the_app,
    "always a tie": always_tie,
    "the larger mean wins": larger_mean,
    "McNemar pooled over seeds": pooled_mcnemar,
}
