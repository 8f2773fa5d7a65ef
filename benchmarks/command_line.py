"""What the benchmarks' commands have in common: exit statuses, words and numbers as arguments, lines on stderr."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks.markdown import STDOUT
from tlvsft.errors import RunError, TlvsftError

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


def answer(
    run: Callable[[argparse.Namespace], int], options: argparse.Namespace, *, interrupted: str = "Interrupted."
) -> int:
    """Runs a benchmark and returns its exit status; an error or an interrupt is one line."""
    try:
        return run(options)
    except TlvsftError as error:
        say(str(error))
        return FAILED if isinstance(error, RunError) else BAD_INPUT
    except KeyboardInterrupt:
        say(interrupted)
        return INTERRUPTED


def add_report_options(parser: argparse.ArgumentParser, *, unit: str, missed: str) -> None:
    """What every benchmark can do with what it has measured.

    Args:
        parser: Of the benchmark.
        unit: What its table shows, as the help calls it.
        missed: What `--check` finds.
    """
    parser.add_argument("--table", action="store_true", help=f"print {unit}, measure nothing")
    parser.add_argument("--check", action="store_true", help=f"exit with status 1 if {missed}")
    parser.add_argument(
        "--markdown",
        nargs="?",
        const=STDOUT,
        metavar="FILE",
        help="print the table in Markdown, or put it between the marks in FILE",
    )


def names(text: str) -> tuple[str, ...]:
    """Words between commas."""
    return tuple(part.strip() for part in text.split(","))


def positive(text: str) -> int:
    """A whole number from 1 on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is less than 1")
    return value


def say(line: str) -> None:
    """One line on stderr."""
    print(line, file=sys.stderr, flush=True)
