"""While it trains: how far each variant is, and what the curves say, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tlvsft.comparison.figures import percent, perplexity, seconds
from tlvsft.config import SIDES, Side
from tlvsft.events import Evaluated
from tlvsft.runs.records import ComparisonRecord, RunRecord
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.pace import comparison_left_s, elapsed_s, run_left_s
from tlvsft.ui.texts import (
    comparison_title,
    describe_comparison,
    rough_seconds,
    side_names,
    title_is_data,
)

_ENDINGS = {"failed": "failed", "stopped": "stopped", "interrupted": "interrupted"}
EMPTY_HEADING = "The race"
EMPTY_SUMMARY = "Train both, and this line will say in words what the curves show."


@dataclass(frozen=True, kw_only=True)
class SideProgress:
    """One side's current run: the one that is on its way or comes next, else the last that was.

    Attributes:
        number: Which of its side's runs it is, counted from 1.
        runs: How many there are: one for each seed.
        all_left_s: What all seeds to come will take, in seconds, where that is known.
    """

    run: RunRecord
    progress: RunProgress
    number: int = 1
    runs: int = 1
    all_left_s: float | None = None

    @property
    def share(self) -> float:
        """How much of what this side has to do is done, 0–1; every seed is as much."""
        return (self.number - 1 + self._run_share) / self.runs

    @property
    def _run_share(self) -> float:
        if self.run.state == "finished":
            return 1.0
        if self.progress.started is None or not self.progress.step:
            return 0.0
        return min(1.0, self.progress.step.step / max(self.progress.started.total_steps, 1))

    @property
    def elapsed_s(self) -> float:
        """Seconds since its worker began."""
        return elapsed_s(self.run, self.progress)


@dataclass(frozen=True, kw_only=True)
class ProgressRow:
    """What a row says; the page's script writes it, too (`assets/js/news.js`).

    Attributes:
        done: Per cent of the bar.
    """

    done: int
    words: str


def current_runs(comparison: ComparisonRecord, progress: Mapping[str, RunProgress]) -> dict[Side, SideProgress]:
    """What is shown of each side: with several seeds, the first run that isn't over, else the last that was begun."""
    found: dict[Side, SideProgress] = {}
    left_s = comparison_left_s(comparison, progress) if comparison.config.seeds > 1 else None
    for side in SIDES:
        runs = [run for run in comparison.runs if run.side == side]
        begun = [run for run in runs if run.started_at is not None] or runs[:1]
        run = next((run for run in runs if not run.is_over), begun[-1])
        found[side] = SideProgress(
            run=run, progress=progress[run.id], number=runs.index(run) + 1, runs=len(runs), all_left_s=left_s
        )
    return found


def heading_html(comparison: ComparisonRecord | None) -> Markup:
    """What is on the screen: the comparison's own setup, whatever the form above says by now."""
    if comparison is None:
        return element("div", element("h2", EMPTY_HEADING), _facts("Nothing has been trained here yet."))
    origin = " · from the command line" if comparison.owner is None else ""
    facts = _facts(describe_comparison(comparison.config) + origin)
    is_data = title_is_data(comparison.config)
    title = element("h2", comparison_title(comparison.config), translate="no" if is_data else None)
    return element("div", title, facts)


def progress_html(comparison: ComparisonRecord | None, sides: Mapping[Side, SideProgress]) -> Markup:
    """A row with a bar for each side, and the sentence that says what the curves show."""
    if comparison is None:
        waiting = ProgressRow(done=0, words="waiting for you")
        rows = [row_html(side, name=f"{side.capitalize()} variant", shown=waiting) for side in SIDES]
        return join([element("div", *rows, class_="progress"), _summary(EMPTY_SUMMARY)])
    names = side_names(comparison.config)
    rows = [row_html(side, name=names[side], shown=progress_row(sides[side], comparison)) for side in SIDES]
    notes = dict.fromkeys(note for side in SIDES for note in sides[side].progress.notes)
    failures = dict.fromkeys(run.message for run in comparison.runs if run.message)
    return join(
        [
            element("div", *rows, class_="progress"),
            _summary(curves_sentence(names, sides)),
            *[element("p", f"{names[side]}: {run.message}", class_="failure", role="alert") for side in SIDES
              for run in comparison.runs if run.side == side and run.message in failures],
            *[element("p", sentence, class_="run-note") for sentence in _prefix_sentences(names, sides)],
            *[element("p", note, class_="run-note") for note in notes],
        ]
    )  # fmt: skip


def _prefix_sentences(names: Mapping[Side, str], sides: Mapping[Side, SideProgress]) -> list[str]:
    """For each side whose frozen blocks are computed once, that they are, and once it is known what that saves."""
    return [
        f"{names[side]}: {sentence}"
        for side in SIDES
        if (sentence := _prefix_sentence(sides[side].progress)) is not None
    ]


def _prefix_sentence(progress: RunProgress) -> str | None:
    stored, finish = progress.prefix, progress.finish
    if stored is None or not stored.is_complete:
        return None
    origin = "by an earlier run" if stored.reused else f"in {seconds(stored.computed_s)}"
    blocks = f"{stored.prefix_blocks} of {stored.total_blocks} blocks computed once, {origin}"
    if finish is None or finish.prefix_speedup is None:
        return f"{blocks}."
    return f"{blocks}: {finish.prefix_speedup:,.1f} × faster per epoch, measured."


