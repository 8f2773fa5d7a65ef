"""What was forgotten in words: computed from the numbers, and honest about chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tlvsft.comparison.evidence.forgotten_numbers import Change
from tlvsft.comparison.figures import percent, perplexity
from tlvsft.comparison.naming import capitalise
from tlvsft.config import SIDES, Side

if TYPE_CHECKING:
    from tlvsft.comparison.evidence.forgotten import Measure

_SMALLEST_P = 0.001
_PROXY = "This is agreement, a proxy: it needs no true answers."


def describe_measure(measure: Measure, names: Mapping[Side, str], *, seeds: int) -> str:
    """What was measured on how many examples, what became of each side, and who forgot more."""
    sides = [
        f"{names[side]} {_describe_change(measure, change)}"
        for side in SIDES
        if (change := measure.changes[side]) is not None
    ]
    means = f"means of {seeds} seeds" if seeds > 1 else ""
    parts = [f"{_opening(measure, means)}: {'; '.join(sides)}."]
    if measure.measured == "agreement":
        parts.append(_PROXY)
    parts.append(_judge(measure, names))
    return " ".join(filter(None, parts))


def write_value(measure: Measure, value: float) -> str:
    """A perplexity, or a share in percent."""
    return percent(value) if measure.is_share else perplexity(value)


def write_change(measure: Measure, value: float) -> str:
    """A relative change in percent, or a difference of shares in points; with its sign."""
    return f"{_signed(100 * value)} points" if measure.is_share else f"{_signed(100 * value)} %"


def write_interval(measure: Measure, change: Change) -> str:
    """The 95 % interval of a change; empty where there is none."""
    if change.unchanged or change.ci95 is None:
        return ""
    low, high = (_signed(100 * end) for end in change.ci95)
    return f"{low} to {high}" if measure.is_share else f"{low} to {high} %"


def _opening(measure: Measure, means: str) -> str:
    count = f"{measure.examples:,} {measure.unit}" if measure.examples else measure.unit
    match measure.measured:
        case "general_english":
            about = f"general English ({', '.join(filter(None, (count, means)))})"
            return f"Perplexity on {about}, lower is better"
        case "agreement":
            about = f" ({means})" if means else ""
            return f"On {count} the pretrained head gives the same source class as before{about}"
        case "heldout_accuracy":
            return f"True accuracy on {count}{f' ({means})' if means else ''}"
        case "heldout_perplexity":
            return f"Perplexity on {count}{f' ({means})' if means else ''}, lower is better"


def _describe_change(measure: Measure, change: Change) -> str:
    if change.unchanged:
        as_before = "" if measure.measured == "agreement" else " as before"
        return f"{write_value(measure, change.after)}{as_before}, since its backbone is bit for bit the pretrained one"
    if measure.measured == "agreement":
        return f"{percent(change.after)}{_agreement_interval(change)}"
    interval = write_interval(measure, change)
    chance = f", 95 % interval {interval}" if interval else ""
    chance += ", which may be chance" if change.ci95 is not None and change.ci95[0] <= 0 <= change.ci95[1] else ""
    before, after = write_value(measure, change.before), write_value(measure, change.after)
    return f"{before} → {after} ({write_change(measure, change.change)}{chance})"


def _agreement_interval(change: Change) -> str:
    if change.ci95 is None:
        return ""
    low, high = (100 * (1 + end) for end in change.ci95)
    return f" (95 % interval {low:.1f} to {high:.1f} %)"


def _judge(measure: Measure, names: Mapping[Side, str]) -> str:
    """Who forgot more, where both were measured and one has changed."""
    known = [change for change in measure.changes.values() if change is not None]
    if measure.gap is None or all(change.unchanged for change in known):
        return ""
    if measure.moved_alone is not None:
        return f"Only {names[measure.moved_alone]} moved from it."
    is_proxy = measure.measured == "agreement"
    if measure.gap.ci95 == (0, 0):
        return "Both moved as far." if is_proxy else "Both forgot the same."
    if measure.forgot_more == "tie":
        return f"Which of them {'moved further' if is_proxy else 'forgot more'} is too close to call."
    more: Side = "left" if measure.forgot_more == "left" else "right"
    p_value = measure.gap.p_value
    chance = f"p < {_SMALLEST_P}" if p_value < _SMALLEST_P else f"p = {p_value:.3f}"
    return f"{capitalise(names[more])} {'moved further from it' if is_proxy else 'forgot more of it'} ({chance})."


def _signed(value: float) -> str:
    shown = f"{value:+.1f}" if abs(value) < 100 else f"{value:+,.0f}"
    return "0.0" if float(shown.replace(",", "")) == 0 else shown.replace("-", "−")
