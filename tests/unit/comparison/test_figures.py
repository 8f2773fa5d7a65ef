from __future__ import annotations

import pytest

from tlvsft.comparison.figures import (
    multiple,
    operations,
    percent,
    perplexity,
    rough_duration,
    seconds,
    short_seconds,
    signed,
    size,
)


def test_numbers_have_as_many_digits_as_say_something() -> None:
    assert (percent(0.9524), percent(None)) == ("95.2 %", "–")
    assert (perplexity(72.14), perplexity(1204.3), perplexity(None)) == ("72.1", "1,204", "–")
    assert (seconds(3.14), seconds(80), seconds(None)) == ("3.1 s", "1 min 20 s", "–")
    assert (short_seconds(0.354), short_seconds(3.14)) == ("0.35 s", "3.1 s")
    sizes = [size(count) for count in (10, 84_000, 2.5e6, 19_400_000)]
    assert sizes == ["1 kB", "84 kB", "2.5 MB", "19 MB"]


@pytest.mark.parametrize(
    ("flops", "words"),
    [
        (None, "–"),
        (0, "0 FLOP"),
        (999, "999 FLOP"),
        (1_500, "1.5 kFLOP"),
        (487_481_344, "487 MFLOP"),
        (48_339_865_600, "48.3 GFLOP"),
        (2.1e12, "2.1 TFLOP"),
        (3.4e18, "3,400 PFLOP"),
    ],
)
def test_operations(flops: float | None, words: str) -> None:
    assert operations(flops) == words


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (0.0617, "0.062"),
        (0.157, "0.16"),
        (1.0, "1"),
        (1.3, "1.3"),
        (6.24, "6.2"),
        (9.96, "10"),
        (22.4, "22"),
        (1_234.0, "1,234"),
    ],
)
def test_multiples_are_written_as_they_are_said(ratio: float, words: str) -> None:
    assert multiple(ratio) == words


def test_changes_have_a_sign() -> None:
    assert [signed(value) for value in (1.64, -0.42, 0.0, -0.04)] == ["+1.6", "−0.4", "0.0", "0.0"]
    assert signed(-1234.5678, decimals=3) == "−1,234.568"


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [
        (0.2, "5 s"), (33, "35 s"), (40, "40 s"), (58, "1 min"), (90, "2 min"), (250, "4 min"), (3_000, "50 min"),
        (3_600, "1 h"), (5_100, "1 h 25 min"), (5_400, "1 h 30 min"), (7_200, "2 h"),
    ],
)  # fmt: skip
def test_rough_durations(duration_s: float, words: str) -> None:
    assert rough_duration(duration_s) == words
