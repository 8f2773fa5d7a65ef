"""`serve`: the page, as `app.py` serves it."""

from __future__ import annotations

import argparse

from tlvsft.cli.status import ExitStatus
from tlvsft.errors import InvalidInput


def run(options: argparse.Namespace) -> int:
    """Runs the command.

    Raises:
        InvalidInput: There is no such port.
    """
    if options.port is not None and not 1 <= options.port <= 65_535:
        raise InvalidInput(f"--port must be from 1 to 65,535, not {options.port:,}.")
    from tlvsft.ui import serve

    serve(host=options.host, port=options.port, open_browser=options.open)
    return ExitStatus.OK
