"""The figures of a sweep in words: one sentence each, computed, and never surer than the evidence."""

from __future__ import annotations

from collections.abc import Sequence

from tlvsft.catalog.methods import get_method
from tlvsft.catalog.sweeps import PARTIAL
from tlvsft.comparison.naming import capitalise, lower_first
from tlvsft.comparison.statements import SAME_TIME
from tlvsft.sweeps.config import SweepConfig
from tlvsft.sweeps.crossings import lead_at
from tlvsft.sweeps.label_ratio import LabelRatio
from tlvsft.sweeps.measurements import Figure, Measured
from tlvsft.sweeps.results import Crossing, Forgetting, Readings
from tlvsft.sweeps.savings import FROM_SCRATCH

_NO_CHANGE = 0.005
"""A share of what was measured before, below which nothing is called forgotten."""


def write_readings(
    config: SweepConfig, figure: Figure, *, crossings: Sequence[Crossing], ratio: LabelRatio | None
) -> Readings:
    """The sentences; a figure with nothing to say yet has none.

    Args:
        config: What was asked for.
        figure: What was measured.
        crossings: Of the curves, over labels.
        ratio: ULMFiT's, the one to show first.
    """
    if config.kind == "depth":
        return Readings(
            accuracy=read_depth_accuracy(config, figure),
            cost=read_depth_cost(config, figure),
            forgetting=read_depth_forgetting(config, figure),
            label_ratio=None,
        )
    return Readings(
        accuracy=read_label_accuracy(figure, crossings),
        cost=read_label_cost(figure),
        forgetting=read_label_forgetting(figure),
        label_ratio=None if ratio is None else read_label_ratio(ratio),
    )


def read_label_accuracy(figure: Figure, crossings: Sequence[Crossing]) -> str | None:
    """Who is ahead with few labels, who with many, and where that changes."""
    places = _shared_places(figure)
    if not places or len(figure) < 2:
        return None
    few, many = (_ranking(figure, x) for x in (places[0], places[-1]))
    start = f"With {places[0]:,} labels {_describe_ranking(places[0], few)}"
    if len(places) == 1:
        return f"{start}."
    end = f"with {places[-1]:,} {_describe_ranking(places[-1], many)}"
    if not (_is_clear(places[0], few) or _is_clear(places[-1], many)):
        return f"{start}; {end}."  # where two equals seem to cross is of no interest
    change = next((found for found in crossings if (found.behind, found.ahead) == (few[0][0], many[0][0])), None)
    return f"{start}; {end}{'' if change is None else _describe_crossing(change)}."


def read_label_cost(figure: Figure) -> str | None:
    """How much longer the slowest method takes than the fastest, at the largest number of labels that both have."""
    places = _shared_places(figure)
    if not places or len(figure) < 2:
        return None
    costs = sorted((found[places[-1]].point.cost_s, method) for method, found in figure.items())
    (least_s, fastest), (most_s, slowest) = costs[0], costs[-1]
    return (
        f"With {places[-1]:,} labels {_name(slowest)} takes {_describe_times(most_s, least_s)} {_name(fastest)} does "
        f"({most_s:.1f} s against {least_s:.1f} s)."
    )


def read_label_forgetting(figure: Figure) -> str | None:
    """Who forgets most of what the backbone could do, at the largest number of labels that all have."""
    places = _shared_places(figure)
    known = {
        method: found[places[-1]].point.forgetting
        for method, found in figure.items()
        if places and get_method(method).pretrained
    }
    told = {method: forgetting for method, forgetting in known.items() if forgetting is not None}
    if not told:
        return None
    worst = max(told, key=lambda method: _amount(told[method]))
    if not _has_forgotten(told[worst]):
        return f"With {places[-1]:,} labels no method forgets anything that could be measured."
    return f"With {places[-1]:,} labels {_name(worst)} forgets most: {_describe_forgetting(told[worst])}."


def read_label_ratio(ratio: LabelRatio) -> str:
    """What training from scratch needs for what the pretrained backbone reaches."""
    reached = f"the {_percent(ratio.accuracy)} that {_name(ratio.method)} reaches with {ratio.labels:,} labels"
    if ratio.bound == ">":
        return (
            f"Training from scratch doesn't get to {reached}, not even with {ratio.needed:,.0f}: it needs more than "
            f"{_times(ratio.ratio)} times as many."
        )
    if ratio.bound == "<":
        return (
            f"Training from scratch needs {ratio.needed:,.0f} labels or fewer for {reached}: pretraining saves none "
            "here."
        )
    times = f"{_times(ratio.ratio)} times as many"
    return f"Training from scratch needs about {ratio.needed:,.0f} labels for {reached}: {times}."


