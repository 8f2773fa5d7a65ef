"""Measures what training each bundled backbone takes, for the estimates on the page.

    python benchmarks/costs.py                       # all backbones; writes assets/backbones/*/costs.json
    python benchmarks/costs.py --only wiki-gpt       # one of them
    python benchmarks/costs.py --check               # compares estimates with runs measured afresh; writes nothing

Runs are real ones, in a fork of the app's own fork server, on one thread. Their clock is the process's CPU time, so
other programs do little harm. `benchmarks/README.md` says how the figures are used.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from benchmarks.command_line import BAD_INPUT, answer, names, positive, say
from benchmarks.cost_benchmark.checking import check_estimates
from benchmarks.cost_benchmark.measuring import measure_table
from benchmarks.cost_benchmark.settings import settings_of
from benchmarks.speed_benchmark.machine import describe_machine
from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.costs import COSTS_FILE, BackboneCosts


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark and returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=names, default=tuple(BACKBONES), metavar="NAME[,…]", help="of these backbones")
    parser.add_argument("--repeats", type=positive, default=2, metavar="N", help="of each run; the fastest counts")
    parser.add_argument("--check", action="store_true", help="print estimates beside fresh measurements")
    return answer(run, parser.parse_args(arguments))


def run(options: argparse.Namespace) -> int:
    """Measures and writes, or checks."""
    unknown = [name for name in options.only if name not in BACKBONES]
    if unknown:
        say(f"No backbone {unknown[0]!r}: choose from {', '.join(BACKBONES)}.")
        return BAD_INPUT
    if options.check:
        for line in check_estimates(options.only, repeats=options.repeats):
            print(line, flush=True)
        return 0
    for name in options.only:
        tables = tuple(measure_table(setting, repeats=options.repeats) for setting in settings_of(name))
        costs = BackboneCosts(machine=describe_machine()["cpu"], tables=tables)
        path = BACKBONES[name].path / COSTS_FILE
        path.write_text(json.dumps(costs.to_dict(), indent=1) + "\n", encoding="utf-8")
        say(f"Wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
