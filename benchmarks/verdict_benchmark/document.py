"""The results as JSON, schema 1; `benchmarks/README.md` explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.verdict_benchmark.bank import BACKBONE, DATASET, Bank
from benchmarks.verdict_benchmark.checks import Check, all_hold
from benchmarks.verdict_benchmark.rates import Outcome, Share
from benchmarks.verdict_benchmark.rules import APP
from benchmarks.verdict_benchmark.trials import EFFECTS, SEEDS_PER_SIDE, TEST_EXAMPLES

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything that a run of the benchmark has found.

    Attributes:
        outcomes: Of each rule, the app's among them.
        checks: Of the same rules.
        judged_cpu_s: Processor time of drawing all comparisons and deciding them by the app's rule, in seconds.
    """

    bank: Bank
    outcomes: Mapping[str, Outcome]
    checks: Mapping[str, Sequence[Check]]
    judged_cpu_s: float


def write_document(findings: Findings) -> dict[str, Any]:
    """As JSON-ready data."""
    bank, app = findings.bank, findings.outcomes[APP]
    false = app.false_verdicts()
    return {
        "schema": SCHEMA,
        "holds": all_hold(findings.checks[APP]),
        "aa_comparisons": app.comparisons("A/A"),
        "ab_comparisons": app.comparisons("A/B", with_effect=True),
        "false_verdict_rate": _round(false.rate),
        "false_verdict_ci95": [_round(end) for end in false.ci95],
        "false_verdicts_by_seeds": [_by_seeds(app.false_verdicts(seeds), seeds) for seeds in SEEDS_PER_SIDE],
        "equal_methods": _share(app.false_verdicts(kind="A/B")),
        "equal_methods_by_seeds": [_by_seeds(app.false_verdicts(seeds, kind="A/B"), seeds) for seeds in SEEDS_PER_SIDE],
        "power": [
            {"effect": effect, **_by_seeds(app.power(effect, seeds), seeds)}
            for seeds in SEEDS_PER_SIDE
            for effect in EFFECTS
        ],
        "wrong_winners": [
            {"effect": effect, **_by_seeds(app.wrong_winners(effect, seeds), seeds)}
            for seeds in SEEDS_PER_SIDE
            for effect in EFFECTS
        ],
        "coverage": _share(app.coverage()),
        "coverage_by_seeds": [_by_seeds(app.coverage(seeds), seeds) for seeds in SEEDS_PER_SIDE],
        "verdicts_as_they_are": [_by_seeds(app.verdicts_as_they_are(seeds), seeds) for seeds in SEEDS_PER_SIDE],
        "one_seed_read_about_methods": _share(app.luck_of_the_seed()),
        "rules": [_describe_rule(name, findings) for name in findings.outcomes],
        "checks": [asdict(check) for check in findings.checks[APP]],
        "bank": {
            "dataset": DATASET,
            "backbone": BACKBONE,
            "seeds": bank.seeds,
            "examples": bank.examples,
            "test_examples": TEST_EXAMPLES,
            "cells": [
                {
                    "method": cell.method,
                    "labels": cell.labels,
                    "accuracy": _round(bank.accuracy(cell)),
                    "spread": _round(float(bank.correct[cell].mean(axis=1).std(ddof=1))),
                }
                for cell in bank.cells
            ],
        },
        "judged_cpu_s": round(findings.judged_cpu_s, 1),
    }


def _describe_rule(name: str, findings: Findings) -> dict[str, Any]:
    outcome = findings.outcomes[name]
    return {
        "name": name,
        "holds": all_hold(findings.checks[name]),
        "false_verdict_rate": _round(outcome.false_verdicts().rate),
        "power": [{"effect": effect, "rate": _round(outcome.power(effect).rate)} for effect in EFFECTS],
        "coverage": _round(outcome.coverage().rate),
    }


def _by_seeds(share: Share, seeds: int) -> dict[str, Any]:
    return {"seeds": seeds, **_share(share)}


def _share(share: Share) -> dict[str, Any]:
    return {"rate": _round(share.rate), "ci95": [_round(end) for end in share.ci95], "comparisons": share.of}


def _round(value: float) -> float:
    return round(value, 5)