def progress_row(side: SideProgress, comparison: ComparisonRecord) -> ProgressRow:
    """How far one side is."""
    return ProgressRow(done=round(100 * side.share), words=_describe(side, comparison))


def row_html(side: Side, *, name: str, shown: ProgressRow, label: str = "Progress") -> Markup:
    """A side's bar between its name and what it does.

    Args:
        side: Whose row.
        name: The variant's.
        shown: How far the bar is, and the words beside it.
        label: What a screen reader calls the bar, before whose it is.
    """
    bar = element(
        "div", element("i", style=f"width: {shown.done}%"), class_="bar", role="progressbar", aria_valuenow=shown.done,
        aria_valuemin=0, aria_valuemax=100, aria_label=f"{label} of the {side} variant",
    )  # fmt: skip
    who = element("span", element("span", class_="dot", aria_hidden="true"), name, class_="who")
    return element("div", who, bar, element("span", shown.words, class_="when"), class_=f"progress-row {side}")


def curves_sentence(names: Mapping[Side, str], sides: Mapping[Side, SideProgress]) -> str:
    """The latest validation results in words, and who is ahead."""
    latest = {side: sides[side].progress.evaluation for side in SIDES}
    parts = [
        f"{names[side]} {_score_words(event)} after {event.step:,} steps (loss {event.val_loss:.3f})"
        for side in SIDES
        if (event := latest[side]) is not None
    ]
    if not parts:
        return "Loading the backbone and the data; the first points come in a moment."
    by_perplexity = any(event is not None and event.val_accuracy is None for event in latest.values())
    sentence = f"Validation {'perplexity' if by_perplexity else 'accuracy'}: {', '.join(parts)}."
    lead = _perplexity_lead(names, latest) if by_perplexity else _accuracy_lead(names, latest)
    return f"{sentence} {lead}".rstrip()


def _score_words(event: Evaluated) -> str:
    if event.val_accuracy is not None:
        return percent(event.val_accuracy)
    return "–" if event.val_perplexity is None else perplexity(event.val_perplexity)


def _accuracy_lead(names: Mapping[Side, str], latest: Mapping[Side, Evaluated | None]) -> str:
    left, right = (None if event is None else event.val_accuracy for event in (latest["left"], latest["right"]))
    if left is None or right is None:
        return ""
    lead = right - left
    return f"{names['right' if lead > 0 else 'left']} is {abs(100 * lead):.1f} points ahead." if lead else "Level."


def _perplexity_lead(names: Mapping[Side, str], latest: Mapping[Side, Evaluated | None]) -> str:
    left, right = (None if event is None else event.val_perplexity for event in (latest["left"], latest["right"]))
    if left is None or right is None:
        return "Lower is better."
    if left == right:
        return "Level."
    ahead: Side = "left" if left < right else "right"
    return f"{names[ahead]} is {perplexity(abs(left - right))} lower; lower is better."


def _describe(side: SideProgress, comparison: ComparisonRecord) -> str:
    seed = f"seed {side.run.seed} ({side.number} of {side.runs}) · " if side.runs > 1 else ""
    everything = "" if side.all_left_s is None else f" · all seeds: {rough_seconds(side.all_left_s)} left"
    if side.run.state == "queued":
        waiting = "waiting" if side.number == 1 else "waiting for the other side"
        return f"{seed}{waiting}{everything}"
    if side.run.state in _ENDINGS:
        return f"{seed}{_describe_ending(side)}"
    if side.run.state == "finished":
        return _describe_end(side, comparison)
    return f"{seed}{_describe_doing(side.progress)} · {seconds(side.elapsed_s)}{_remaining(side.progress)}{everything}"


def _describe_ending(side: SideProgress) -> str:
    """How a run ended that wasn't finished, and how far it had come."""
    ending, progress = _ENDINGS[side.run.state], side.progress
    if side.run.started_at is None:
        return f"{ending} before it began"
    if progress.started is None or progress.step is None:
        return f"{ending} after {seconds(side.elapsed_s)}"
    steps = f"{progress.step.step:,} of {progress.started.total_steps:,} steps"
    return f"{ending} after {steps} · {seconds(side.elapsed_s)}"


def _describe_end(side: SideProgress, comparison: ComparisonRecord) -> str:
    if side.runs == 1:
        return f"done in {seconds(side.elapsed_s)}"
    runs = [run for run in comparison.runs if run.side == side.run.side]
    done = sum(run.state == "finished" for run in runs)
    return f"{done} of {side.runs} seeds done · the last in {seconds(side.elapsed_s)}"


def _describe_doing(progress: RunProgress) -> str:
    stored, step = progress.prefix, progress.step
    if progress.started is None:
        return "starting"
    if stored is not None and not stored.is_complete:
        return f"frozen blocks: {stored.examples:,} of {stored.total_examples:,}"
    total, done = progress.started.total_steps, step.step if step else 0
    return f"step {done:,} of {total:,}" if done < total else "testing"


def _remaining(progress: RunProgress) -> str:
    left_s = run_left_s(progress)
    return "" if left_s is None else f" · {rough_seconds(left_s)} left"


def _summary(sentence: str) -> Markup:
    return element("p", sentence, class_="summary", id="curves-in-words")


def _facts(text: str) -> Markup:
    return element("p", text, class_="facts")
