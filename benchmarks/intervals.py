"""Measures whether the intervals beside the verdict hold: false differences, and how often an interval has the truth.

    python benchmarks/intervals.py                # ten minutes; a table, and results/intervals.json
    python benchmarks/intervals.py --json FILE --repeats 100

Answers are simulated, since only then the truth is known: each example is hard or easy for all models (a normal latent
variable), each seed is lucky or not, and sides that are compared are alike. `benchmarks/verdict.py` asks the verdict's
own rule on real runs. The exit status is 1 if a false rate is above 5 % beyond chance.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy.stats import norm

from benchmarks.command_line import FAILED, answer, positive, say
from benchmarks.verdict_benchmark.rates import Share
from tlvsft.comparison.verdict import SIGNIFICANCE, pick_winner
from tlvsft.evaluation.calibration import BINS, compare_calibration, measure_calibration
from tlvsft.evaluation.drops import compare_scores, drop_scores, group_drop_scores
from tlvsft.evaluation.perplexities import compare_perplexities

RESULTS = Path(__file__).resolve().parent / "results" / "intervals.json"
REPEATS = 400
POPULATION = 1_000_000
"""Answers from which a model's true calibration error is computed."""
OWN_NOISE = 0.7
"""Spread of what an answer owes to its run alone, beside 1 for what it owes to the example."""
SEED_SPREAD = 0.15
"""Spread of the seeds' luck, in the same unit: some two points of accuracy."""
Draw = Callable[[np.random.Generator], bool]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One simulation: how often something happened.

    Attributes:
        what: What was counted.
        setting: On which made-up answers.
        is_false: Whether each one is a mistake, of which at most 5 % are promised.
    """

    what: str
    setting: str
    is_false: bool
    count: int
    repeats: int

    @property
    def share(self) -> Share:
        """The rate, with its interval."""
        return Share(self.count, self.repeats)

    @property
    def holds(self) -> bool:
        """Whether the rate may be what is promised."""
        return not self.is_false or self.share.ci95[0] <= SIGNIFICANCE

    def __str__(self) -> str:
        mark = "" if self.holds else "  ABOVE 5 %"
        return f"{self.what:34}  {self.setting:46}  {self.share}{mark}"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Something to be simulated: `draw` says whether it happened."""

    what: str
    setting: str
    draw: Draw
    is_false: bool = True

    def run(self, repeats: int) -> Row:
        """Counts, with random numbers that belong to the trial alone."""
        rng = np.random.default_rng(list(f"{self.what} {self.setting}".encode()))
        count = sum(self.draw(rng) for _ in range(repeats))
        return Row(what=self.what, setting=self.setting, is_false=self.is_false, count=count, repeats=repeats)


