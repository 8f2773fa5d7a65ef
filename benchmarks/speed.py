"""Proves how fast the app is: against transformers' Trainer, a loop written by hand, and the machine itself.

    python benchmarks/speed.py                                   # everything; about an hour and a half on two cores
    python benchmarks/speed.py --only 1,3 --json speed.json      # two of the seven items; the file's others stay
    python benchmarks/speed.py --only 1 --repeats 1              # a quick look
    python benchmarks/speed.py --table --json FILE               # what a file holds; measures nothing

Nothing else may run on the machine meanwhile. `benchmarks/README.md` says how to read the figures.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from benchmarks.command_line import FAILED, add_report_options, answer, names, positive, say
from benchmarks.markdown import put_markdown
from benchmarks.speed_benchmark.document import SpeedFile
from benchmarks.speed_benchmark.figures import any_missed
from benchmarks.speed_benchmark.items import ITEMS, Item, choose_items
from benchmarks.speed_benchmark.machine import describe_machine, describe_moment
from benchmarks.speed_benchmark.tables import write_markdown, write_text
from tlvsft.errors import RunError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark and returns the exit status."""
    interrupted = "Interrupted; items that were through are kept where --json named a file."
    return answer(run, read_options(arguments), interrupted=interrupted)


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the user asks for."""
    listed = "; ".join(f"{item.number} {item.title}" for item in ITEMS.values())
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where figures are kept, item by item")
    parser.add_argument("--only", type=numbers, metavar="N[,…]", help=f"of these items: {listed}")
    parser.add_argument(
        "--repeats", type=positive, metavar="N", help="of each measurement (default: the item's own, 5)"
    )
    add_report_options(parser, unit="what the file holds", missed="a target was missed")
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> int:
    """Measures, then reports.

    Raises:
        InvalidInput: The file is none of this benchmark or from another machine, an item doesn't exist, there are no
            marks for the table.
    """
    chosen = choose_items(options.only)
    results = SpeedFile(options.json, None if options.table else describe_machine())
    measured = True if options.table else measure_items(chosen, results, repeats=options.repeats)
    if options.markdown is None:
        sys.stdout.write(write_text(results))
    else:
        put_markdown(write_markdown(results), options.markdown, name="speed")
    missed = options.check and any_missed(results.values)
    return 0 if measured and not missed else FAILED


def measure_items(chosen: Sequence[Item], results: SpeedFile, *, repeats: int | None) -> bool:
    """Measures one item after the other; whether all came out. One that doesn't leaves the others alone."""
    all_measured = True
    for item in chosen:
        say(f"{item.number}: {item.title}")
        moment = describe_moment()
        try:
            found = item.measure(repeats)
        except RunError as error:
            say(f"{item.number} couldn't be measured: {error}")
            all_measured = False
            continue
        results.add(item.number, found, moment)
    return all_measured


def numbers(text: str) -> tuple[int, ...]:
    """Whole numbers between commas."""
    return tuple(int(part) for part in names(text))


if __name__ == "__main__":
    sys.exit(main())
