"""From arguments to an exit status."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence

from tlvsft.cli.parser import build_parser
from tlvsft.cli.status import ExitStatus
from tlvsft.errors import InvalidInput, StoreError, TlvsftError


def main(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit status; an error that the user can meet becomes one line on stderr."""
    try:
        options = build_parser().parse_args(arguments)
        command: Callable[..., int] = importlib.import_module(f"tlvsft.cli.{options.module}").run
        status = command(options)
        sys.stdout.flush()
    except (InvalidInput, StoreError) as error:
        return _say(error, ExitStatus.BAD_INPUT)
    except TlvsftError as error:
        return _say(error, ExitStatus.RUN_FAILED)
    except KeyboardInterrupt:
        return _say("Interrupted.", ExitStatus.INTERRUPTED)
    except BrokenPipeError:  # the reader went away, e.g. `| head`: nobody is left to talk to, not even at exit
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.dup2(nowhere, sys.stderr.fileno())
        return ExitStatus.OK
    return status


def _say(message: object, status: ExitStatus) -> ExitStatus:
    sys.stderr.write(" ".join(str(message).split()) + "\n")
    return status
