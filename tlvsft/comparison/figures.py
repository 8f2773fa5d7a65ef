"""Numbers in words, the same way on the page and in what is taken home from it."""

from __future__ import annotations

MISSING = "–"
_OPERATIONS = ((1e15, "PFLOP"), (1e12, "TFLOP"), (1e9, "GFLOP"), (1e6, "MFLOP"), (1e3, "kFLOP"))


def percent(share: float | None) -> str:
    """A share (0–1) as a percentage with one decimal, e.g. `95.2 %`."""
    return MISSING if share is None else f"{100 * share:.1f} %"


def perplexity(value: float | None) -> str:
    """A perplexity, with a decimal where one still says something, e.g. `72.1` or `1,204`."""
    if value is None:
        return MISSING
    return f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"


def seconds(duration_s: float | None) -> str:
    """A duration, e.g. `3.1 s` or `1 min 20 s`."""
    if duration_s is None:
        return MISSING
    if duration_s < 60:
        return f"{duration_s:.1f} s"
    minutes, rest = divmod(round(duration_s), 60)
    return f"{minutes} min {rest} s"


def short_seconds(duration_s: float) -> str:
    """A duration of which hundredths may say something, e.g. `0.35 s`; else as `seconds`."""
    return f"{duration_s:.2f} s" if duration_s < 1 else seconds(duration_s)


def rough_duration(duration_s: float) -> str:
    """A duration that is only known roughly, e.g. `15 s`, `4 min` or `1 h 20 min`."""
    if duration_s < 55:
        return f"{max(5, round(duration_s / 5) * 5)} s"
    minutes = round(duration_s / 60)
    if minutes < 60:
        return f"{max(1, minutes)} min"
    hours, rest = divmod(round(minutes / 5) * 5, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def signed(value: float, *, decimals: int = 1) -> str:
    """A change with its sign, e.g. `+1.6` or `−0.4`; what rounds to nothing has none."""
    rounded = round(value, decimals)
    return f"{rounded:+,.{decimals}f}".replace("-", "−") if rounded else f"{0:.{decimals}f}"


def multiple(ratio: float) -> str:
    """How many times as much, as one says it: `0.16`, `6.2`, `22`, `1,234`."""
    return f"{ratio:,.0f}" if ratio >= 9.95 else f"{ratio:.2g}"


def size(size_bytes: float) -> str:
    """A size, e.g. `84 kB`, `2.5 MB` or `19 MB`; never 0."""
    if size_bytes < 1e6:
        return f"{max(1, round(size_bytes / 1e3)):,} kB"
    return f"{size_bytes / 1e6:,.{1 if size_bytes < 1e7 else 0}f} MB"


def operations(flops: float | None) -> str:
    """Floating-point operations, e.g. `48.3 GFLOP`, `2.1 TFLOP` or `0 FLOP`."""
    if flops is None:
        return MISSING
    unit, name = next(((unit, name) for unit, name in _OPERATIONS if flops >= unit), (1.0, "FLOP"))
    number = flops / unit
    return f"{number:,.{1 if number < 100 and unit > 1 else 0}f} {name}"
