"""The outcome at a glance, on both sides of the button: how right each variant is, what was frozen, what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean

from tlvsft.comparison import Verdict
from tlvsft.comparison.figures import multiple, percent, perplexity, seconds
from tlvsft.comparison.statements import SAME_TIME
from tlvsft.config import HEAD_BLOCK, SIDES, ComparisonConfig, Side
from tlvsft.events import RunFinished
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.forgetting import mean_of, perplexity_of
from tlvsft.ui.live_panels import current_runs, progress_row
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.texts import inside_sentence, predicts_words, side_names

_NOTHING = "–"


@dataclass(frozen=True, kw_only=True)
class Score:
    """What one side of the board says; the page's script writes it, too (`assets/js/scoreboard.js`).

    Attributes:
        value: The figure.
        unit: What the figure is.
        detail: What was frozen and trained, and what it cost so far.
    """

    value: str
    unit: str
    detail: str


def scores_of(comparison: ComparisonRecord, progress: Mapping[str, RunProgress]) -> dict[Side, Score]:
    """Both sides as they stand: the test's result after the end, until then the latest validation."""
    current = current_runs(comparison, progress)
    scores = {}
    for side in SIDES:
        finishes = _finishes(comparison, progress, side)
        state = _frozen_words(current[side].progress)
        if comparison.is_finished and finishes:
            cost = seconds(fmean(finish.cost_s for finish in finishes))
            scores[side] = Score(
                value=_tested(finishes), unit=_unit(comparison.config, "test"), detail=_dotted(state, cost)
            )
            continue
        event = current[side].progress.evaluation
        value = _NOTHING
        if event is not None and event.val_accuracy is not None:
            value = percent(event.val_accuracy)
        elif event is not None and event.val_perplexity is not None:
            value = perplexity(event.val_perplexity)
        words = progress_row(current[side], comparison).words.split(" · ")[0]
        scores[side] = Score(value=value, unit=_unit(comparison.config, "validation"), detail=_dotted(state, words))
    return scores


def describe_scores(comparison: ComparisonRecord, progress: Mapping[str, RunProgress]) -> dict[str, dict[str, str]]:
    """Both sides as JSON-ready data, for a page that polls."""
    return {side: asdict(score) for side, score in scores_of(comparison, progress).items()}


def scoreboard_html(
    comparison: ComparisonRecord | None, progress: Mapping[str, RunProgress], verdict: Verdict | None = None
) -> Markup:
    """Both sides of the board, at their size before there is anything to say."""
    if comparison is None:
        waiting = Score(value=_NOTHING, unit="", detail="no result yet")
        return join([_cell(side, f"{side.capitalize()} variant", waiting, state="empty") for side in SIDES])
    names, scores = side_names(comparison.config), scores_of(comparison, progress)
    state = "final" if comparison.is_finished else "so-far"
    return join([_cell(side, names[side], scores[side], state=state, badge=_badge(verdict, side)) for side in SIDES])


def outcome_sentence(comparison: ComparisonRecord, progress: Mapping[str, RunProgress], verdict: Verdict | None) -> str:
    """Which variant won, by how much and at what cost, in a sentence; empty before the end."""
    finishes = {side: _finishes(comparison, progress, side) for side in SIDES}
    if not comparison.is_finished or verdict is None or not all(finishes.values()):
        return ""
    names = side_names(comparison.config)
    better: Side = "right" if verdict.winner == "right" else "left"
    if verdict.winner == "tie":
        better = "right" if (verdict.difference > 0) != predicts_words(comparison.config) else "left"
    other: Side = "left" if better == "right" else "right"
    lead = _lead(comparison.config, verdict)
    ratio = verdict.cost_ratio or 1.0
    time = _time_words(ratio if better == "right" else 1 / ratio)
    if verdict.winner == "tie":
        found = f"{names[better]} came out {lead}" if verdict.difference else "both came out the same"
        return f"Too close to call: {found}, {time}." if verdict.difference else f"Too close to call: {found}."
    return f"{names[better]} wins: {lead} than {inside_sentence(names[other])}, {time}."


def _finishes(comparison: ComparisonRecord, progress: Mapping[str, RunProgress], side: Side) -> Sequence[RunFinished]:
    ends = [progress[run.id].finish for run in comparison.runs if run.side == side]
    return [end for end in ends if end is not None]


def _tested(finishes: Sequence[RunFinished]) -> str:
    accuracy = mean_of(finishes, lambda finish: finish.test_accuracy)
    if accuracy is not None:
        return percent(accuracy)
    value = perplexity_of(finishes, lambda finish: finish.perplexity)
    return _NOTHING if value is None else perplexity(value)


def _unit(config: ComparisonConfig, split: str) -> str:
    return f"{split} perplexity" if predicts_words(config) else f"{split} accuracy"


def _frozen_words(progress: RunProgress) -> str:
    """What is frozen now, or was at the end, and how much was trained."""
    blocks = [block for block in progress.blocks if block.name != HEAD_BLOCK]
    if not blocks or progress.started is None:
        return ""
    frozen = sum(block.state in {"frozen", "adapts"} for block in blocks)
    words = {0: "nothing frozen", len(blocks): "all blocks frozen"}.get(
        frozen, f"{frozen} of {len(blocks)} blocks frozen"
    )
    return f"{words} · trained {progress.started.trainable_parameters:,} parameters"


def _lead(config: ComparisonConfig, verdict: Verdict) -> str:
    """How far ahead, e.g. `4.4 points better`; for perplexities by which share of the other's."""
    if not predicts_words(config):
        return f"{abs(100 * verdict.difference):.1f} points better"
    ratio = 1 + verdict.difference
    share = 1 - ratio if ratio <= 1 else 1 - 1 / ratio
    return f"perplexity {100 * share:.0f} % lower"


def _time_words(ratio: float) -> str:
    """The training time of one as a multiple of the other's, as the verdict's statement has it."""
    if ratio >= SAME_TIME[1]:
        return f"at {multiple(ratio)} × the training time"
    return f"and trained {multiple(1 / ratio)} × faster" if ratio <= SAME_TIME[0] else "in about the same training time"


def _badge(verdict: Verdict | None, side: Side) -> str:
    if verdict is None:
        return ""
    return {side: "wins", "tie": "tie"}.get(verdict.winner, "")


def _cell(side: Side, name: str, score: Score, *, state: str, badge: str = "") -> Markup:
    who = element("span", element("span", class_="dot", aria_hidden="true"), name, class_="who")
    return element(
        "div",
        who,
        element("span", badge, class_="badge") if badge else None,
        element("b", score.value, class_="value"),
        element("span", score.unit, class_="unit"),
        element("span", score.detail, class_="detail"),
        class_=f"score {side} is-{state}" + (" is-winner" if badge == "wins" else ""),
        data_score=side,
    )


def _dotted(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
