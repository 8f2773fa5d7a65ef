"""Measures whether the verdict keeps its promise: how often it is wrong, and how often it finds what is there.

    python benchmarks/verdict.py                 # trains the bank (300 short runs) unless it is there, then decides
    python benchmarks/verdict.py --json FILE
    python benchmarks/verdict.py --markdown benchmarks/README.md

From a bank of real runs (digits on glyphs-resnet, a linear probe and full fine-tuning, many seeds and label subsets)
comparisons are drawn whose true difference is known: A/A (the same method on both sides) and A/B (1, 2, 4, 8 points).
The app's own rule decides each. The exit status is 1 if a promise is broken. `benchmarks/README.md` says more.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from benchmarks.command_line import FAILED, answer, positive, say
from benchmarks.markdown import STDOUT, put_markdown
from benchmarks.verdict_benchmark.bank import SEEDS, Bank, fill_bank
from benchmarks.verdict_benchmark.checks import all_hold, run_checks
from benchmarks.verdict_benchmark.document import Findings, write_document
from benchmarks.verdict_benchmark.rates import Outcome
from benchmarks.verdict_benchmark.rules import APP, RULES
from benchmarks.verdict_benchmark.tables import write_markdown, write_text
from benchmarks.verdict_benchmark.trials import SEEDS_PER_SIDE, Plan, draw_comparisons, judge
from tlvsft.catalog.paths import home_folder
from tlvsft.errors import InvalidInput

RESULTS = Path(__file__).resolve().parent / "results" / "verdict.json"
INTERRUPTED_WORDS = "Interrupted; finished runs are kept, and the same command goes on there."


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark and returns the exit status."""
    return answer(run, read_options(arguments), interrupted=INTERRUPTED_WORDS)


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the user asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=RESULTS, help="where results go (default: %(default)s)")
    parser.add_argument(
        "--bank", type=Path, default=home_folder() / "verdict-bank", help="where runs are kept (default: %(default)s)"
    )
    parser.add_argument("--seeds", type=positive, default=SEEDS, help="runs of each cell (default: %(default)s)")
    parser.add_argument(
        "--markdown", nargs="?", const=STDOUT, metavar="FILE", help="the tables in Markdown, or between marks in FILE"
    )
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> int:
    """Fills the bank, draws and decides comparisons, reports; 1 if a promise is broken.

    Raises:
        TlvsftError: Bad input, or a run failed.
    """
    fewest = 2 * max(SEEDS_PER_SIDE)
    if options.seeds < fewest:
        raise InvalidInput(f"--seeds must be {fewest} or more: two sides of {max(SEEDS_PER_SIDE)} share no run.")
    findings = decide_all(fill_bank(options.bank, seeds=options.seeds, say=say))
    save(write_document(findings), options.json)
    if options.markdown is None:
        sys.stdout.write(write_text(findings))
    else:
        put_markdown(write_markdown(findings), options.markdown, name="verdict")
    return 0 if all_hold(findings.checks[APP]) else FAILED


def decide_all(bank: Bank, plan: Plan | None = None) -> Findings:
    """Draws a plan's comparisons once and has every rule decide them."""
    started = process_time()
    drawn = draw_comparisons(bank, plan or Plan())
    outcomes = {APP: Outcome(judge(drawn, RULES[APP]))}
    judged_cpu_s = process_time() - started
    outcomes |= {name: Outcome(judge(drawn, rule)) for name, rule in RULES.items() if name != APP}
    checks = {name: run_checks(outcome) for name, outcome in outcomes.items()}
    return Findings(bank=bank, outcomes=outcomes, checks=checks, judged_cpu_s=judged_cpu_s)


def save(document: dict[str, object], path: Path) -> None:
    """Writes the JSON.

    Raises:
        InvalidInput: It can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"Can't write {path}: {error.strerror}; name another file with --json.") from error


if __name__ == "__main__":
    sys.exit(main())
