"""What the measurements add up to, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.transfer_benchmark.checks import Check
from benchmarks.transfer_benchmark.estimates import Accuracies
from benchmarks.transfer_benchmark.grid import BAG_OF_WORDS
from benchmarks.transfer_benchmark.label_ratio import HEADLINE_LABELS, headline, label_ratios


def report_document(accuracies: Accuracies, checks: Sequence[Check], *, stale: int) -> dict[str, Any]:
    """Means, label ratios and checks as JSON-ready data.

    Args:
        accuracies: Of the cells that still hold.
        checks: What they were held against.
        stale: How many cells the file keeps that no longer hold, and that nothing here is made of.
    """
    ratios = {panel: label_ratios(accuracies, *panel) for panel in accuracies.panels()}
    headlines = [found for panel in ratios.values() if (found := headline(panel))]
    return {
        "stale_cells": stale,
        "checks": [check.to_dict() for check in checks],
        "headline": {"labels": HEADLINE_LABELS, "label_ratios": [found.to_dict() for found in headlines]},
        "label_ratios": [found.to_dict() for panel in ratios.values() for found in panel],
        "accuracies": _accuracy_rows(accuracies),
    }


def _accuracy_rows(accuracies: Accuracies) -> list[dict[str, Any]]:
    """One row per dataset, backbone, method and number of labels; bag-of-words once per dataset."""
    rows: dict[tuple[str, str | None, str, int | None], dict[str, Any]] = {}
    for dataset, backbone in accuracies.panels():
        for method in accuracies.methods(dataset, backbone):
            used = None if method == BAG_OF_WORDS else backbone
            for labels, found in accuracies.curve(dataset, backbone, method).items():
                rows[dataset, used, method, labels] = {
                    "dataset": dataset,
                    "backbone": used,
                    "method": method,
                    "labels": labels,
                    "examples": found.examples,
                    "accuracy": found.mean,
                    "ci95": found.interval,
                    "n": found.n,
                    "failed": found.failed,
                }
    return list(rows.values())
