"""Out of distribution: what the images became, dumbbells from ordinary to shifted, and the same as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlvsft.comparison.evidence.shifted import Kind, ShiftedEvidence, SideScore
from tlvsft.comparison.figures import MISSING, percent, signed
from tlvsft.comparison.naming import capitalise
from tlvsft.config import SIDES, Side
from tlvsft.report.drawings_dots import mark
from tlvsft.report.legends import side_legend, side_name
from tlvsft.report.markup import Child, Markup, element
from tlvsft.report.tables import table

if TYPE_CHECKING:
    from tlvsft.evaluation.statistics import PairedDifference

_WIDTH, _ROW, _TOP, _BOTTOM, _LEFT, _RIGHT = 480, 46, 6, 28, 78, 26
_APART = 9.0
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_PICTURE = "data:image/png;base64,"
_SAME = (
    "The trained models are asked once more, at the end, about the same test images, changed; nothing is trained on "
    "them."
)
_STRENGTH = {
    True: "The changes are as strong as they can be while people still read every digit.",
    False: "The noise is the third of five degrees that are usual for photos.",
}
_OTHERS = (
    "Nothing was computed anew: these are the answers of the test, by kind. The training examples hold each kind, too: "
    "this is another kind than most, not an unseen one."
)
_COLUMNS = (
    "Under each accuracy: by how many points it differs from that on ordinary ones. Lead: the right side's accuracy "
    "minus the left's. Holds up: the right side's change minus the left's."
)
_SEEDS = " Accuracies are means over seeds, in square brackets their range."
_POINT = (
    "Kumar et al. (2022, arXiv:2202.10054) found that fine-tuning can be ahead in distribution and behind out of it, "
    "since it distorts pretrained features; training the head first (LP-FT) avoids much of that."
)


def shifted_drawing(evidence: ShiftedEvidence) -> Markup:
    """Pictures, the figure, what it means, and the numbers."""
    if not evidence.kinds:
        return element("p", "Images are tested turned, noisy and, where they show strokes, thicker.", class_="facts")
    caption = "Test accuracy: hollow marks on ordinary examples, full marks on those of the row"
    figure = element("figure", element("figcaption", caption, class_="facts"), _dumbbells(evidence, caption))
    group = evidence.kinds[-1]
    strokes = any(kind.name == "thick" for kind in evidence.kinds)
    kept = (
        f"{_SAME} {_STRENGTH[strokes]}"
        if evidence.same_examples
        else f"{capitalise(group.name)}: {group.words}. {_OTHERS}"
    )
    texts = (kept, *_met(evidence), _POINT)
    words = [element("p", text, class_="facts") for text in texts]
    return element(
        "div",
        _pictures(evidence),
        side_legend(evidence.names),
        element("div", figure, element("div", *words), class_="figures"),
        _numbers(evidence),
        element("p", _COLUMNS + (_SEEDS if evidence.seeds > 1 else ""), class_="facts"),
        class_="shifted-part",
    )


def _met(evidence: ShiftedEvidence) -> list[str]:
    if not evidence.met:
        return []
    return [f"In its pretraining the backbone has met {' and '.join(evidence.met)} images: they are no news to it."]


def _pictures(evidence: ShiftedEvidence) -> Markup | None:
    """One example under each shift."""
    shown = [
        element(
            "figure",
            element("img", src=kind.picture, alt=f"A test image, {kind.name}"),
            element("figcaption", element("b", kind.name), element("br"), kind.words),
        )
        for kind in evidence.kinds
        if kind.picture is not None and kind.picture.startswith(_PICTURE)
    ]
    return element("div", *shown, class_="shift-pictures") if shown else None


def _across(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _dumbbells(evidence: ShiftedEvidence, title: str) -> Markup:
    ordinary, *shifted = evidence.kinds
    bottom = _TOP + _ROW * len(shifted)
    grid = [element("path", class_="grid", d=f"M{_across(tick)} {_TOP}V{bottom}") for tick in _TICKS]
    labels = [
        element("text", f"{100 * tick:.0f} %", class_="tick middle", x=_across(tick), y=bottom + 18) for tick in _TICKS
    ]
    rows = []
    for number, kind in enumerate(shifted):
        middle = _TOP + _ROW * (number + 0.5)
        is_data = None if evidence.same_examples else "no"
        rows.append(
            element("text", kind.name, class_="tick end", x=_LEFT - 8, y=middle + 4, translate=is_data),
        )
        rows += [_dumbbell(side, ordinary, kind, middle) for side in SIDES]
    return element(
        "svg",
        element("title", title),
        *grid,
        *labels,
        *rows,
        viewBox=f"0 0 {_WIDTH} {bottom + _BOTTOM}",
        role="img",
        class_="drawn dumbbells",
    )


def _dumbbell(side: Side, ordinary: Kind, kind: Kind, middle: float) -> Markup:
    y = middle + (-_APART if side == "left" else _APART)
    before, after = ordinary.sides[side].accuracy, kind.sides[side].accuracy
    return element(
        "g",
        element("title", f"{kind.name}: {percent(before)} → {percent(after)}"),
        element("path", class_="line", d=f"M{_across(before)} {y}H{_across(after)}"),
        element("g", mark(side, _across(before), y), class_="hollow"),
        mark(side, _across(after), y),
        class_=side,
    )


def _numbers(evidence: ShiftedEvidence) -> Markup:
    heads = [side_name(evidence.names, side) for side in SIDES]
    rows: list[list[Child]] = [
        [
            _name(kind, evidence, before="… " if kind in evidence.parts else ""),
            f"{kind.examples:,}",
            *[_cell(kind.sides[side]) for side in SIDES],
            _points(kind.lead),
            MISSING if kind.holds is None else _points(kind.holds),
        ]
        for kind in (*evidence.kinds[:1], *evidence.parts, *evidence.kinds[1:])
    ]
    caption = "In numbers; in round brackets 95 % intervals"
    return table(["", "examples", *heads, "lead", "holds up"], rows, caption=caption, class_="numbers shifted")


def _name(kind: Kind, evidence: ShiftedEvidence, *, before: str) -> Markup:
    """What a kind is called; groups have their names from the data, which nobody translates."""
    is_data = not evidence.same_examples and kind is not evidence.kinds[0]
    return element("span", before + kind.name, translate="no" if is_data else None)


def _cell(score: SideScore) -> Markup:
    low, high = (100 * end(score.each) for end in (min, max))
    each = f" [{low:.1f} to {high:.1f}]" if len(score.each) > 1 else ""
    change = None if score.change is None else element("small", _points(score.change))
    return element("span", f"{percent(score.accuracy)}{each}", change)


def _points(found: PairedDifference) -> str:
    low, high = (100 * end for end in found.ci95)
    return f"{signed(100 * found.difference)} ({signed(low)} to {signed(high)})"
