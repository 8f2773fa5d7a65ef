"""How a verdict is reached: which test was taken, what it speaks about, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tlvsft.comparison.figures import signed

if TYPE_CHECKING:
    from tlvsft.comparison.verdict import Verdict

SIGNIFICANCE = 0.05
"""A winner needs a p-value below this and a 95 % interval that leaves zero out. Else: too close to call."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One way of deciding.

    Attributes:
        name: The test in words, as a noun.
        things: What it was tested on: `examples` or `texts`.
        speaks_of: What a verdict is about, and what it isn't.
        because: Why it is evidence, in a sentence.
        sources: Where test and interval come from.
    """

    name: str
    things: str
    speaks_of: str
    because: str
    sources: tuple[str, ...]


_TWO_MODELS = "these two trained models, and other seeds may say otherwise"
_METHODS = "the methods on this task"
_BOTH_WAYS = (
    "Other seeds and other test {things} would have given another difference: how much it would vary is measured."
)
_BOOTSTRAP_SOURCES = (
    "Owen 2007, The pigeonhole bootstrap, Annals of Applied Statistics 1",
    "Bouthillier et al. 2021, Accounting for variance in machine learning benchmarks, arXiv:2103.03098",
)

MCNEMAR = Decision(
    name="exact McNemar test",
    things="examples",
    speaks_of=_TWO_MODELS,
    because="Only the test examples count that one model got right and the other wrong: of two equally good models "
    "each would win about half of them.",
    sources=(
        "McNemar 1947, Psychometrika 12",
        "Tango 1998, Statistics in Medicine 17",
    ),
)
PERMUTATION = Decision(
    name="paired permutation test",
    things="texts",
    speaks_of=_TWO_MODELS,
    because="Of two equally good models either could as well have had the other's loss on each text: signs are flipped "
    "at random, and whole texts are resampled for the interval.",
    sources=(
        "Fisher 1935, The Design of Experiments, section 21",
        "Koehn 2004, Statistical significance tests for machine translation evaluation",
    ),
)
TWO_WAY_BOOTSTRAP = Decision(
    name="two-way bootstrap over seeds and test examples",
    things="examples",
    speaks_of=_METHODS,
    because=_BOTH_WAYS.format(things="examples"),
    sources=_BOOTSTRAP_SOURCES,
)
TWO_WAY_BOOTSTRAP_OF_TEXTS = Decision(
    name="two-way bootstrap over seeds and test texts",
    things="texts",
    speaks_of=_METHODS,
    because=_BOTH_WAYS.format(things="texts"),
    sources=_BOOTSTRAP_SOURCES,
)
DECISIONS = {
    decision.name: decision for decision in (MCNEMAR, PERMUTATION, TWO_WAY_BOOTSTRAP, TWO_WAY_BOOTSTRAP_OF_TEXTS)
}


def describe_chance(p_value: float) -> str:
    """A p-value in words."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"


def describe_decision(verdict: Verdict) -> tuple[str, str]:
    """How a verdict was reached, in two short texts: the figures with the reason, and the sources."""
    decision = DECISIONS[verdict.method]
    unit = "points" if decision.things == "examples" else "%"
    low, high = (signed(100 * end) for end in verdict.ci95)
    seeds = "one seed" if verdict.seeds == 1 else f"{verdict.seeds} seeds"
    figures = (
        f"{decision.name[:1].upper()}{decision.name[1:]}: {verdict.examples:,} test {decision.things}, {seeds}. "
        f"Right minus left: 95 % interval {low} to {high} {unit}, {describe_chance(verdict.p_value)}. "
        f"{decision.because} A winner needs p below {SIGNIFICANCE:g} and an interval without zero."
    )
    return figures, f"Sources: {'; '.join(decision.sources)}."
