"""How a verdict was reached, in words."""

from __future__ import annotations

import pytest

from tlvsft.comparison.decisions import DECISIONS, describe_chance, describe_decision
from tlvsft.comparison.verdict import Verdict


def verdict(method: str, *, seeds: int = 1) -> Verdict:
    return Verdict(
        winner="right",
        difference=0.044,
        ci95=(0.0213, 0.0671),
        p_value=0.00021,
        statement="",
        method=method,
        seeds=seeds,
        examples=1_234,
        cost_ratio=6.2,
    )


def test_one_seed() -> None:
    figures, sources = describe_decision(verdict("exact McNemar test"))
    assert figures == (
        "Exact McNemar test: 1,234 test examples, one seed. Right minus left: 95 % interval +2.1 to +6.7 points, "
        "p < 0.001. Only the test examples count that one model got right and the other wrong: of two equally good "
        "models each would win about half of them. A winner needs p below 0.05 and an interval without zero."
    )
    assert sources == "Sources: McNemar 1947, Psychometrika 12; Tango 1998, Statistics in Medicine 17."


def test_several_seeds() -> None:
    figures, sources = describe_decision(verdict("two-way bootstrap over seeds and test examples", seeds=5))
    assert figures.startswith("Two-way bootstrap over seeds and test examples: 1,234 test examples, 5 seeds. ")
    assert "Other seeds and other test examples would have given another difference" in figures
    assert "Owen 2007" in sources
    assert "Bouthillier et al. 2021" in sources


def test_texts_are_measured_in_per_cent() -> None:
    figures, _ = describe_decision(verdict("paired permutation test"))
    assert "1,234 test texts, one seed. Right minus left: 95 % interval +2.1 to +6.7 %" in figures


@pytest.mark.parametrize("name", DECISIONS)
def test_every_way_of_deciding_says_why_and_where_it_comes_from(name: str) -> None:
    figures, sources = describe_decision(verdict(name))
    assert figures.count(". ") >= 3
    assert any(character.isdigit() for character in sources)


@pytest.mark.parametrize(("p_value", "words"), [(0.0009, "p < 0.001"), (0.0057, "p = 0.0057"), (1.0, "p = 1")])
def test_chance_in_words(p_value: float, words: str) -> None:
    assert describe_chance(p_value) == words
