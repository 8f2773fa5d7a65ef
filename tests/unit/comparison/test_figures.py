from __future__ import annotations

from tlvsft.comparison.figures import percent, perplexity, seconds, size


def test_numbers_have_as_many_digits_as_say_something() -> None:
    assert (percent(0.9524), percent(None)) == ("95.2 %", "–")
    assert (perplexity(72.14), perplexity(1204.3), perplexity(None)) == ("72.1", "1,204", "–")
    assert (seconds(3.14), seconds(80), seconds(None)) == ("3.1 s", "1 min 20 s", "–")
    sizes = [size(count) for count in (10, 84_000, 2.5e6, 19_400_000)]
    assert sizes == ["1 kB", "84 kB", "2.5 MB", "19 MB"]
