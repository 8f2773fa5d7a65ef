"""`pretrain`: makes a bundled backbone again from its source data."""

from __future__ import annotations

import argparse
from pathlib import Path

from tlvsft.cli.parser import RECIPES
from tlvsft.cli.status import ExitStatus
from tlvsft.errors import InvalidInput, UnknownName


def run(options: argparse.Namespace) -> int:
    """Runs the command.

    Raises:
        InvalidInput: There is no such recipe or folder.
    """
    if options.recipe not in RECIPES:
        raise UnknownName("recipe", options.recipe, RECIPES)
    data = Path(options.data)
    if not data.is_dir():
        raise InvalidInput(f"{options.data!r} is no folder: give the folder of the source data with --data.")
    from tlvsft.pretraining import pretrain

    pretrain(options.recipe, data=data, output=None if options.output is None else Path(options.output))
    return ExitStatus.OK
