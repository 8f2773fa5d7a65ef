"""Evidence for the claims about effects: what was reached, what was forgotten, with how much data, at what cost."""

from __future__ import annotations

from collections.abc import Callable

from tlvsft.comparison.figures import operations, size
from tlvsft.comparison.findings import Finding, LabelScore, Shown, SideEvidence
from tlvsft.comparison.forgetting import find_forgotten
from tlvsft.comparison.statements import SAME_TIME
from tlvsft.config import SIDES, Side
from tlvsft.events import RunFinished


def find_objective(shown: Shown) -> list[Finding]:
    """What both reached on the task, whether tailoring paid, and what was forgotten."""
    found = _find_scores(shown)
    if not found:
        return []
    found += find_forgotten(shown) if shown.is_finished else []
    return [*found, *_judge_tailoring(shown)]


def find_data(shown: Shown) -> list[Finding]:
    """What both reach with how many labels, as far as this visitor has tried."""
    if not shown.label_scores:
        return []
    words = "texts" if shown.predicts_words else "labels"
    found = [Finding(text=f"{_count(point, words)}: {_write_point(shown, point)}.") for point in shown.label_scores]
    if len(shown.label_scores) == 1:
        more = "" if shown.predicts_words else ", or a sweep over labels to see the whole curve"
        return [*found, Finding(text=f"Run the same with another number of {words} to see more{more}.")]
    return [*found, *_judge_data(shown, shown.label_scores[0], words)]


def find_complexity(shown: Shown) -> list[Finding]:
    """Time, memory and steps, and whether training less has saved any."""
    if not shown.is_finished:
        return []
    found = [Finding(text=f"{side.title}: {_describe_cost(side)}.") for side in shown.both]
    if any(shown.config.variant(side).start for side in SIDES):
        found.append(Finding(text="What a side started from was trained before, and isn't in these figures."))
    for name, read, write in (
        ("time", _cost_s, lambda value: f"{value:.1f} s"),
        ("memory", _memory, size),
        ("FLOPs", _flops, operations),
    ):
        found += _judge_saving(shown, name, read, write)
    return found


def _find_scores(shown: Shown) -> list[Finding]:
    measure = "perplexity" if shown.predicts_words else "accuracy"
    if shown.is_finished:
        scores = {side: _score_of(shown, side) for side in SIDES}
        parts = [
            f"{shown.sides[side].name} {_write(shown, score)}" for side, score in scores.items() if score is not None
        ]
        return [Finding(text=f"Test {measure}: {', '.join(parts)}.")] if parts else []
    parts = []
    for side in shown.both:
        seen = side.evaluation
        score = None if seen is None else seen.val_perplexity if shown.predicts_words else seen.val_accuracy
        if seen is not None and score is not None:
            parts.append(f"{side.name} {_write(shown, score)} after {seen.step:,} steps")
    return [Finding(text=f"Validation {measure} (not tested): {', '.join(parts)}.")] if parts else []


def _judge_tailoring(shown: Shown) -> list[Finding]:
    order = shown.by_extent_of_pretrained()
    if order is None or shown.winner is None:
        return []
    less, more = (shown.sides[side].name for side in order)
    if shown.winner == "tie":
        return [Finding(text="Whether tailoring more of the model bought anything is too close to call here.")]
    if shown.winner == order[1]:
        return [Finding(text=f"Tailoring more of the model paid: {more} is ahead, beyond chance.", claim="held")]
    return [
        Finding(text=f"Here tailoring more of the model didn't pay: {less} is ahead, beyond chance.", claim="failed")
    ]


def _judge_data(shown: Shown, fewest: LabelScore, words: str) -> list[Finding]:
    order = shown.by_extent_of_pretrained()
    if order is None or fewest.winner is None:
        return []
    less, more = (shown.sides[side].name for side in order)
    where = f"with the fewest ({_count(fewest, words)})"
    if fewest.winner == "tie":
        return [Finding(text=f"Who is ahead {where} is too close to call.")]
    if fewest.winner == order[0]:
        return [Finding(text=f"As claimed, {less} is ahead {where}, beyond chance.", claim="held")]
    text = f"Here the claimed advantage with few {words} didn't show: {where} {more} is ahead."
    return [Finding(text=text, claim="failed")]


def _judge_saving(
    shown: Shown, name: str, read: Callable[[RunFinished], float | None], write: Callable[[float], str]
) -> list[Finding]:
    order = shown.by_extent()
    if order is None:
        return []
    less, more = (shown.sides[side] for side in order)
    small, large = less.mean(read), more.mean(read)
    if small is None or not large:
        return []
    figures = f"{less.name} {write(small)}, {more.name} {write(large)}"
    if _seeds_overlap(less, more, read):
        return [Finding(text=f"The seeds overlap, so a saving of {name} may be chance: {figures}.")]
    if small / large < SAME_TIME[0]:
        return [Finding(text=f"The claimed saving of {name} showed: {small / large:.2g} × ({figures}).", claim="held")]
    return [Finding(text=f"Here the claimed saving of {name} didn't show: {figures}.", claim="failed")]


def _seeds_overlap(less: SideEvidence, more: SideEvidence, read: Callable[[RunFinished], float | None]) -> bool:
    """Whether several seeds of both sides took amounts that don't lie apart."""
    first, second = less.known(read), more.known(read)
    return min(len(first), len(second)) > 1 and max(first) >= min(second) and max(second) >= min(first)


def _score_of(shown: Shown, side: Side) -> float | None:
    """What a side reached in the test: accuracy (0–1), or perplexity; the mean over seeds."""
    if shown.predicts_words:
        return shown.sides[side].perplexity(lambda finish: finish.perplexity)
    return shown.sides[side].mean(lambda finish: finish.test_accuracy)


def _describe_cost(side: SideEvidence) -> str:
    steps = side.mean(lambda finish: finish.steps) or 0
    train_s = side.mean(lambda finish: finish.train_s) or 0.0
    memory = side.mean(_memory) or 0.0
    flops = side.mean(_flops)
    counted = "" if flops is None else f", {operations(flops)} of training"
    return (
        f"{side.mean(_cost_s) or 0.0:.1f} s in all, {train_s:.1f} s of it training, {steps:,.0f} steps, "
        f"peak memory {size(memory)} (libraries included){counted}"
    )


def _cost_s(finish: RunFinished) -> float:
    return finish.cost_s


def _memory(finish: RunFinished) -> float:
    return finish.peak_memory_bytes


def _flops(finish: RunFinished) -> float | None:
    return finish.train_flops


def _write_point(shown: Shown, point: LabelScore) -> str:
    return ", ".join(f"{shown.sides[side].name} {_write(shown, score)}" for side, score in point.scores.items())


def _count(point: LabelScore, words: str) -> str:
    return f"all {words}" if point.labels is None else f"{point.labels:,} {words}"


def _write(shown: Shown, score: float) -> str:
    return f"{score:,.1f}" if shown.predicts_words else f"{100 * score:.1f} %"
