"""The equivalent command line: each is read by the real parser, and gives the same comparison back."""

from __future__ import annotations

import random
import shlex
import subprocess
from dataclasses import replace

import pytest

from tests.unit.setups import random_setups
from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.presets import PRESETS, PREVIOUS
from tlvsft.cli.choose import choose_config
from tlvsft.cli.parser import build_parser
from tlvsft.comparison import command_line
from tlvsft.comparison.command_line import DATA_PLACEHOLDER, join_blocks
from tlvsft.comparison.starts import find_nothing
from tlvsft.config import SIDES, ComparisonConfig, DatasetConfig, VariantConfig, parse_blocks
from tlvsft.ui.setup import setup_of_story

PROGRAM = ["python", "-m", "tlvsft"]


def read_back(line: str) -> ComparisonConfig:
    """What the command line makes of the line."""
    words = shlex.split(line)
    assert words[:3] == PROGRAM
    return choose_config(build_parser().parse_args(words[3:]), find_comparison=find_nothing)


@pytest.mark.parametrize("name", PRESETS)
def test_a_story_unchanged_is_its_name(name: str) -> None:
    line = command_line(setup_of_story(name).config())
    assert line == f"python -m tlvsft compare --preset {name}"
    assert read_back(line) == PRESETS[name].comparison_config()


def test_whatever_the_form_can_hold_is_read_back() -> None:
    for setup in random_setups(seed=1, count=400):
        config = setup.config()
        assert read_back(command_line(config)) == config, setup


def test_whatever_a_story_is_turned_into_is_read_back() -> None:
    """Beyond the form: a story keeps its name on the command line, whatever of it is overridden."""
    chance = random.Random(2)
    for setup in random_setups(seed=2, count=400):
        name = chance.choice([None, *(n for n, p in PRESETS.items() if _same_data(p.comparison_config(), setup.config()))])
        if name is not None and PRESETS[name].after is not None:
            continue
        seeds = chance.choice([1, 1, 5])
        config = replace(setup.config(), preset=name, seed=chance.choice([0, 7]), seeds=seeds)
        config = config if PREVIOUS not in config.started_from() else setup.config()
        assert read_back(command_line(config)) == config


def _same_data(one: ComparisonConfig, other: ComparisonConfig) -> bool:
    return (one.backbone, one.dataset, one.task) == (other.backbone, other.dataset, other.task)


def test_what_a_preset_chose_can_be_taken_back() -> None:
    broken = PRESETS["drifting-batchnorm"].comparison_config()
    config = replace(broken, labels=None, epochs=None, right=VariantConfig(method="linear_probe"), label_noise=0.25)
    line = command_line(config)
    assert "--batchnorm-right default --labels all --epochs default --label-noise 0.25" in line
    assert read_back(line) == config


def test_a_chain_that_has_run_is_the_chain_again() -> None:
    story = PRESETS["three-tasks"].comparison_config()
    ran = replace(story, right=replace(story.right, start="abcdefgh-left"), seed=3)
    assert command_line(ran) == "python -m tlvsft compare --preset three-tasks --seed 3"


def test_another_start_of_the_chain_is_said() -> None:
    story = PRESETS["three-tasks"].comparison_config()
    config = replace(story, left=replace(story.left, start=f"{PREVIOUS}-right"))
    line = command_line(config)
    assert line.endswith("--preset three-tasks --from-left previous-right")
    assert read_back(line) == config


def test_an_earlier_run_is_named() -> None:
    right = VariantConfig(method="full", start="abcdefgh-left-3")
    config = ComparisonConfig(backbone="wiki-gpt", dataset=DatasetConfig(name="book-genres"), right=right)
    assert command_line(config).endswith("--backbone wiki-gpt --dataset book-genres --from-right abcdefgh-left-3")


def test_no_frozen_block_is_a_word() -> None:
    left = VariantConfig(method="partial", frozen_blocks=())
    config = ComparisonConfig(backbone="wiki-gpt", dataset=DatasetConfig(name="book-genres"), left=left)
    assert "--freeze-left none" in command_line(config)
    assert read_back(command_line(config)) == config


def test_own_data_is_a_placeholder() -> None:
    config = ComparisonConfig(backbone="wiki-gpt", dataset=DatasetConfig(name=f"own:{'a' * 32}"))
    line = command_line(config)
    assert "own:" not in line
    assert f"--dataset {DATA_PLACEHOLDER}" in line


def test_a_shell_reads_what_was_meant() -> None:
    name = "/tmp/it's $(rm -rf ~) `x` \"q\" ; & | *\\ é.csv"
    config = ComparisonConfig(
        backbone="wiki-gpt", dataset=DatasetConfig(name=name, text_column="-review", label_column="how many\tstars?")
    )
    line = command_line(config)
    printed = subprocess.run(
        ["/bin/sh", "-c", line.replace("python -m tlvsft", "printf '%s\\0'", 1)], capture_output=True, check=True
    )
    words = printed.stdout.decode().split("\0")[:-1]
    options = build_parser().parse_args(words)
    assert (options.dataset, options.text_column, options.label_column) == (name, "-review", "how many\tstars?")


@pytest.mark.parametrize("backbone", BACKBONES)
def test_blocks_are_written_as_they_are_read(backbone: str) -> None:
    chance = random.Random(3)
    names = setup_of_story("digits" if "resnet" in backbone else "book-genres").summary.block_names
    for _ in range(50):
        chosen = tuple(name for name in names if chance.random() < 0.5)
        assert not chosen or parse_blocks(join_blocks(chosen)) == chosen
    assert join_blocks(("embedding", "0", "1", "2", "4", "6", "7")) == "embedding,0-2,4,6-7"
    assert parse_blocks(join_blocks(("3", "1", "2", "embedding"))) == ("3", "1", "2", "embedding")


def test_every_setting_of_a_comparison_is_written() -> None:
    """A field that is added to a config has to be added here, too."""
    left = VariantConfig(
        method="partial", frozen_blocks=("0",), head="tied", schedule="cosine", rate_decay=2.6, rate_factor=0.5,
        batchnorm="train", start="abc-left",
    )  # fmt: skip
    written = command_line(
        ComparisonConfig(
            backbone="wiki-gpt", dataset=DatasetConfig(name="book-reviews"), left=left, labels=20, epochs=3, seed=2,
            seeds=4, task="language_modeling", label_noise=0.1,
        )
    )  # fmt: skip
    for name in ("freeze", "head", "schedule", "rate-decay", "rate-factor", "batchnorm", "from"):
        assert f"--{name}-{SIDES[0]} " in written
    assert len(VariantConfig.__dataclass_fields__) == 8
    assert len(ComparisonConfig.__dataclass_fields__) == 11
