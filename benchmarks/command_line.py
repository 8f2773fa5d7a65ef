"""What the benchmarks' commands have in common: exit statuses, words and numbers as arguments, lines on stderr."""

from __future__ import annotations

import argparse
import sys

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


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
