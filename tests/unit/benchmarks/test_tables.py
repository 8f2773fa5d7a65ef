from __future__ import annotations

import re

import pytest

from benchmarks.transfer_benchmark.checks import run_checks
from benchmarks.transfer_benchmark.estimates import Accuracies
from benchmarks.transfer_benchmark.tables import (
    check_rows,
    panel_rows,
    ratio_rows,
    write_markdown,
    write_text,
)
from tests.unit.benchmarks.synthetic import over_seeds, quick_measurements

DIGITS = ("digits", "glyphs-resnet")


def test_a_panel_shows_mean_interval_seeds_and_failures() -> None:
    found = Accuracies(
        over_seeds("full", 50, [0.9] * 5)
        + over_seeds("full", None, [0.9, 0.92])
        + over_seeds("linear_probe", 50, [0.8, 0.8, 0.8, 0.8, None])
        + over_seeds("from_scratch", 50, [None] * 5)
    )
    assert panel_rows(found, *DIGITS) == [
        ("method", "50", "all (1,257)"),
        ("linear_probe", "80.0 ± 0.0 (1 failed)", "–"),
        ("full", "90.0 ± 0.0", "91.0 ± 12.7 (n=2)"),
        ("from_scratch", "failed", "–"),
    ]


def test_ratios_stand_under_their_number_of_labels() -> None:
    found = Accuracies(quick_measurements())
    assert panel_rows(found, *DIGITS)[-1] == ("label ratio", "–", "> 25.1", "–", "–", "–", "–")
    assert ratio_rows(found)[1:] == [("digits", "glyphs-resnet", "50", "full", "97.0", "> 25.1 ×")]


def test_checks_are_written_in_the_units_of_their_targets() -> None:
    rows = check_rows(run_checks(Accuracies(quick_measurements())))
    written = {row[0]: (row[1], row[2], row[3]) for row in rows}
    assert written["digits, 50 labels: full"] == ("≥ 95.0 %", "97.00", "97.00 to 97.00")
    assert written["digits, 50 labels: full − from_scratch"] == ("≥ 8.0 points", "+47.00", "+47.00 to +47.00")
    assert written["digits, 50 labels: label ratio"] == ("≥ 4 ×", "25.1", "")


@pytest.mark.parametrize("write", [write_text, write_markdown])
def test_everything_is_in_the_text_and_in_the_markdown(write) -> None:
    found = Accuracies(quick_measurements())
    checks = run_checks(found)
    text = write(found, checks)
    assert all(" · ".join(panel) in text for panel in found.panels())
    assert all(check.name in text for check in checks)
    assert "Label ratio" in text


def test_markdown_tables_are_well_formed() -> None:
    found = Accuracies(quick_measurements())
    tables = re.findall(r"(?:^\|.*\|\n)+", write_markdown(found, run_checks(found)), flags=re.MULTILINE)
    assert len(tables) == len(found.panels()) + 2
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1
        assert re.fullmatch(r"\|( --- \|)+", table.splitlines()[1])
