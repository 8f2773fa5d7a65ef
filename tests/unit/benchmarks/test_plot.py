from __future__ import annotations

from pathlib import Path

from benchmarks.transfer_benchmark.estimates import Accuracies
from benchmarks.transfer_benchmark.grid import METHODS
from benchmarks.transfer_benchmark.plot import STYLES, draw_curves, spread_ticks
from tests.unit.benchmarks.synthetic import over_seeds, quick_measurements


def test_a_panel_per_dataset_and_backbone_and_one_legend(tmp_path: Path) -> None:
    found = Accuracies([*quick_measurements(), *over_seeds("full", 20, [None], dataset="flowers")])
    path = tmp_path / "transfer.svg"
    draw_curves(found, {"digits": 10}, path)
    drawn = path.read_text()
    assert all(drawn.count(f">{' · '.join(panel)}<") == 1 for panel in found.panels())
    assert len(found.panels()) == 7
    names = ("linear_probe", "full", "from_scratch", "random_features", "bag_of_words", "chance")
    assert all(drawn.count(f">{name}<") == 1 for name in names)


def test_the_same_numbers_give_the_same_file(tmp_path: Path) -> None:
    found = Accuracies(over_seeds("full", 50, [0.8, 0.9]))
    paths = [tmp_path / name for name in ("a.svg", "b.svg")]
    for path in paths:
        draw_curves(found, {}, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_ticks_that_would_overlap_are_left_out() -> None:
    assert spread_ticks({20, 50, 100, 200, 207}) == [20, 50, 100, 207]
    assert spread_ticks({20, 500, 5_000, 7_363}) == [20, 500, 7_363]
    assert spread_ticks([]) == []


def test_every_method_has_a_style_of_its_own() -> None:
    assert set(STYLES) == set(METHODS)
    assert len({style[0] for style in STYLES.values()}) == len(METHODS)
    assert len({style[1] for style in STYLES.values()}) == len(METHODS)
