"""What both sides cost, as bars in a table: within a row, lengths are to scale and begin at nothing."""

from __future__ import annotations

from tlvsft.comparison.evidence.cost import MEASURES, Amount, CostEvidence, Measure
from tlvsft.comparison.figures import MISSING, multiple
from tlvsft.config import SIDES, Side
from tlvsft.report.legends import side_name
from tlvsft.report.markup import Markup, element, join
from tlvsft.report.tables import table

_LENGTH, _THICKNESS = 100, 6
_LEAST_SPREAD = 0.005
"""A spread below this share of the mean wouldn't be seen in its digits."""


def cost_drawing(evidence: CostEvidence) -> Markup:
    """One row for each kind of cost that was measured."""
    rows = [
        [MEASURES[name].title, *[_cell(MEASURES[name], amounts.get(side), side, largest) for side in SIDES], ratio]
        for name, amounts in evidence.amounts.items()
        if amounts
        for largest in (max(amount.mean for amount in amounts.values()),)
        for ratio in (_ratio(evidence.ratio(name)),)
    ]
    heads = [side_name(evidence.names, side) for side in SIDES]
    spread = " ± one standard deviation over the seeds" if evidence.seeds > 1 else ""
    caption = f"Costs{spread}; bars are to scale within a row"
    return table(["", *heads, "right ÷ left"], rows, caption=caption, class_="costs")


def _cell(measure: Measure, amount: Amount | None, side: Side, largest: float) -> Markup | str:
    if amount is None:
        return MISSING
    words = measure.write(amount.mean)
    known = amount.spread or 0.0
    spread = f" ± {measure.write(known)}" if known > _LEAST_SPREAD * amount.mean else ""
    length = round(_LENGTH * amount.mean / largest, 2) if largest else 0
    bar = element(
        "svg",
        element("rect", class_="rail", width=_LENGTH, height=_THICKNESS),
        element("rect", class_="bar", width=length, height=_THICKNESS),
        viewBox=f"0 0 {_LENGTH} {_THICKNESS}",
        preserveAspectRatio="none",
        aria_hidden="true",
        class_=side,
    )
    return join([element("span", words + spread), bar])


def _ratio(ratio: float | None) -> str:
    return MISSING if ratio is None else f"{multiple(ratio)} ×"
