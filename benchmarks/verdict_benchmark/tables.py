"""Results for people: text for a terminal, Markdown for `benchmarks/README.md`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks.markdown import markdown_table
from benchmarks.verdict_benchmark.checks import all_hold
from benchmarks.verdict_benchmark.document import Findings
from benchmarks.verdict_benchmark.rates import Outcome, Share
from benchmarks.verdict_benchmark.rules import APP
from benchmarks.verdict_benchmark.trials import EFFECTS, SEEDS_PER_SIDE, TEST_EXAMPLES
from tlvsft.cli.output import format_table

Rows = list[Sequence[str]]
_POINTS = [f"{100 * effect:g} {'point' if effect == 0.01 else 'points'}" for effect in EFFECTS]


def write_text(findings: Findings) -> str:
    """Everything as text."""
    return "\n\n".join(_parts(findings, lambda rows: format_table(rows, right_aligned=range(1, len(rows[0]))))) + "\n"


def write_markdown(findings: Findings) -> str:
    """The same in Markdown."""
    return "\n\n".join(_parts(findings, markdown_table)) + "\n"


def _parts(findings: Findings, write: Callable[[Rows], str]) -> Iterator[str]:
    app, bank = findings.outcomes[APP], findings.bank
    yield (
        f"Shares in %, in brackets their 95 % interval (Clopper-Pearson). Bank: {len(bank.cells)} cells × {bank.seeds} "
        f"runs,\n{bank.examples:,} examples; each comparison is tested on {TEST_EXAMPLES} of them."
    )
    yield write(cell_rows(findings))
    yield "False verdicts, where there is no difference, and intervals that contain the true one"
    yield write(error_rows(app))
    yield "Power: right winners, by the true difference"
    yield write(power_rows(app))
    yield (
        "One seed, read as if it were about the methods (which the app doesn't say): "
        f"{app.luck_of_the_seed()} of single runs of one and the same method get a winner."
    )
    yield "Other rules on the same comparisons"
    yield write(rule_rows(findings))
    yield "Checks"
    yield write(check_rows(findings))


def cell_rows(findings: Findings) -> Rows:
    """What the bank holds."""
    bank = findings.bank
    rows: Rows = [("cell", "mean accuracy", "standard deviation over seeds")]
    for cell in bank.cells:
        spread = float(bank.correct[cell].mean(axis=1).std(ddof=1))
        rows.append((str(cell), f"{100 * bank.accuracy(cell):.1f}", f"{100 * spread:.1f}"))
    return rows


def error_rows(app: Outcome) -> Rows:
    """One row per number of seeds."""
    rows: Rows = [("seeds", "A/A", "other methods, equally good", "interval contains the truth")]
    for seeds in (*SEEDS_PER_SIDE, None):
        shares = (
            app.false_verdicts(seeds),
            app.false_verdicts(seeds, kind="A/B"),
            app.coverage(seeds),
        )
        rows.append(("all" if seeds is None else str(seeds), *map(_share, shares)))
    return rows


def power_rows(app: Outcome) -> Rows:
    """One row per number of seeds, one column per effect; the last one is how the two methods are, without a change."""
    rows: Rows = [("seeds", *_POINTS, "as they are")]
    for seeds in SEEDS_PER_SIDE:
        shares = [app.power(effect, seeds) for effect in EFFECTS]
        rows.append((str(seeds), *map(_share, shares), _share(app.verdicts_as_they_are(seeds))))
    return rows


def rule_rows(findings: Findings) -> Rows:
    """What becomes of rules that are too eager, or of no use."""
    rows: Rows = [("rule", "false verdicts, A/A", *(f"power, {points}" for points in _POINTS), "keeps the promise")]
    for name, outcome in findings.outcomes.items():
        powers = (f"{100 * outcome.power(effect).rate:.1f}" for effect in EFFECTS)
        holds = "yes" if all_hold(findings.checks[name]) else "no"
        rows.append((name, f"{100 * outcome.false_verdicts().rate:.1f}", *powers, holds))
    return rows


def check_rows(findings: Findings) -> Rows:
    """One row per promise."""
    checks = findings.checks[APP]
    return [
        ("check", "found", "holds"),
        *((check.name, check.found, "yes" if check.holds else "NO") for check in checks),
    ]


def _share(share: Share) -> str:
    low, high = share.ci95
    return f"{100 * share.rate:.1f} ({100 * low:.1f}–{100 * high:.1f})"
