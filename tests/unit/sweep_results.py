"""Results of sweeps as the engine would read them, made up for tests of what shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tlvsft.catalog.methods import get_method
from tlvsft.config import DatasetConfig
from tlvsft.sweeps.config import PARTIAL, SweepConfig
from tlvsft.sweeps.label_ratio import LabelRatio
from tlvsft.sweeps.results import (
    CellResult,
    ControlLine,
    Crossing,
    Curve,
    Forgetting,
    Point,
    Readings,
    SweepProgress,
    SweepResults,
)

UNITS = ("embedding", "0", "1", "2", "3")
LABELS = (10, 20, 50, 100, 200, 500, 1000, 1197)
ACCURACIES = {
    "linear_probe": (0.55, 0.72, 0.88, 0.91, 0.93, 0.94, 0.947, 0.95),
    "full": (0.42, 0.65, 0.90, 0.945, 0.96, 0.975, 0.98, 0.985),
    "from_scratch": (0.18, 0.3, 0.52, 0.68, 0.82, 0.91, 0.95, 0.955),
    "random_features": (0.22, 0.33, 0.47, 0.58, 0.66, 0.74, 0.78, 0.79),
}


def labels_config(methods: Sequence[str] = tuple(ACCURACIES), *, seeds: int = 3) -> SweepConfig:
    return SweepConfig(
        kind="labels", backbone="glyphs-resnet", dataset=DatasetConfig(name="digits"), methods=tuple(methods),
        labels=(*LABELS[:-1], None), train_size=LABELS[-1], seeds=seeds,
    )  # fmt: skip


def depth_config(*, seeds: int = 3) -> SweepConfig:
    return SweepConfig(
        kind="depth", backbone="glyphs-resnet", dataset=DatasetConfig(name="digits"),
        methods=("linear_probe", "full", "from_scratch", "random_features"), labels=(50,), train_size=LABELS[-1],
        units=UNITS, depths=tuple(range(len(UNITS) + 1)), seeds=seeds,
    )  # fmt: skip


def point(
    x: int | None, accuracy: float, *, labels: int = 50, half: float = 0.02, seeds: int = 3, cost_s: float = 2.0,
    forgetting: Forgetting | None = None,
) -> Point:  # fmt: skip
    return Point(
        x=x, labels=labels if x is None else x, accuracy=accuracy,
        ci95=(max(0.0, accuracy - half), min(1.0, accuracy + half)), by_seed=(accuracy,) * seeds, seeds=seeds,
        cost_s=cost_s, peak_memory_bytes=4e8, forgetting=forgetting,
    )  # fmt: skip


def progress(config: SweepConfig, *, finished: int | None = None, failed: int = 0, **options: object) -> SweepProgress:
    total = config.count_cells()
    whole = finished is None
    usual = SweepProgress(
        sweep_id="abc123", config=config, state="finished" if whole else "running", created_at=1.8e9, total=total,
        finished=total - failed if finished is None else finished, failed=failed, running=0 if whole else 1,
        share=1.0 if whole else (finished or 0) / total,
        eta_s=None if whole else 80.0, place=None if whole else 1, waits_for=None, stamp="1",
    )  # fmt: skip
    return replace(usual, **options)  # type: ignore[arg-type]


def labels_results(
    accuracies: Mapping[str, Sequence[float | None]] | None = None, **options: object
) -> SweepResults:  # fmt: skip
    """Of a sweep over labels; `None` stands for a place that isn't measured yet."""
    known = ACCURACIES if accuracies is None else accuracies
    config = labels_config(tuple(known))
    curves = tuple(
        Curve(
            method=method, title=get_method(method).title,
            points=tuple(
                point(x, accuracy) for x, accuracy in zip(LABELS, values, strict=True) if accuracy is not None
            ),
        )
        for method, values in known.items()
    )  # fmt: skip
    usual = SweepResults(
        progress=progress(config), curves=curves, controls=(), crossings=(), label_ratios=(), label_ratio=None,
        readings=Readings(accuracy="Full overtakes.", cost="The probe is faster.", forgetting=None, label_ratio=None),
        cells=(),
    )  # fmt: skip
    return replace(usual, **options)  # type: ignore[arg-type]


def ratio(*, needed: float = 400.0, bound: str = "=") -> LabelRatio:
    return LabelRatio(
        dataset="digits", backbone="glyphs-resnet", labels=50, method="full", accuracy=0.9, needed=needed,
        bound=bound,  # type: ignore[arg-type]
    )  # fmt: skip


def crossing(*, between: tuple[int, int] | None = (20, 100)) -> Crossing:
    return Crossing(behind="linear_probe", ahead="full", x=41.0, between=between)


def failed_cell(*, depth: int | None = None) -> CellResult:
    return CellResult(
        method="full" if depth is None else PARTIAL, labels=50, depth=depth, seed=1, state="failed", share=0.0,
        message="Out of memory: try fewer labels.", duration_s=None, figures={},
    )  # fmt: skip


def depth_results(*, measured: int = 6, forgets: bool = True, **options: object) -> SweepResults:
    """Of a sweep over depth, of which so many depths are measured."""
    config = depth_config()
    values = (0.95, 0.952, 0.948, 0.93, 0.91, 0.88)
    costs = (6.0, 5.8, 5.0, 4.1, 3.0, 1.9)
    after = (0.42, 0.43, 0.5, 0.62, 0.8, 1.0)

    def forgetting(share: float) -> Forgetting | None:
        return Forgetting(measure="source_agreement", before=None, after=share, seeds=3) if forgets else None

    points = tuple(
        replace(point(depth, values[depth], cost_s=costs[depth], forgetting=forgetting(after[depth])), labels=50)
        for depth in range(measured)
    )
    levels = {"linear_probe": (0.88, 1.9, 1.0), "full": (0.95, 6.0, 0.42), "from_scratch": (0.52, 6.1, 0.0)}
    controls = tuple(
        ControlLine(
            method=method, title=get_method(method).title,
            point=point(None, accuracy, cost_s=cost, forgetting=forgetting(share) if share else None),
        )
        for method, (accuracy, cost, share) in levels.items()
    )  # fmt: skip
    usual = SweepResults(
        progress=progress(config), curves=(Curve(method=PARTIAL, title="Partly frozen", points=points),),
        controls=controls, crossings=(), label_ratios=(), label_ratio=None,
        readings=Readings(
            accuracy="Freezing costs little.", cost="Freezing saves time.", forgetting="Freezing keeps.",
            label_ratio=None,
        ),
        cells=(),
    )  # fmt: skip
    return replace(usual, **options)  # type: ignore[arg-type]
