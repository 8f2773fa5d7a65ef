"""Estimates before a run: from the tables beside the backbones, and from how earlier runs went."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from tlvsft.catalog.backbones import BACKBONES, bundled_summary
from tlvsft.catalog.costs import BackboneCosts, bundled_costs
from tlvsft.catalog.methods import METHODS
from tlvsft.comparison import Estimate, compare_pace, estimate_run
from tlvsft.config import DatasetConfig, RunConfig, VariantConfig
from tlvsft.events import RunFinished

DIGITS = RunConfig(
    backbone="glyphs-resnet", dataset=DatasetConfig(name="digits"), variant=VariantConfig(method="full"), labels=50
)


def estimate(method: str = "full", **changes: object) -> Estimate:
    found = estimate_run(replace(DIGITS, variant=VariantConfig(method=method), **changes))  # type: ignore[arg-type]
    assert found is not None
    return found


def finished(*, train_s: float, elapsed_s: float, peak: int) -> RunFinished:
    return RunFinished(
        steps=10, frozen_intact=None, elapsed_s=elapsed_s, train_s=train_s, examples_per_s=1.0, peak_memory_bytes=peak
    )


@pytest.mark.parametrize("backbone", BACKBONES)
def test_every_bundled_backbone_has_tables_that_fit_it(backbone: str) -> None:
    costs = bundled_costs(backbone)
    assert costs is not None
    assert BackboneCosts.from_dict(costs.to_dict()) == costs
    names = bundled_summary(backbone).block_names
    for table in costs.tables:
        assert len(table.depths) == len(names) + 1
        assert set(table.single) == set(names[1:])
        assert table.depths[-1].step_s < table.depths[0].step_s  # the probe is cheaper than everything


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_estimated(method: str) -> None:
    found = estimate(method)
    assert found.run_s > found.train_s > 0
    assert (found.step_s is None) == (not METHODS[method].takes_steps)


def test_more_frozen_blocks_cost_less() -> None:
    probe, half, full = estimate("linear_probe"), estimate("partial"), estimate("full")
    assert probe.train_s < half.train_s < full.train_s


def test_one_frozen_block_above_others_spares_its_own_gradients_alone() -> None:
    alone = estimate_run(replace(DIGITS, variant=VariantConfig(method="partial", frozen_blocks=("2",))))
    prefix = estimate_run(
        replace(DIGITS, variant=VariantConfig(method="partial", frozen_blocks=("embedding", "0", "1", "2")))
    )
    assert alone is not None
    assert prefix is not None
    assert prefix.train_s < alone.train_s <= estimate("full").train_s


def test_more_labels_and_more_epochs_cost_more() -> None:
    assert estimate(labels=1257).train_s > estimate(labels=50).train_s
    assert estimate(epochs=50).steps == 50 * 4
    assert estimate(epochs=50).run_s > estimate(epochs=8).run_s


def test_a_single_epoch_computes_frozen_blocks_at_its_steps() -> None:
    once = estimate("linear_probe", epochs=1)
    twice = estimate("linear_probe", epochs=2)
    assert twice.train_s < 2 * once.train_s  # the second epoch finds them stored


def test_what_was_never_measured_has_no_estimate() -> None:
    assert estimate_run(replace(DIGITS, backbone="somebody/else")) is None
    assert estimate_run(replace(DIGITS, dataset=DatasetConfig(name="my.csv"))) is None
    drifts = VariantConfig(method="linear_probe", batchnorm="train")  # frozen, and yet computed at every step
    assert estimate_run(replace(DIGITS, variant=drifts)) is None
    assert estimate_run(replace(DIGITS, variant=replace(drifts, method="full"))) is not None


def test_the_pace_is_the_median_of_earlier_runs() -> None:
    reference = Estimate(steps=10, step_s=0.1, train_s=1.0, run_s=2.0, peak_bytes=100.0)
    runs = [(reference, finished(train_s=float(k), elapsed_s=4.0, peak=150)) for k in (2, 3, 40)]
    pace = compare_pace(runs)
    assert pace is not None
    assert (pace.training, pace.run, pace.memory, pace.runs) == (3.0, 2.0, 1.5, 3)
    here = reference.at_pace(pace)
    assert here.step_s == pytest.approx(0.3)
    assert (here.run_s, here.peak_bytes) == (4.0, 150.0)
    assert compare_pace([]) is None


def test_a_platform_that_tells_no_memory_changes_no_estimate() -> None:
    reference = Estimate(steps=10, step_s=0.1, train_s=1.0, run_s=2.0, peak_bytes=100.0)
    pace = compare_pace([(reference, finished(train_s=1.0, elapsed_s=2.0, peak=0))])
    assert pace is not None
    assert pace.memory == 1.0


def test_estimating_loads_no_torch() -> None:
    code = (
        "import sys; from tests.unit.comparison.test_estimates import DIGITS; "
        "from tlvsft.comparison import estimate_run; assert estimate_run(DIGITS); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
