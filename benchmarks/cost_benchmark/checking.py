"""Are the estimates right? Stories' runs are measured afresh and held against what the page would have said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.cost_benchmark.measuring import measure_once
from benchmarks.cost_benchmark.settings import Setting
from tlvsft.catalog.backbones import default_frozen_blocks
from tlvsft.comparison import estimate_run
from tlvsft.errors import RunError

CHECKED = (
    (Setting("glyphs-resnet", "digits", "classification"), 50),
    (Setting("wiki-gpt", "book-reviews", "classification"), 256),
)
"""Settings, each with how many labels: others than the tables were measured with."""


def check_estimates(backbones: Sequence[str], *, repeats: int) -> Iterator[str]:
    """One line for the probe, the lower half and the whole of each setting, epochs being the methods' own.

    Raises:
        RunError: There is no table for a setting: `benchmarks/costs.py` makes it.
    """
    for setting, rows in CHECKED:
        if setting.backbone not in backbones:
            continue
        names = setting.block_names
        for title, frozen in (("probe", names), ("half", default_frozen_blocks(names)), ("full", ())):
            config = setting.run_config(frozen, rows=rows, epochs=None)
            estimate = estimate_run(config)
            if estimate is None:
                raise RunError(f"No costs.json for {setting.backbone}: run benchmarks/costs.py first.")
            tries = [measure_once(config)[0] for _ in range(repeats)]
            run_s, peak = (min(found[name] for found in tries) for name in ("run_s", "peak_bytes"))
            yield (
                f"{setting.backbone} {title}: run {run_s:.2f} s measured, {estimate.run_s:.2f} s estimated "
                f"({estimate.run_s / run_s - 1:+.0%}); memory {peak / 1e6:.0f} MB measured, "
                f"{estimate.peak_bytes / 1e6:.0f} MB estimated ({estimate.peak_bytes / peak - 1:+.0%})"
            )