def read_depth_accuracy(config: SweepConfig, figure: Figure) -> str | None:
    """How many frozen units are best, and what freezing none or all costs."""
    along = _along(figure)
    if not along:
        return None
    best = max(along, key=lambda depth: along[depth].point.accuracy)
    others = [depth for depth in (0, len(config.units)) if depth in along and depth != best]
    parts = [_describe_gap(config, along[best], along[depth]) for depth in others]
    tried = f"Of {len(along)} depths most" if len(along) > 1 else "Most"
    start = f"{tried} is right with {_frozen(config, best)} ({_percent(along[best].point.accuracy)})"
    scratch = figure.get(FROM_SCRATCH, {}).get(None)
    if scratch is not None:
        parts.append(f"training from scratch comes to {_percent(scratch.point.accuracy)}")
    return f"{'; '.join([start, *parts])}."


def read_depth_cost(config: SweepConfig, figure: Figure) -> str | None:
    """What freezing saves, from the fewest frozen units to the most."""
    along = _along(figure)
    if len(along) < 2:
        return None
    (few, first), (many, last) = min(along.items()), max(along.items())
    least_s, most_s = last.point.cost_s, first.point.cost_s
    return (
        f"With {_frozen(config, few)} a run takes {_describe_times(most_s, least_s)} with {_frozen(config, many)} "
        f"({most_s:.1f} s against {least_s:.1f} s)."
    )


def read_depth_forgetting(config: SweepConfig, figure: Figure) -> str | None:
    """What is forgotten with the fewest and with the most frozen units."""
    along = {depth: found.point.forgetting for depth, found in _along(figure).items()}
    told = {depth: forgetting for depth, forgetting in along.items() if forgetting is not None}
    if len(told) < 2:
        return None
    parts = [f"with {_frozen(config, depth)} {_describe_forgetting(told[depth])}" for depth in (min(told), max(told))]
    return f"{capitalise('; '.join(parts))}."


def _shared_places(figure: Figure) -> list[int]:
    """The places that all methods have, ascending."""
    places = [set(found) for found in figure.values()]
    return sorted(x for x in set.intersection(*places) if x is not None) if places else []


def _along(figure: Figure) -> dict[int, Measured]:
    """The curve of a depth sweep."""
    return {depth: found for depth, found in figure.get(PARTIAL, {}).items() if depth is not None}


def _ranking(figure: Figure, x: int) -> list[tuple[str, Measured]]:
    """The methods at one place, the best first."""
    at = [(method, found[x]) for method, found in figure.items()]
    return sorted(at, key=lambda found: found[1].point.accuracy, reverse=True)


def _describe_ranking(x: int, ranking: Sequence[tuple[str, Measured]]) -> str:
    """Who is ahead, if that is more than chance."""
    (first, best), (second, next_best) = ranking[:2]
    shares = f"({_percent(best.point.accuracy)})", f"({_percent(next_best.point.accuracy)})"
    if _is_clear(x, ranking):
        return f"{_name(first)} is ahead {shares[0]}"
    return f"{_name(first)} {shares[0]} and {_name(second)} {shares[1]} are too close to call"


def _is_clear(x: int, ranking: Sequence[tuple[str, Measured]]) -> bool:
    """Whether the first is ahead of the second by more than chance."""
    lead = lead_at(x, ranking[1][1], ranking[0][1])
    return lead is not None and lead.is_clear


def _describe_crossing(crossing: Crossing) -> str:
    about = f"the curves cross at about {crossing.x:,.0f} labels"
    if crossing.between is None:
        return f"; {about}, which may be chance"
    low, high = crossing.between
    return f"; {about}, surely between {low:,} and {high:,}"


def _describe_gap(config: SweepConfig, best: Measured, other: Measured) -> str:
    depth = other.point.x or 0
    points = 100 * (best.point.accuracy - other.point.accuracy)
    lead = lead_at(depth, other, best)
    chance = "" if lead is not None and lead.is_clear else ", which may be chance"
    return f"{_frozen(config, depth)} is {points:.1f} points below{chance}"


def _frozen(config: SweepConfig, depth: int) -> str:
    if depth == 0:
        return "nothing frozen"
    if depth == len(config.units):
        return "everything frozen"
    return f"{depth} of {len(config.units)} units frozen"


def _describe_times(most_s: float, least_s: float) -> str:
    ratio = most_s / least_s if least_s > 0 else 1.0
    return "about as long as" if SAME_TIME[0] <= ratio <= SAME_TIME[1] else f"{_times(ratio)} times as long as"


def _describe_forgetting(forgetting: Forgetting) -> str:
    if forgetting.measure == "source_agreement":
        return f"the pretrained source head gives the same answer on {_percent(forgetting.after)} of the test examples"
    before = "" if forgetting.before is None else f" from {forgetting.before:,.1f}"
    return f"perplexity on general English goes{before} to {forgetting.after:,.1f}"


def _amount(forgetting: Forgetting) -> float:
    """How much was forgotten, as a share of what there was: more is worse."""
    if forgetting.measure == "source_agreement":
        return 1 - forgetting.after
    return forgetting.after / forgetting.before - 1 if forgetting.before else 0.0


def _has_forgotten(forgetting: Forgetting) -> bool:
    return _amount(forgetting) > _NO_CHANGE


def _name(method: str) -> str:
    return lower_first(get_method(method).title)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
