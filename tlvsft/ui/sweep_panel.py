"""What the section of sweeps shows: its fields, its button, how far a sweep is, its figure, earlier ones. Pure HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import get_method
from tlvsft.comparison.figures import rough_duration
from tlvsft.config import ALL
from tlvsft.report.sweeps import TITLES
from tlvsft.report.sweeps.files import FileKind
from tlvsft.report.sweeps.words import about_sweep, done_words
from tlvsft.runs.cell_records import SweepState
from tlvsft.sweeps import SweepConfig, SweepKind, SweepProgress
from tlvsft.ui.markup import Markup, element, join, sign
from tlvsft.ui.sweep_asking import Choices, usual_methods
from tlvsft.ui.texts import clock_time, dataset_title

INTRODUCTIONS: dict[SweepKind, str] = {
    "labels": "Trains each method with ever more labels and several seeds: who is ahead with few, who with many, and "
    "how many labels pretraining saves.",
    "depth": "Freezes one more block at a time, from the input on: what freezing costs, what it saves, and what is "
    "kept of what the backbone knew.",
}
NONE_YET = "The sweeps that you start, here or on the command line, will be listed here."
_END_WORDS: dict[SweepState, str] = {
    "finished": "has finished",
    "stopped": "was cancelled",
    "interrupted": "was interrupted",
}
_STATE_SIGNS: dict[SweepState, str] = {
    "queued": "…",
    "running": "▶\ufe0e",
    "finished": "✓",
    "stopped": "■",
    "interrupted": "!",
}

_FILES: dict[FileKind, str] = {"csv": "CSV", "json": "JSON", "html": "Report"}


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a sweep will take before it starts.

    Attributes:
        total: Its runs.
        known: So many of them have finished already, in whatever sweep.
        seconds: For the others, on this machine; `None` where nothing was measured.
    """

    total: int
    known: int
    seconds: float | None


def choices_html(choices: Choices, *, of_sweep: bool = False) -> Markup:
    """The fields, filled in: from the form above, or with what the sweep below was asked for."""
    depth = choices.kind == "depth"
    boxes = [_method_box(method, checked=method in choices.methods) for method in usual_methods(choices.kind)]
    legend = "Lines to compare with" if depth else "Methods"
    labels = "Labels" if depth else "Numbers of labels"
    hint = f"a number, or {ALL}" if depth else f"from few to many, with commas; {ALL} is all of them"
    return join(
        [
            element(
                "p",
                element("b", _data(choices.dataset)),
                " · ",
                element("span", choices.backbone, translate="no"),
                *([" · ", element("span", _epochs(choices.epochs))] if choices.epochs else []),
                element("span", " of the sweep below" if of_sweep else " from the setup above", class_="facts"),
                class_="sweep-about",
            ),
            element("fieldset", element("legend", legend), *boxes, class_="sweep-methods"),
            element(
                "div",
                _field("labels", labels, choices.labels, hint=hint),
                _field("seeds", "Seeds", choices.seeds, hint="each draws its own labels"),
                class_="sweep-fields",
            ),
        ]
    )


def _epochs(epochs: int) -> str:
    return "1 epoch" if epochs == 1 else f"{epochs:,} epochs"


def _method_box(method: str, *, checked: bool) -> Markup:
    box = element("input", type="checkbox", name="sweep-method", value=method, checked=checked)
    return element("label", box, " ", get_method(method).title)


def _field(name: str, label: str, value: str, *, hint: str) -> Markup:
    field = element(
        "input", type="text", name=f"sweep-{name}", value=value, autocomplete="off", spellcheck="false",
        inputmode="numeric" if name == "seeds" else None, aria_describedby=f"sweep-{name}-hint", maxlength=400,
    )  # fmt: skip
    words = element("span", hint, class_="facts", id=f"sweep-{name}-hint")
    return element("div", element("label", element("span", label), field), words, class_=f"sweep-field {name}")


def estimate_words(estimate: Estimate, *, is_shown: bool = False) -> str:
    """What it will take, in a sentence; `is_shown` is whether this very sweep is on the screen."""
    runs = "1 run" if estimate.total == 1 else f"{estimate.total:,} runs"
    left = estimate.total - estimate.known
    if not left:
        return f"{runs}, all known already: the figure is {'below' if is_shown else 'there at once'}."
    known = f", of which {estimate.known:,} known already" if estimate.known else ""
    if estimate.seconds is None:
        return f"{runs}{known}. How long they take is seen when the first have finished: nothing was measured before."
    return f"{runs}{known}: about {rough_duration(estimate.seconds)}, in the background."


def launch_html(progress: SweepProgress | None, *, same: bool, idle: bool) -> Markup:
    """The one button: Start, Cancel in the same place, Resume.

    Args:
        progress: Of the sweep on the screen.
        same: Whether the fields ask for that very sweep.
        idle: Whether there is nothing to start: what the fields ask for can't work, or is on the screen, whole.
    """
    if progress is not None and not progress.is_over:
        return _button("Cancel", action="stop", sweep=progress.sweep_id)
    if progress is not None and same and (progress.state != "finished" or progress.failed):
        label = "Resume" if progress.state != "finished" else "Try the failed runs again"
        return _button(label, action="resume", sweep=progress.sweep_id)
    return _button("Start the sweep", action="start", disabled=idle)


