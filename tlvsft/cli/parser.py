"""The grammar of the command line. Imports nothing heavy: `--help` answers at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn

from tlvsft import __version__
from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.presets import DEFAULT_PRESET, PRESETS
from tlvsft.config import (
    ALL,
    BATCH_NORMS,
    LABEL_NOISE,
    LANGUAGE_HEADS,
    NONE,
    OWN,
    PRETRAINED,
    RATE_DECAY,
    RATE_FACTOR,
    SCHEDULES,
    SIDES,
    TASKS,
    DatasetConfig,
)
from tlvsft.errors import InvalidInput

PROGRAM = "python -m tlvsft"
LISTS = ("backbones", "datasets", "methods", "presets", "comparisons", "sweeps")
RECIPES = ("glyphs", "wiki-gpt", "photos")
_LONGEST_NUMBER = 12


class OneLineParser(argparse.ArgumentParser):
    """An argument parser whose complaint is one line, without the usage block."""

    def error(self, message: str) -> NoReturn:
        """Refuses the arguments.

        Raises:
            InvalidInput: Always.
        """
        raise InvalidInput(f"{message[0].upper()}{message[1:]} (see '{self.prog} --help').")


def build_parser() -> OneLineParser:
    """The whole grammar; each command names the module of `tlvsft.cli` that runs it."""
    from tlvsft.cli.sweep_parser import add_sweep  # which needs the readers of numbers below

    parser = OneLineParser(
        prog=PROGRAM,
        description="Transfer learning and fine-tuning of one pretrained model, side by side.",
        epilog="Exit status: 0 done, 1 a run failed, 2 bad input, 130 interrupted. Files: TLVSFT_HOME.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tlvsft {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=OneLineParser)
    _add_compare(commands)
    add_sweep(commands)
    _add_predict(commands)
    _add_list(commands)
    _add_diff(commands)
    _add_delete(commands)
    _add_pretrain(commands)
    _add_record(commands)
    _add_export(commands)
    _add_serve(commands)
    return parser


def whole_number(text: str) -> int:
    """Reads a whole number.

    Raises:
        argparse.ArgumentTypeError: It isn't one.
    """
    try:
        if len(text) <= _LONGEST_NUMBER:
            return int(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"expects a whole number, not {text[:40]!r}")


def whole_number_or(word: str) -> Callable[[str], int | str]:
    """What reads a whole number, or the one word that may stand in its place."""

    def read(text: str) -> int | str:
        return word if text == word else whole_number(text)

    return read


def number(text: str) -> float:
    """Reads a number, of which decimals are separated by a point.

    Raises:
        argparse.ArgumentTypeError: It isn't one.
    """
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expects a number, not {text[:40]!r}") from None


_Commands = argparse._SubParsersAction  # argparse has no public name for it


def _add_compare(commands: _Commands[OneLineParser]) -> None:
    parser = commands.add_parser(
        "compare",
        help="train two variants, paired, and say which is better",
        description="Trains two variants on the same data and says which is better, how surely, and at what cost.",
        epilog=f"Without --preset, --backbone and --dataset, the preset is '{DEFAULT_PRESET}'.",
        allow_abbrev=False,
    )
    columns = DatasetConfig(name="")
    parser.add_argument("--preset", metavar="NAME", help=f"a ready-made comparison: {', '.join(PRESETS)}")
    parser.add_argument("--task", metavar="TASK", help=f"{' or '.join(TASKS)} (the preset's, else {TASKS[0]})")
    parser.add_argument("--backbone", metavar="B", help="a bundled backbone, a local folder or a Hub id")
    parser.add_argument(
        "--dataset",
        metavar="D",
        help="a bundled dataset, a path (CSV, JSON, Parquet, folder; for language modelling also .txt) or a Hub id",
    )
    parser.add_argument("--text-column", metavar="C", help=f"the dataset's column of texts ({columns.text_column})")
    parser.add_argument("--image-column", metavar="C", help=f"the dataset's column of images ({columns.image_column})")
    parser.add_argument("--label-column", metavar="C", help=f"the dataset's column of classes ({columns.label_column})")
    _add_variants(parser)
    parser.add_argument(
        "--labels",
        metavar="N",
        type=whole_number_or(ALL),
        help=f"training examples, balanced where there are classes, or '{ALL}' ({ALL})",
    )
    parser.add_argument(
        "--epochs",
        metavar="E",
        type=whole_number_or(OWN),
        help=f"passes over them, or '{OWN}' (the method's own number)",
    )
    low, high = LABEL_NOISE
    parser.add_argument(
        "--label-noise",
        metavar="X",
        type=number,
        help=f"share of the training labels to make wrong, the same for both: {low:g} to {high:g} (0)",
    )
    parser.add_argument("--seed", metavar="S", type=whole_number, default=0, help="the first seed (0)")
    parser.add_argument("--seeds", metavar="K", type=whole_number, default=1, help="how many seeds: S … S+K-1 (1)")
    parser.add_argument(
        "--data", metavar="DIR", help="what the bundled backbone was pretrained on, to measure what is forgotten of it"
    )
    _add_json(parser)
    parser.set_defaults(module="compare")


def _add_variants(parser: OneLineParser) -> None:
    """The flags that there are one of for each side."""
    methods = ", ".join(METHODS)
    defaults = dict(zip(SIDES, ("linear_probe", "full"), strict=True))
    for side in SIDES:
        parser.add_argument(f"--{side}", metavar="METHOD", help=f"{methods} ({defaults[side]})")
    for side in SIDES:
        parser.add_argument(
            f"--freeze-{side}", metavar="BLOCKS", help=f"what 'partial' freezes: embedding,0-2 or {NONE}"
        )
    for side in SIDES:
        help_text = f"an earlier run to start from, COMPARISON-left, or '{PRETRAINED}'"
        parser.add_argument(f"--from-{side}", metavar="RUN", help=help_text)
    for side in SIDES:
        heads = ", ".join(LANGUAGE_HEADS)
        parser.add_argument(
            f"--head-{side}", metavar="HEAD", help=f"of a language model: {heads} ({LANGUAGE_HEADS[0]})"
        )
    _add_rates(parser)


def _add_rates(parser: OneLineParser) -> None:
    """The flags, for each side, of what is trained how fast; those of known mistakes among them."""
    for side in SIDES:
        schedules = ", ".join(SCHEDULES)
        parser.add_argument(f"--schedule-{side}", metavar="NAME", help=f"of learning rates: {schedules} (the method's)")
    for side in SIDES:
        low, high = RATE_DECAY
        parser.add_argument(
            f"--rate-decay-{side}",
            metavar="X",
            type=number,
            help=f"each block's learning rate is the one above, divided by this: {low:g} to {high:g} (the method's)",
        )
    for side in SIDES:
        low, high = RATE_FACTOR
        parser.add_argument(
            f"--rate-factor-{side}",
            metavar="X",
            type=number,
            help=f"the method's learning rates times this: {low:g} to {high:g} (1)",
        )
    for side in SIDES:
        modes = " or ".join((*BATCH_NORMS, OWN))
        parser.add_argument(
            f"--batchnorm-{side}", metavar="MODE", help=f"{modes}, in frozen blocks too ({OWN}: eval where pretrained)"
        )


def _add_predict(commands: _Commands[OneLineParser]) -> None:
    parser = commands.add_parser(
        "predict",
        help="ask both trained models about a text or an image",
        description="Asks both models of a comparison (those of its first seed) about a text or an image.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "comparison", metavar="COMPARISON", help="its id, as printed by 'compare' and 'list comparisons'"
    )
    parser.add_argument("file", metavar="TEXT_OR_IMAGE_FILE", help="a UTF-8 text file, or a PNG or JPEG image")
    _add_json(parser)
    parser.set_defaults(module="predict")


def _add_list(commands: _Commands[OneLineParser]) -> None:
    parser = commands.add_parser(
        "list",
        help="list what can be chosen, or the comparisons or sweeps so far",
        description="Lists what can be chosen, or the comparisons or sweeps so far.",
        allow_abbrev=False,
    )
    parser.add_argument("what", metavar="|".join(LISTS))
    parser.add_argument(
        "--search", metavar="WORDS", help="of the comparisons, those with all these words: names, states, dates"
    )
    _add_json(parser)
    parser.set_defaults(module="listing")


def _add_diff(commands: _Commands[OneLineParser]) -> None:
    parser = commands.add_parser(
        "diff",
        help="show how the setups of two comparisons differ",
        description="Shows how the setups of two comparisons differ.",
        allow_abbrev=False,
    )
    parser.add_argument("first", metavar="A", help="a comparison's id, as printed by 'list comparisons'")
    parser.add_argument("second", metavar="B", help="another one's")
    parser.add_argument("--all", action="store_true", help="also the settings in which they don't differ")
    _add_json(parser)
    parser.set_defaults(module="diff")


def _add_delete(commands: _Commands[OneLineParser]) -> None:
    parser = commands.add_parser(
        "delete",
        help="delete comparisons and sweeps, with all that is kept of them",
        description="Deletes comparisons (results, curves, answers, trained models) and sweeps (their results, but for "
        "those that other sweeps have, too). Nothing brings them back.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "comparisons", metavar="ID", nargs="+", help="as printed by 'list comparisons' and 'list sweeps'"
    )
    parser.add_argument("--yes", action="store_true", help="really; without it, this only says what would go")
    parser.set_defaults(module="delete")


def _add_pretrain(commands: _Commands[OneLineParser]) -> None:
    parser = commands.add_parser(
        "pretrain",
        help="make a bundled backbone again",
        description="Makes a bundled backbone again from its source data; goes on where it was interrupted.",
        allow_abbrev=False,
    )
    parser.add_argument("recipe", metavar="|".join(RECIPES))
    parser.add_argument("--data", metavar="DIR", required=True, help="the folder of the source data")
    parser.add_argument("--output", metavar="DIR", help="where the result goes (assets/backbones/NAME)")
    parser.set_defaults(module="pretrain")


def _add_record(commands: _Commands[OneLineParser]) -> None:
    parser = commands.add_parser(
        "record",
        help="make a recording of a finished comparison, which the page plays back",
        description="Makes a recording of a finished comparison, which the page plays back without training.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "comparison", metavar="COMPARISON", help="its id, as printed by 'compare' and 'list comparisons'"
    )
    parser.add_argument("--output", metavar="FILE", help="where it goes (assets/replays/PRESET.json)")
    parser.set_defaults(module="record")


def _add_export(commands: _Commands[OneLineParser]) -> None:
    parser = commands.add_parser(
        "export",
        help="take a comparison home: report, numbers, a trained model, a program that trains again",
        description="Writes what can be taken home from a comparison that is over.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "comparison", metavar="COMPARISON", help="its id, as printed by 'compare' and 'list comparisons'"
    )
    parser.add_argument("--report", metavar="FILE", help="the report, as one HTML file")
    _add_json(parser)
    parser.add_argument("--model", metavar="FOLDER", help="a trained model, as transformers loads it")
    parser.add_argument("--script", metavar="FOLDER", help="a program in plain PyTorch that trains again, and its data")
    parser.add_argument("--side", metavar="SIDE", help=f"of the model or the program: {' or '.join(SIDES)}")
    parser.add_argument("--seed", metavar="N", type=whole_number, help="of the model or the program (the first)")
    parser.set_defaults(module="export")


def _add_serve(commands: _Commands[OneLineParser]) -> None:
    parser = commands.add_parser(
        "serve",
        help="serve the page, as app.py does",
        description="Serves the page, as app.py does.",
        allow_abbrev=False,
    )
    parser.add_argument("--host", metavar="HOST", help="address to listen on (GRADIO_SERVER_NAME, else 127.0.0.1)")
    parser.add_argument(
        "--port", metavar="PORT", type=whole_number, help="port (GRADIO_SERVER_PORT, else the first free one from 7860)"
    )
    parser.add_argument("--open", action="store_true", help="show the page in a browser")
    parser.set_defaults(module="serve")


def _add_json(parser: OneLineParser) -> None:
    parser.add_argument("--json", metavar="FILE|-", help="write the results as JSON; '-': to stdout, and nothing else")
