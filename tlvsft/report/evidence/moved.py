"""What moved: dots for each block, of its weights and of what it gives, and the same as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tlvsft.comparison.evidence.moved import MovedBlock, MovedEvidence, OverSeeds
from tlvsft.comparison.figures import MISSING
from tlvsft.comparison.movements import share_words
from tlvsft.comparison.naming import block_title, capitalise
from tlvsft.comparison.similarities import cka_words
from tlvsft.config import HEAD_BLOCK, SIDES
from tlvsft.report.charts import find_ticks
from tlvsft.report.drawings_dots import Dot, DotRow, dot_chart
from tlvsft.report.legends import side_legend
from tlvsft.report.markup import Markup, element
from tlvsft.report.tables import sign_of, table

_CKA_TICKS = ((0.9, (0.9, 0.925, 0.95, 0.975, 1.0)), (0.5, (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)))
"""From which lowest value on the axis may begin where."""
_WHOLE = (0.0, 0.25, 0.5, 0.75, 1.0)
_WEIGHTS = "How far a block's weights are from where the run began, as a share of their length (L2) there"
_CKA = (
    "How much what a block gives for the same validation examples resembles what the pretrained one gives (linear CKA)"
)
_HOW = (
    "CKA is 1 where both lie alike, turned or scaled perhaps, and around 0 where they have nothing in common; it is "
    "exactly 1 where nothing in or before the block has changed. The head is no part of the backbone: it is in the "
    "table alone."
)


def moved_drawing(evidence: MovedEvidence) -> Markup:
    """Two charts on the same rows, what they mean, and the numbers."""
    measured = any(block.cka for side in SIDES for block in evidence.blocks[side].values())
    charts = [_figure(evidence, _WEIGHTS, lambda block: block.weight_change, share_words, _change_ticks(evidence))]
    if measured:
        charts.append(_figure(evidence, _CKA, lambda block: block.cka, cka_words, _cka_ticks(evidence)))
    spread = [element("p", "Marks are means over seeds, lines the range of the seeds.", class_="facts")]
    return element(
        "div",
        side_legend(evidence.names),
        element("div", *charts, class_="figures"),
        *(spread if evidence.seeds > 1 else []),
        element("p", _HOW, class_="facts") if measured else None,
        _controls(evidence) if measured else None,
        element("details", element("summary", "The same as a table"), _numbers(evidence)),
        class_="moved",
    )


def _figure(
    evidence: MovedEvidence,
    caption: str,
    read: Callable[[MovedBlock], OverSeeds | None],
    write: Callable[[float], str],
    ticks: Sequence[tuple[float, str]],
) -> Markup:
    rows = [
        DotRow(block_title(name), {side: _dot(evidence.blocks[side].get(name), read) for side in SIDES})
        for name in evidence.block_names
        if name != HEAD_BLOCK
    ]
    chart = dot_chart(rows, title=caption, ticks=ticks, write=write)
    return element("figure", element("figcaption", caption, class_="facts"), chart)


def _dot(block: MovedBlock | None, read: Callable[[MovedBlock], OverSeeds | None]) -> Dot | None:
    measured = None if block is None else read(block)
    return None if measured is None else Dot(measured.mean, measured.low, measured.high)


def _change_ticks(evidence: MovedEvidence) -> list[tuple[float, str]]:
    highest = max((measured.high for measured in _backbone(evidence, lambda block: block.weight_change)), default=0.0)
    return [(tick, share_words(tick)) for tick in find_ticks(0.0, highest or 0.01)]


def _cka_ticks(evidence: MovedEvidence) -> list[tuple[float, str]]:
    lowest = min((measured.low for measured in _backbone(evidence, lambda block: block.cka)), default=1.0)
    chosen = next((ticks for least, ticks in _CKA_TICKS if lowest >= least), _WHOLE)
    return [(tick, f"{tick:g}") for tick in chosen]


def _backbone(evidence: MovedEvidence, read: Callable[[MovedBlock], OverSeeds | None]) -> list[OverSeeds]:
    blocks = [block for side in SIDES for name, block in evidence.blocks[side].items() if name != HEAD_BLOCK]
    return [measured for block in blocks if (measured := read(block)) is not None]


def _controls(evidence: MovedEvidence) -> Markup | None:
    if not evidence.controls:
        return None
    names = " and ".join(evidence.names[side] for side in evidence.controls)
    verb = "starts" if len(evidence.controls) == 1 else "start"
    words = f"{capitalise(names)} {verb} from random weights: CKA is with the pretrained backbone all the same."
    return element("p", words, class_="facts")


def _numbers(evidence: MovedEvidence) -> Markup:
    heads = [
        element("span", sign_of(side), f"{capitalise(evidence.names[side])}: {what}", class_=side)
        for side in SIDES
        for what in ("weight change", "CKA")
    ]
    rows = [
        [block_title(name), *[cell for side in SIDES for cell in _cells(evidence.blocks[side].get(name))]]
        for name in evidence.block_names
    ]
    caption = "At the end of the runs" + ("; in brackets the range over seeds" if evidence.seeds > 1 else "")
    return table(["block", *heads], rows, caption=caption, class_="numbers")


def _cells(block: MovedBlock | None) -> list[str]:
    if block is None:
        return [MISSING, MISSING]
    return [_write(block.weight_change, share_words), _write(block.cka, cka_words)]


def _write(measured: OverSeeds | None, write: Callable[[float], str]) -> str:
    if measured is None:
        return MISSING
    span = f" ({write(measured.low)} to {write(measured.high)})" if measured.high > measured.low else ""
    return write(measured.mean) + span