def _button(label: str, *, action: str, sweep: str | None = None, disabled: bool = False) -> Markup:
    return element(
        "button", label, type="button", class_="ask", data_do=action, data_sweep=sweep, disabled=disabled
    )  # fmt: skip


def sweep_title(config: SweepConfig) -> Markup:
    """What a sweep is called."""
    backbone = element("span", config.backbone, translate="no")
    return join([element("span", TITLES[config.kind]), " · ", _data(config.dataset.name), " · ", backbone])


def _data(name: str) -> Markup:
    """A dataset's title; what it is called is data itself where it doesn't come with the app."""
    return element("span", dataset_title(name), translate=None if name in DATASETS else "no")


def progress_html(progress: SweepProgress) -> Markup:
    """How far it is: a bar while it is on its way, and a line."""
    bar = None
    if not progress.is_over:
        done = round(100 * progress.share)
        bar = element(
            "span", element("i", style=f"width:{done}%"), class_="bar", role="progressbar", aria_valuenow=done,
            aria_valuemin=0, aria_valuemax=100, aria_label="How far the sweep is",
        )  # fmt: skip
    return join([bar, element("p", progress_words(progress), class_="facts")])


def progress_words(progress: SweepProgress) -> str:
    """How far it is, what is left, and why it waits."""
    done = done_words(progress)
    match progress.state:
        case "finished":
            return f"Finished: {done}."
        case "stopped":
            return f"Cancelled: {done}. What has finished is kept."
        case "interrupted":
            return f"Interrupted, since the program that ran it has ended: {done}. What has finished is kept."
        case _:
            left = f" · about {rough_duration(progress.eta_s)} left" if progress.eta_s is not None else ""
            return f"{done}{left}{_waiting(progress)}"


def _waiting(progress: SweepProgress) -> str:
    if progress.waits_for == "comparison":
        return " · waits: comparisons go first"
    if progress.waits_for == "sweep":
        return f" · waits for an earlier sweep, place {progress.place}"
    return ""


def downloads_html(progress: SweepProgress) -> Markup:
    """What can be taken home of a sweep."""
    if not progress.finished:
        return Markup("")
    buttons = [
        element(
            "button", label, type="button", class_="quiet", data_download=kind, data_sweep=progress.sweep_id,
            aria_label=f"Download: {label}",
        )
        for kind, label in _FILES.items()
    ]  # fmt: skip
    return element("div", element("span", "Download", class_="caption"), *buttons, class_="sweep-downloads")


def list_html(sweeps: Sequence[tuple[SweepProgress, bool]], *, shown: str, now: float) -> Markup:
    """Earlier sweeps, newest first; a click shows one.

    Args:
        sweeps: Each with whether this visitor may delete it.
        shown: Id of the one on the screen.
        now: Seconds since 1970.
    """
    return join([_row(progress, may_delete=mine, shown=shown, now=now) for progress, mine in sweeps])


def _row(progress: SweepProgress, *, may_delete: bool, shown: str, now: float) -> Markup:
    state = element(
        "span", sign(_STATE_SIGNS[progress.state]), " ", element("span", done_words(progress)), class_="tag"
    )
    opener = element(
        "button",
        element("span", clock_time(progress.created_at, now=now), class_="at"),
        element("b", sweep_title(progress.config)),
        element("span", state, class_="tags"),
        element("span", about_sweep(progress.config), class_="facts"),
        type="button",
        class_="history-open",
        data_show=progress.sweep_id,
        aria_current="true" if progress.sweep_id == shown else None,
    )
    hidden = element(
        "span", f": {TITLES[progress.config.kind]} ({clock_time(progress.created_at, now=now)})", class_="reader-only"
    )
    delete = element("button", "Delete", hidden, type="button", class_="quiet", data_delete=progress.sweep_id)
    return element("li", opener, element("div", delete if may_delete else None, class_="row-actions"))


def question_html(progress: SweepProgress, *, now: float) -> Markup:
    """Asks before a sweep is deleted."""
    name = f"{TITLES[progress.config.kind]} ({clock_time(progress.created_at, now=now)})"
    fact = "Its runs go, too, except for those that another sweep has in its figure. Nothing brings them back."
    return element(
        "div",
        element("p", element("b", f"Delete {name}?"), id="sweep-question"),
        element("p", fact, class_="facts"),
        element(
            "p",
            element("button", "Keep it", type="button", class_="quiet", data_keep=True),
            element(
                "button", "Delete for good", type="button", class_="quiet is-final", data_confirm=progress.sweep_id
            ),
            class_="answers-to-it",
        ),
        role="alertdialog",
        aria_labelledby="sweep-question",
        class_="question",
    )


def end_words(progress: SweepProgress) -> str:
    """What is told aloud when a sweep has ended; before that nothing is."""
    return f"The sweep {_END_WORDS[progress.state]}: {done_words(progress)}." if progress.is_over else ""
