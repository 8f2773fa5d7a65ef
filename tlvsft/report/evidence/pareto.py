"""Cost against accuracy: one chart over time, one over operations, and the runs on the fronts in a table."""

from __future__ import annotations

from collections.abc import Sequence

from tlvsft.catalog.methods import get_method
from tlvsft.comparison.evidence.pareto import CostName, ParetoEvidence, PlacedRun
from tlvsft.comparison.figures import MISSING, operations, short_seconds
from tlvsft.report.legends import side_legend
from tlvsft.report.markup import Child, Markup, element, join, sign
from tlvsft.report.scatter import Spot, scatter_chart
from tlvsft.report.tables import sign_of, table

LETTERS = {
    "linear_probe": "P",
    "partial": "H",
    "full": "F",
    "gradual_unfreezing": "G",
    "discriminative_rates": "D",
    "lp_ft": "T",
    "lora": "L",
    "nearest_centroid": "C",
    "from_scratch": "S",
    "random_features": "R",
}
"""What stands for a method's runs."""
_AXES: dict[CostName, tuple[str, float]] = {"train_s": ("seconds of training", 1.0), "train_flops": ("GFLOP", 1e9)}
_TABLED = 24
"""Equal runs, repeated many times, all stand on a front."""


def pareto_drawing(evidence: ParetoEvidence) -> Markup:
    """Both charts, what their marks mean, and the table."""
    charts = [
        element("figure", element("figcaption", _title(evidence, name), class_="facts"), chart)
        for name in _AXES
        if (chart := _chart(evidence, name)) is not None
    ]
    return join(
        [
            _key(evidence),
            element("div", *charts, class_="figures"),
            element("p", evidence.note, class_="facts") if evidence.note else None,
            element("details", element("summary", "Both sides and the fronts in numbers"), _table(evidence)),
        ]
    )


def _chart(evidence: ParetoEvidence, name: CostName) -> Markup | None:
    """Nothing where no run's cost is known."""
    x_title, unit = _AXES[name]
    drawn = [run for run in evidence.runs if run.cost(name)]
    if not drawn:
        return None
    layers = sorted(drawn, key=lambda run: (run.side is not None, run.competes))
    front = [((run.cost(name) or 0) / unit, run.score) for run in evidence.on_front(name) if run.cost(name)]
    return scatter_chart(
        [_spot(evidence, run, (run.cost(name) or 0) / unit) for run in layers],
        front,
        title=_title(evidence, name),
        x_title=f"{x_title}, logarithmic",
        per_cent=not evidence.predicts_words,
    )


def _title(evidence: ParetoEvidence, name: CostName) -> str:
    measure = "Test perplexity (lower is better)" if evidence.predicts_words else "Test accuracy"
    return f"{measure} over {_AXES[name][0]}"


def _spot(evidence: ParetoEvidence, run: PlacedRun, x: float) -> Spot:
    look = run.side or ("letter" if run.competes else "faint")
    span = run.ci95 if run.side else None
    words = f"{get_method(run.method).title}: {', '.join(_facts(evidence, run))}"
    return Spot(x=x, y=run.score, look=look, letter=LETTERS.get(run.method, "?"), words=words, span=span)


def _facts(evidence: ParetoEvidence, run: PlacedRun) -> list[str]:
    things = "texts" if evidence.predicts_words else "labels"
    given = f"all {things}" if run.labels is None else f"{run.labels:,} {things}"
    flops = [] if run.train_flops is None else [operations(run.train_flops)]
    return [evidence.write(run.score), given, f"seed {run.seed}", short_seconds(run.train_s), *flops]


def _key(evidence: ParetoEvidence) -> Markup:
    """What the marks mean, of those that are there."""
    methods = {run.method for run in evidence.runs if run.side is None and run.competes}
    letters = [
        element("span", element("b", LETTERS[name], translate="no"), f" {get_method(name).title}")
        for name in LETTERS
        if name in methods
    ]
    others = not all(run.competes for run in evidence.runs)
    things = "texts" if evidence.predicts_words else "labels"
    faint = [element("span", sign("· "), f"with other {things}")] if others else []
    front = element("span", sign("— "), "the front")
    interval = (
        [element("span", sign("│ "), "95 % interval")] if any(run.side and run.ci95 for run in evidence.runs) else []
    )
    return side_legend(evidence.names, *letters, *faint, *interval, front)


def _table(evidence: ParetoEvidence) -> Markup:
    fronts = [*evidence.on_front("train_s"), *evidence.on_front("train_flops")]
    listed = {run.run_id: run for run in [*[run for run in evidence.runs if run.side], *fronts]}
    ordered = sorted(listed.values(), key=lambda run: run.train_s)
    measure = "perplexity" if evidence.predicts_words else "accuracy"
    heads = ["run", "seed", "time", "FLOPs", f"test {measure}", "on the front of"]
    rows = [_row(evidence, run) for run in ordered[:_TABLED]]
    left_out = f"; {len(ordered) - _TABLED:,} more are left out" if len(ordered) > _TABLED else ""
    return table(heads, rows, caption=f"The quickest first{left_out}", class_="fronts")


def _row(evidence: ParetoEvidence, run: PlacedRun) -> Sequence[Child]:
    title = get_method(run.method).title
    name = element("span", sign_of(run.side), title, class_=run.side) if run.side else title
    interval = "" if run.ci95 is None else f" ({evidence.write(run.ci95[0])} to {evidence.write(run.ci95[1])})"
    words = {"train_s": "time", "train_flops": "FLOPs"}
    fronts = [words[cost] for cost, ids in evidence.fronts.items() if run.run_id in ids]
    flops = MISSING if run.train_flops is None else operations(run.train_flops)
    score = f"{evidence.write(run.score)}{interval}"
    return [name, str(run.seed), short_seconds(run.train_s), flops, score, " and ".join(fronts) or MISSING]
