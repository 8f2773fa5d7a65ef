"""A sweep as what somebody would have to write to get the very same one: a line for the command line."""

from __future__ import annotations

import shlex

from tlvsft.catalog.own import is_own
from tlvsft.comparison.command_line import DATA_PLACEHOLDER
from tlvsft.config import ALL, DatasetConfig
from tlvsft.sweeps import DEFAULT_SEEDS, SweepConfig

_PROGRAM = ("python", "-m", "tlvsft", "sweep")
_COLUMNS = ("text_column", "image_column", "label_column")


def sweep_command_line(config: SweepConfig) -> str:
    """The line that starts this sweep from a POSIX shell, with what it varies written out.

    A visitor's own data is a placeholder in it, for a path.
    """
    name = config.dataset.name
    options = {
        "backbone": config.backbone,
        "dataset": DATA_PLACEHOLDER if is_own(name) else name,
        **_columns(config.dataset),
        "methods": ",".join(config.methods),
        "labels": ",".join(ALL if count is None else str(count) for count in config.labels),
    }
    if config.kind == "depth" and len(config.depths) <= len(config.units):
        options["depths"] = ",".join(map(str, config.depths))
    if config.seeds != DEFAULT_SEEDS:
        options["seeds"] = str(config.seeds)
    if config.seed:
        options["seed"] = str(config.seed)
    if config.epochs is not None:
        options["epochs"] = str(config.epochs)
    words = [word for option, value in options.items() for word in (f"--{option}", value)]
    return shlex.join([*_PROGRAM, config.kind, *words])


def _columns(dataset: DatasetConfig) -> dict[str, str]:
    """The columns that aren't called as usual."""
    usual = DatasetConfig(name=dataset.name)
    named = {column: getattr(dataset, column) for column in _COLUMNS}
    return {
        column.replace("_", "-"): value for column, value in named.items() if value != getattr(usual, column)
    }  # fmt: skip
