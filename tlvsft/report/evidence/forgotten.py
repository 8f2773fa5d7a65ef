"""What was forgotten, drawn: for each measure both sides from before to after, and the same as a table."""

from __future__ import annotations

from collections.abc import Callable

from tlvsft.comparison.evidence.forgotten import ForgottenEvidence, Measure
from tlvsft.comparison.evidence.forgotten_numbers import Change
from tlvsft.comparison.evidence.forgotten_words import write_change, write_interval, write_value
from tlvsft.comparison.figures import MISSING
from tlvsft.comparison.naming import capitalise
from tlvsft.config import SIDES, Side
from tlvsft.report.drawings_slopes import Slope, slope_chart
from tlvsft.report.legends import side_legend, side_name
from tlvsft.report.markup import Markup, element

_TITLES = {
    "general_english": "Perplexity on general English: lower is better",
    "agreement": "Agreement with the untouched model on the test images: a proxy",
    "heldout_accuracy": "True accuracy on held-out source data",
    "heldout_perplexity": "Perplexity on held-out source data: lower is better",
}
_PUT_BACK = "The pretrained head, put back on the adapted backbone,"
_NOTES = {
    "general_english": f"{_PUT_BACK} reads the bundled paragraphs.",
    "agreement": (
        "How often the pretrained head, put back on the adapted backbone, gives the same source class as on the "
        "untouched one. Nobody needs to know which class is right, so it says how far the backbone moved, not how much "
        "it got wrong."
    ),
    "heldout_accuracy": f"{_PUT_BACK} on data that pretraining never saw.",
    "heldout_perplexity": f"{_PUT_BACK} reads texts that pretraining never saw.",
}
_OWN_HEAD = "The trained model reads them with its own head, which had learnt the same task before."


def forgotten_drawing(evidence: ForgottenEvidence) -> Markup:
    """A slope and a table for each measure; nothing where both sides started from random weights."""
    if not evidence.measures:
        return element("p", "Nothing was pretrained on either side.", class_="facts")
    figures = [_figure(measure, evidence) for measure in evidence.measures]
    return element(
        "div",
        side_legend(evidence.names),
        element("div", *figures, class_="figures"),
        _table(evidence),
        class_="forgotten",
    )


def _figure(measure: Measure, evidence: ForgottenEvidence) -> Markup:
    def write(value: float) -> str:
        return write_value(measure, value)

    slopes = [
        _slope(measure, side, change, evidence.names[side], write)
        for side in SIDES
        if (change := measure.changes[side]) is not None
    ]
    title = _TITLES[measure.measured]
    chart = slope_chart(slopes, title=f"{title}, before and after.", write=write, per_cent=measure.is_share)
    note = _OWN_HEAD if evidence.predicts_words else _NOTES[measure.measured]
    caption = element("figcaption", element("b", title), element("small", note))
    return element("figure", caption, chart)


def _slope(measure: Measure, side: Side, change: Change, name: str, write: Callable[[float], str]) -> Slope:
    low, high = _ends(measure, change)
    hint = f"{capitalise(name)}: {write(change.before)} → {write(change.after)}"
    return Slope(side=side, before=change.before, after=change.after, low=low, high=high, hint=hint)


def _ends(measure: Measure, change: Change) -> tuple[float | None, float | None]:
    """The interval of what is after, from that of the change."""
    if change.ci95 is None or change.unchanged:
        return None, None
    low, high = change.ci95
    if measure.is_share:
        return min(max(change.before + low, 0.0), 1.0), min(max(change.before + high, 0.0), 1.0)
    return change.before * (1 + low), change.before * (1 + high)


def _table(evidence: ForgottenEvidence) -> Markup:
    heads = ("Measured on", "Model", "Before", "After", "Change", "95 % interval")
    rows = [
        element("tr", *[element("td", cell) for cell in cells])
        for measure in evidence.measures
        for cells in _cells(measure, evidence)
    ]
    caption = "What was forgotten, as numbers"
    table = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *[element("th", head, scope="col") for head in heads])),
        element("tbody", *rows),
    )
    return element("div", table, class_="scroll", role="region", aria_label=caption, tabindex="0")


def _cells(measure: Measure, evidence: ForgottenEvidence) -> list[list[str | Markup]]:
    count = f"{measure.examples:,} {measure.unit}" if measure.examples else measure.unit
    rows: list[list[str | Markup]] = []
    for side in SIDES:
        change = measure.changes[side]
        name = side_name(evidence.names, side)
        if change is None:
            control = "nothing to forget" if side in evidence.controls else MISSING
            rows.append([count, name, MISSING, MISSING, control, MISSING])
            continue
        interval = write_interval(measure, change) or ("unchanged weights" if change.unchanged else MISSING)
        before, after = write_value(measure, change.before), write_value(measure, change.after)
        rows.append([count, name, before, after, write_change(measure, change.change), interval])
    return rows
