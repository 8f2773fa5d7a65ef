"""`pretrain`: makes a bundled backbone again from its source data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tlvsft.cli.parser import RECIPES
from tlvsft.cli.status import ExitStatus
from tlvsft.errors import InvalidInput, UnknownName


def run(options: argparse.Namespace) -> int:
    """Runs the command and writes the backbone's folder to stdout.

    Raises:
        InvalidInput: There is no such recipe or folder.
    """
    if options.recipe not in RECIPES:
        raise UnknownName("recipe", options.recipe, RECIPES)
    data = Path(options.data)
    if not data.is_dir():
        raise InvalidInput(f"{options.data!r} is no folder: give the folder of the source data with --data.")
    from tlvsft.pretraining import pretrain

    output = None if options.output is None else Path(options.output)
    describe = _write_blocks if output is None else None
    try:
        folder = pretrain(options.recipe, data=data, output=output, on_exported=describe)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: give the same command again to go on from here.\n")
        return ExitStatus.INTERRUPTED
    sys.stdout.write(f"{folder}\n")
    return ExitStatus.OK


def _write_blocks(folder: Path) -> None:
    """Lets the page draw the layer ladder of the new bundled backbone without loading it."""
    from tlvsft.backbones import write_block_summary

    write_block_summary(folder.name)
