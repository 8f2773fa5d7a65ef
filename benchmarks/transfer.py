"""Proves what the bundled backbones are worth: test accuracy against labels, with controls, on data they never saw.

    python benchmarks/transfer.py --quick       # what issue 3 promises, alone
    python benchmarks/transfer.py               # everything; hours on two cores
    python benchmarks/transfer.py --table       # what was measured so far; trains nothing

Finished cells are kept in the JSON file: interrupted, the same command goes on where it was. A cell is measured again
when its weights, defaults, data or feature code have changed. `benchmarks/README.md` says more.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from benchmarks.command_line import FAILED, INTERRUPTED, add_report_options, answer, names, positive, say
from benchmarks.markdown import put_markdown
from benchmarks.transfer_benchmark.checks import any_failed, run_checks
from benchmarks.transfer_benchmark.estimates import Accuracies
from benchmarks.transfer_benchmark.grid import BACKBONES, METHODS, SEEDS, TASKS, Choice, check_names
from benchmarks.transfer_benchmark.identity import Identities
from benchmarks.transfer_benchmark.measuring import Job
from benchmarks.transfer_benchmark.planning import Plan, holding, plan_jobs
from benchmarks.transfer_benchmark.pool import measure_all
from benchmarks.transfer_benchmark.report import report_document
from benchmarks.transfer_benchmark.results import Measurement, ResultsFile
from benchmarks.transfer_benchmark.tables import write_markdown, write_text

HERE = Path(__file__).resolve().parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark and returns the exit status."""
    return answer(run, read_options(arguments))


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the user asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only the cells that the checks need")
    parser.add_argument("--only", type=names, metavar="DATASET[,…]", help=f"of {', '.join(TASKS)}")
    parser.add_argument("--backbones", type=names, metavar="BACKBONE[,…]", help=f"of {', '.join(BACKBONES)}")
    parser.add_argument("--methods", type=names, metavar="METHOD[,…]", help=f"of {', '.join(METHODS)}")
    parser.add_argument("--labels", type=label_counts, metavar="N[,…]", help="numbers of labels, or 'all'")
    parser.add_argument("--seeds", type=positive, default=SEEDS, help="seeds 0 … SEEDS-1 (default: %(default)s)")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, help="processes, one thread each")
    parser.add_argument("--json", type=Path, default=HERE / "results" / "transfer.json", help="where cells are kept")
    parser.add_argument(
        "--shared", type=Path, default=HERE.parent.parent / "shared", help="folder of data/ and models/"
    )
    parser.add_argument("--again", action="store_true", help="measure the chosen cells again")
    add_report_options(parser, unit="what was measured so far", missed="a check failed")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> int:
    """Measures what is missing, then reports; also after Ctrl-C, on what was finished.

    Raises:
        TlvsftError: Bad input, or a worker died.
    """
    choice = Choice(
        datasets=check_names("dataset", options.only or TASKS, TASKS),
        backbones=None if options.backbones is None else check_names("backbone", options.backbones, BACKBONES),
        methods=None if options.methods is None else check_names("method", options.methods, METHODS),
        labels=options.labels,
        seeds=options.seeds,
        quick=options.quick,
    )
    results = ResultsFile(options.json)
    identities = Identities(options.shared)
    status = 0
    if not options.table:
        plan = plan_jobs(choice, results, identities, shared=options.shared, again=options.again)
        status = work_off(plan, results, processes=options.jobs)
    failed = report(options, choice, results, identities)
    return status or (FAILED if options.check and failed else 0)


def work_off(plan: Plan, results: ResultsFile, *, processes: int) -> int:
    """Measures what is planned, one line on stderr per cell; returns the exit status."""
    for name in plan.missing:
        say(f"Left out, because it isn't there: {name}")
    say(f"Cells to measure: {len(plan.jobs):,}; kept from before: {plan.kept:,}.")
    started = perf_counter()
    done = 0
    problems = 0

    def on_measured(found: Measurement) -> None:
        nonlocal done
        done += 1
        results.add(found)
        outcome = found.failure or f"{100 * (found.accuracy or 0.0):.1f} %, {found.seconds:.1f} s"
        say(f"[{done}/{len(plan.jobs)}, {perf_counter() - started:.0f} s] {found.cell}: {outcome}")

    def on_problem(job: Job, message: str) -> None:
        nonlocal problems
        problems += 1
        say(f"{job.cell} couldn't be measured: {message}")

    try:
        measure_all(plan.jobs, processes=processes, on_measured=on_measured, on_problem=on_problem)
    except KeyboardInterrupt:
        say(f"Interrupted with {done:,} of {len(plan.jobs):,} cells finished and kept; the same command goes on there.")
        return INTERRUPTED
    return FAILED if problems else 0


def report(options: argparse.Namespace, choice: Choice, results: ResultsFile, identities: Identities) -> bool:
    """Writes JSON, picture and table; returns whether a check failed.

    The table shows the chosen cells; JSON, picture and checks are about all that still hold.

    Raises:
        InvalidInput: A file can't be written, or has no marks.
    """
    valid = holding(results, identities)
    everything = Accuracies(valid)
    checks = run_checks(everything)
    stale = sum(1 for _ in results) - len(valid)
    if stale:
        say(f"Stale and left out: {stale:,} cells, whose weights, defaults, data or code have changed or are gone.")
    if any(True for _ in results):
        results.save(report_document(everything, checks, stale=stale))
    draw(everything, results)
    chosen = Accuracies(found for found in valid if found.cell in choice)
    if options.markdown is None:
        sys.stdout.write(write_text(chosen, checks))
    else:
        put_markdown(write_markdown(chosen, checks), options.markdown, name="transfer")
    return any_failed(checks)


def draw(accuracies: Accuracies, results: ResultsFile) -> None:
    """Writes the picture beside the JSON, if there is anything to see and matplotlib to draw it."""
    if not accuracies.panels():
        return
    if find_spec("matplotlib") is None:
        say("No picture: pip install -r requirements-dev.txt")
        return
    from benchmarks.transfer_benchmark.plot import draw_curves

    classes = {name: size.classes for name, size in results.sizes.items()}
    draw_curves(accuracies, classes, results.path.with_suffix(".svg"))


def label_counts(text: str) -> tuple[int | None, ...]:
    """Numbers of labels between commas; `all` is `None`."""
    return tuple(None if part == "all" else positive(part) for part in names(text))


if __name__ == "__main__":
    sys.exit(main())
