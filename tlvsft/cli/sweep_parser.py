"""The grammar of `sweep`."""

from __future__ import annotations

import argparse

from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.presets import DEFAULT_PRESET, PRESETS, STORIES
from tlvsft.catalog.sweeps import DEFAULT_SEEDS, DEPTH_LINES, KINDS, LABEL_METHODS
from tlvsft.cli.parser import OneLineParser, whole_number, whole_number_or
from tlvsft.config import ALL, OWN, TASKS, DatasetConfig

Commands = argparse._SubParsersAction  # argparse has no public name for it


def add_sweep(commands: Commands[OneLineParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "sweep",
        help="train methods at many numbers of labels, or with more and more frozen blocks",
        description="labels: accuracy over the number of labels, for several methods. depth: accuracy, time and "
        "forgetting over the number of frozen units (the embedding and the blocks, from the input on), with control "
        "lines. The same command again computes only what is missing.",
        epilog=f"Without --preset, --backbone and --dataset, the preset is '{DEFAULT_PRESET}'.",
        allow_abbrev=False,
    )
    stories = [preset.name for preset in PRESETS.values() if (preset.group, preset.task) == (STORIES, TASKS[0])]
    columns = DatasetConfig(name="")
    parser.add_argument("kind", metavar="|".join(KINDS))
    parser.add_argument("--preset", metavar="NAME", help=f"backbone and dataset of a story: {', '.join(stories)}")
    parser.add_argument("--backbone", metavar="B", help="a bundled backbone, a local folder or a Hub id")
    parser.add_argument(
        "--dataset", metavar="D", help="a bundled dataset, a path (CSV, JSON, Parquet, folder) or a Hub id"
    )
    parser.add_argument("--text-column", metavar="C", help=f"the dataset's column of texts ({columns.text_column})")
    parser.add_argument("--image-column", metavar="C", help=f"the dataset's column of images ({columns.image_column})")
    parser.add_argument("--label-column", metavar="C", help=f"the dataset's column of classes ({columns.label_column})")
    _add_axes(parser)
    parser.add_argument("--seeds", metavar="K", type=whole_number, default=DEFAULT_SEEDS, help="S … S+K-1 (3)")
    parser.add_argument("--seed", metavar="S", type=whole_number, default=0, help="the first seed (0)")
    parser.add_argument(
        "--epochs", metavar="E", type=whole_number_or(OWN), help=f"passes, or '{OWN}' (each method's own number)"
    )
    parser.add_argument("--json", metavar="FILE|-", help="write the results as JSON; '-': to stdout, and nothing else")
    parser.add_argument("--csv", metavar="FILE", help="write one line per run: all that was measured")
    parser.set_defaults(module="sweep", task=None, from_left=None, from_right=None)


def _add_axes(parser: OneLineParser) -> None:
    """The flags of what is varied."""
    parser.add_argument(
        "--methods",
        metavar="A,B",
        type=_names,
        help=f"the curves ({','.join(LABEL_METHODS)}), or the lines of 'depth' ({','.join(DEPTH_LINES)}): "
        f"{', '.join(METHODS)}",
    )
    parser.add_argument(
        "--labels",
        metavar="N,N",
        type=_label_counts,
        help=f"numbers of labels, or '{ALL}' (1, 2, 5, 10 … {ALL}); one for 'depth' (its story's, else 5 per class)",
    )
    parser.add_argument("--depths", metavar="K,K", type=_depths, help="for 'depth': numbers of frozen units (each)")


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",")) if text.strip() else ()


def _label_counts(text: str) -> tuple[int | None, ...]:
    return tuple(None if part.strip() == ALL else _count(part) for part in text.split(","))


def _depths(text: str) -> tuple[int, ...]:
    return tuple(_count(part) for part in text.split(","))


def _count(part: str) -> int:
    try:
        return whole_number(part.strip())
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"expects whole numbers, separated by commas, not {part.strip()[:40]!r}"
        ) from None
