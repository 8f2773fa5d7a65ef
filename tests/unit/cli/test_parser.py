"""The grammar: quick, torch-free, documented, and complaining in one line."""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tlvsft.cli.parser import RECIPES, build_parser
from tlvsft.errors import InvalidInput

COMMANDS = ("compare", "sweep", "predict", "list", "diff", "delete", "pretrain", "record", "export", "serve")


def command_parsers() -> dict[str, argparse.ArgumentParser]:
    return next(action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction)).choices


def test_the_commands_are_those_of_the_issue() -> None:
    assert tuple(command_parsers()) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_flag_is_documented(command: str, repository: Path) -> None:
    documentation = (repository / "docs" / "command-line.md").read_text(encoding="utf-8")
    for action in command_parsers()[command]._actions:
        for flag in action.option_strings:
            assert flag in {"-h", "--help"} or re.search(rf"{flag}\b", documentation), flag


def test_the_recipes_are_those_of_pretraining() -> None:
    from tlvsft import pretraining

    assert set(RECIPES) == set(pretraining.RECIPES)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["compare", "--help"], ["sweep", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom tlvsft.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'transformers', 'datasets', 'gradio', 'numpy', 'sqlite3'} & set(sys.modules)\n"
        "sys.exit(bool(heavy))"
    )
    assert subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=False).returncode == 0


def test_help_answers_at_once() -> None:
    def spent_s() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = spent_s()
    subprocess.run([sys.executable, "-m", "tlvsft", "--help"], capture_output=True, check=True)
    assert spent_s() - before < 0.5  # of processor time, which a busy machine doesn't stretch


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["train"],
        ["compare", "--labels", "many"],
        ["compare", "--labels", "1.5"],
        ["compare", "--labels", "9" * 5_000],
        ["compare", "--rate-decay-left", "steep"],
        ["compare", "--seeds"],
        ["compare", "--lab", "5"],
        ["compare", "stray\nword"],
        ["predict", "onlyone"],
        ["sweep"],
        ["sweep", "labels", "--labels", "10,many"],
        ["sweep", "labels", "--labels", "10,,20"],
        ["sweep", "depth", "--depths", "all"],
        ["sweep", "labels", "--seeds", "few"],
        ["pretrain", "glyphs"],
    ],
)
def test_complaints_are_one_line_and_name_the_help(arguments: list[str]) -> None:
    with pytest.raises(InvalidInput) as complaint:
        build_parser().parse_args(arguments)
    assert "--help'" in str(complaint.value)
    assert "usage" not in str(complaint.value)
    assert len(str(complaint.value)) < 200
