"""The `datasets` library, quiet, and what it raises as one line for the user."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from tlvsft.errors import DatasetError

_SHOWN_CHARACTERS = 160


@contextmanager
def read_with_library(shown: str, *, advice: str) -> Iterator[None]:
    """Runs code of the `datasets` library without its chatter, and turns what it raises into one line.

    Args:
        shown: What is being read, as the user knows it.
        advice: What to do if that fails.

    Raises:
        DatasetError: The library couldn't read it.
    """
    import datasets
    from datasets.exceptions import DatasetsError
    from pyarrow import ArrowException

    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(logging.CRITICAL)
    failures = (
        DatasetsError, ArrowException, OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError,
        StopIteration, csv.Error,
    )  # fmt: skip
    try:
        yield
    except failures as error:
        raise DatasetError(f"{shown} can't be read ({first_cause(error)}): {advice}") from error


def first_cause(error: BaseException) -> str:
    """The first line of what started a chain of errors, shortened."""
    while error.__cause__ or (error.__context__ and not error.__suppress_context__):
        error = error.__cause__ or error.__context__ or error
    text = " ".join(str(error).split("\n")[0].split()).rstrip(".:") or type(error).__name__
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
