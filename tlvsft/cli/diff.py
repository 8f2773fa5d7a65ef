"""`diff`: how the setups of two comparisons differ."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import asdict

from tlvsft.cli.output import check_json_target, format_table, write_results
from tlvsft.cli.status import ExitStatus
from tlvsft.comparison import compare_setups, differing

DIFF_SCHEMA = 1


def run(options: argparse.Namespace) -> int:
    """Runs the command.

    Raises:
        InvalidInput: One of them isn't there, or the JSON can't be written.
    """
    check_json_target(options.json)
    from tlvsft.runs.store import Store

    with closing(Store()) as store:
        first, second = store.comparison(options.first), store.comparison(options.second)
    changes = compare_setups(first.config, second.config)
    shown = changes if options.all else differing(changes)
    rows = [("setting", first.id, second.id), *((change.name, change.before, change.after) for change in shown)]
    table = format_table(rows) if shown else "The two setups don't differ.\n"
    document = {
        "schema": DIFF_SCHEMA,
        "first": first.id,
        "second": second.id,
        "settings": [asdict(one) for one in shown],
    }
    write_results(document, table, json_target=options.json)
    return ExitStatus.OK
