"""What each column's run will take: time and memory, as an estimate that says what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from tlvsft.comparison import Estimate, compare_pace, estimate_run
from tlvsft.config import SIDES, RunConfig, Side
from tlvsft.errors import TlvsftError
from tlvsft.events import RunFinished
from tlvsft.ui.markup import Markup, element
from tlvsft.ui.services import Services
from tlvsft.ui.setup import Setup
from tlvsft.ui.visitor import Visitor

_COMPARISONS_READ = 30
_RUNS_COUNTED = 6
NOTHING_KNOWN = "No estimate yet: nothing was measured for this choice."


@dataclass(frozen=True, kw_only=True)
class _Measured:
    """An earlier run: what it should have taken on the reference machine, and how it finished here."""

    config: RunConfig
    estimate: Estimate
    finish: RunFinished


def estimates_html(services: Services, visitor: Visitor, setup: Setup) -> dict[Side, Markup]:
    """A line for each column; it never fails, since what can't be trained is said elsewhere."""
    earlier = _earlier_runs(services, visitor, setup)
    return {side: estimate_html(*_estimate(setup, side, earlier)) for side in SIDES}


def estimate_html(estimate: Estimate | None, basis: str = "") -> Markup:
    """Time and memory of one run in words, and what that rests on."""
    if estimate is None:
        return element("p", NOTHING_KNOWN, class_="estimate")
    figures = f"≈ {_duration(estimate.run_s)} in all · ≈ {estimate.peak_bytes / 1e6:,.0f} MB"
    if estimate.step_s is not None:
        unit = "steps" if estimate.steps > 1 else "step"
        figures = f"{estimate.steps:,} {unit} of ≈ {_duration(estimate.step_s)} · {figures}"
    note = element("span", f"estimated from {basis}", class_="basis")
    return element("p", element("span", figures, class_="nowrap"), " ", note, class_="estimate")


def _estimate(setup: Setup, side: Side, earlier: list[_Measured]) -> tuple[Estimate | None, str]:
    try:
        config = setup.config().run_config(side, setup.seed)
        estimate = estimate_run(config)
    except TlvsftError:
        return None, ""
    if estimate is None:
        return None, ""
    alike = [run for run in earlier if run.config.variant == config.variant][:_RUNS_COUNTED]
    chosen = alike or earlier[:_RUNS_COUNTED]
    pace = compare_pace([(run.estimate, run.finish) for run in chosen])
    if pace is None:
        return estimate, "another machine's runs"
    runs = "1 earlier run" if pace.runs == 1 else f"{pace.runs} earlier runs"
    return estimate.at_pace(pace), f"{runs} like it here" if alike else f"{runs} here"


def _earlier_runs(services: Services, visitor: Visitor, setup: Setup) -> list[_Measured]:
    """The finished runs of this backbone and task that the visitor may see, newest first."""
    found = []
    for record in services.store.comparisons(owner=visitor.owner, limit=_COMPARISONS_READ):
        if not record.is_finished or (record.config.backbone, record.config.task) != (setup.backbone, setup.task):
            continue
        for run in record.runs:
            config, finish = record.config.run_config(run.side, run.seed), services.feed.progress(run.id).finish
            estimate = estimate_run(config)
            if estimate is not None and finish is not None:
                found.append(_Measured(config=config, estimate=estimate, finish=finish))
    return found


def _duration(seconds: float) -> str:
    """Two significant figures, e.g. `12 ms`, `0.45 s`, `3.1 s`, `2 min 10 s`."""
    if seconds < 0.1:
        return f"{1000 * seconds:.2g} ms" if seconds < 0.01 else f"{1000 * seconds:.0f} ms"
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds / 10) * 10, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