def answer_examples(rng: np.random.Generator, accuracy: float, difficulty: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Which examples each run gets right: `(seeds, n)` bool, `accuracy` on average."""
    spread = (1 + OWN_NOISE**2 + SEED_SPREAD**2 * bool(luck.any())) ** 0.5
    noise = OWN_NOISE * rng.standard_normal((len(luck), len(difficulty)))
    return np.asarray(norm.ppf(accuracy) * spread + luck[:, None] + difficulty + noise > 0)


def draw_luck(rng: np.random.Generator, seeds: int) -> np.ndarray:
    """How lucky each seed is; one seed is a model of its own, about which the statement is."""
    return SEED_SPREAD * rng.standard_normal(seeds) if seeds > 1 else np.zeros(1)


def differs_in_drops(rng: np.random.Generator, *, seeds: int, examples: int, groups: bool) -> bool:
    """Whether two sides that lose alike out of distribution are told apart."""
    difficulty = rng.standard_normal(examples)
    shifted = rng.standard_normal(examples // 2) if groups else difficulty
    sides = []
    for _ in range(2):
        luck = draw_luck(rng, seeds)
        before = answer_examples(rng, 0.94, difficulty, luck)
        after = answer_examples(rng, 0.75, shifted, luck)
        sides.append((group_drop_scores if groups else drop_scores)(before, after))
    largest = 1.0 if not groups else (examples + len(shifted)) / len(shifted)
    return pick_winner(compare_scores(*sides, largest=largest)) != "tie"


def differs_in_perplexity(rng: np.random.Generator, *, seeds: int, texts: int) -> bool:
    """Whether two language models that are alike are told apart, on texts of unequal length with heavy tails."""
    tokens = rng.integers(20, 200, texts)
    hard = 0.5 * rng.standard_t(3, texts)
    losses = [
        tokens * (4 + hard + 0.2 * draw_luck(rng, seeds)[:, None] + 0.05 * rng.standard_t(3, (seeds, texts)))
        for _ in range(2)
    ]
    return pick_winner(compare_perplexities(*losses, tokens), better="lower") != "tie"


def draw_confidences(rng: np.random.Generator, examples: int) -> np.ndarray:
    """Confidences of a classifier that is mostly sure, `(n,)`."""
    return np.asarray(0.3 + 0.7 * rng.beta(4, 1.2, examples))


def true_probabilities(confidences: np.ndarray, *, surer_by: float) -> np.ndarray:
    """How probably each answer is right, of a model that is surer than that by so much."""
    return np.clip(confidences - surer_by, 0.02, 1.0)


def true_error(*, surer_by: float) -> float:
    """The calibration error of such a model on endlessly many examples."""
    confidences = draw_confidences(np.random.default_rng(0), POPULATION)
    gaps = true_probabilities(confidences, surer_by=surer_by) - confidences
    places = np.minimum((confidences * BINS).astype(int), BINS - 1)
    return float(np.abs(np.bincount(places, gaps)).sum() / POPULATION)


def answer_surely(rng: np.random.Generator, shared: np.ndarray, base: np.ndarray, *, surer_by: float) -> np.ndarray:
    """Which are right: `(1, n)` bool; most examples are as lucky for one model as for another."""
    own = np.where(rng.random(len(base)) < 0.7, shared, rng.random(len(base)))
    return np.asarray((own < true_probabilities(base, surer_by=surer_by))[None])


def holds_error(rng: np.random.Generator, *, examples: int, surer_by: float, truth: float) -> bool:
    """Whether the interval of the calibration error has the true one."""
    confidences = draw_confidences(rng, examples)
    correct = answer_surely(rng, rng.random(examples), confidences, surer_by=surer_by)
    low, high = measure_calibration(confidences[None], correct).ci95
    return low <= truth <= high


def looks_uncalibrated(rng: np.random.Generator, *, examples: int) -> bool:
    """Whether a calibrated model is called another thing than calibrated."""
    confidences = draw_confidences(rng, examples)
    correct = answer_surely(rng, rng.random(examples), confidences, surer_by=0.0)
    return not measure_calibration(confidences[None], correct).is_calibrated


def differs_in_calibration(rng: np.random.Generator, *, examples: int, surer_by: float) -> bool:
    """Whether of two models with the same calibration error one is said to be trusted more."""
    base, shared = draw_confidences(rng, examples), rng.random(examples)
    sides = []
    for _ in range(2):
        confidences = np.clip(base + 0.05 * rng.standard_normal(examples), 0.3, 1.0)
        sides.append((confidences[None], answer_surely(rng, shared, confidences, surer_by=surer_by)))
    return pick_winner(compare_calibration(*sides), better="lower") != "tie"


def list_trials() -> Iterator[Trial]:
    """All that is simulated."""
    for seeds in (1, 2, 3, 5):
        for groups, examples, words in (
            (False, 270, "270 images, changed"),
            (True, 342, "342 + 171 texts, two groups"),
        ):
            yield Trial(
                what="drops that are alike, told apart",
                setting=f"{words}, {seeds} seeds",
                draw=lambda rng, s=seeds, n=examples, g=groups: differs_in_drops(rng, seeds=s, examples=n, groups=g),
            )
    for seeds in (1, 2, 3, 5):
        for texts in (30, 512):
            yield Trial(
                what="perplexities alike, told apart",
                setting=f"{texts} texts, heavy tails, {seeds} seeds",
                draw=lambda rng, s=seeds, n=texts: differs_in_perplexity(rng, seeds=s, texts=n),
            )
    for examples in (270, 512):
        yield from _calibration_trials(examples)


def _calibration_trials(examples: int) -> Iterator[Trial]:
    yield Trial(
        what="calibrated, called uncalibrated",
        setting=f"{examples} examples",
        draw=lambda rng: looks_uncalibrated(rng, examples=examples),
    )
    for surer_by in (0.0, 0.1):
        yield Trial(
            what="calibration alike, told apart",
            setting=f"{examples} examples, surer than right by {100 * surer_by:.0f} points",
            draw=lambda rng, s=surer_by: differs_in_calibration(rng, examples=examples, surer_by=s),
        )
    for surer_by in (0.0, 0.02, 0.05, 0.1):
        truth = true_error(surer_by=surer_by)
        yield Trial(
            what="interval has the true error",
            setting=f"{examples} examples, true error {100 * truth:.1f} %",
            draw=lambda rng, s=surer_by, t=truth: holds_error(rng, examples=examples, surer_by=s, truth=t),
            is_false=False,
        )


def run(options: argparse.Namespace) -> int:
    """Simulates, prints and saves; 1 if a promise is broken."""
    rows = []
    for trial in list_trials():
        rows.append(trial.run(options.repeats))
        say(str(rows[-1]))
    document = {
        "rows": [asdict(row) | {"rate": row.share.rate, "ci95": row.share.ci95} for row in rows],
        "holds": all(row.holds for row in rows),
    }
    options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(str(row) for row in rows) + "\n")
    return 0 if document["holds"] else FAILED


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark and returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=RESULTS, help="where results go (default: %(default)s)")
    parser.add_argument("--repeats", type=positive, default=REPEATS, help="draws of each row (default: %(default)s)")
    return answer(run, parser.parse_args(arguments), interrupted="Interrupted; nothing was saved.")


if __name__ == "__main__":
    sys.exit(main())
