"""`record`: makes a recording of a finished comparison, which the page plays back without training."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

from tlvsft.catalog.paths import BUNDLED_REPLAYS
from tlvsft.catalog.presets import PRESETS
from tlvsft.cli.output import check_json_target, write_file
from tlvsft.cli.status import ExitStatus
from tlvsft.comparison.recorder import make_recording
from tlvsft.comparison.recordings import write_recording
from tlvsft.errors import InvalidInput


def run(options: argparse.Namespace) -> int:
    """Runs the command and writes the file's name to stdout.

    Raises:
        InvalidInput: No such comparison, it hasn't finished, or the file can't be written.
    """
    if options.output is not None:
        check_json_target(options.output)
    from tlvsft.runs.store import Store

    with closing(Store()) as store:
        recording = make_recording(store, options.comparison)
    target = _target(options.output, recording.config.preset)
    write_file(target, write_recording(recording))
    sys.stdout.write(f"{target}\n")
    return ExitStatus.OK


def _target(output: str | None, preset: str | None) -> Path:
    """The file: as asked for, else the one that the page plays for this story.

    Raises:
        InvalidInput: The comparison is of no story.
    """
    if output is not None:
        return Path(output)
    if preset not in PRESETS:
        raise InvalidInput("This comparison is of no preset, whose name its recording could have: give --output FILE.")
    BUNDLED_REPLAYS.mkdir(parents=True, exist_ok=True)
    return BUNDLED_REPLAYS / f"{preset}.json"
