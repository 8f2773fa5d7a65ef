"""What is run before a preset's own comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tlvsft.catalog.presets import PRESETS, PREVIOUS
from tlvsft.comparison import preset_chain
from tlvsft.comparison.chains import goes_on
from tlvsft.config import VariantConfig
from tlvsft.errors import InvalidInput

THREE_TASKS = PRESETS["three-tasks"].comparison_config()
ADAPTATION = PRESETS["adapt-to-book-reviews"].comparison_config()


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if preset.after is None])
def test_most_presets_stand_alone(name: str) -> None:
    config = PRESETS[name].comparison_config()
    assert preset_chain(config) == (config,)
    assert not goes_on(config)


def test_the_adaptation_comes_first_and_the_preset_itself_last() -> None:
    assert preset_chain(THREE_TASKS) == (ADAPTATION, THREE_TASKS)


def test_backbone_and_seeds_are_those_of_the_last() -> None:
    config = replace(
        THREE_TASKS, backbone="my-gpt", seed=4, seeds=3, labels=100, epochs=2, left=VariantConfig(method="lp_ft")
    )
    first, last = preset_chain(config)
    assert first == replace(ADAPTATION, backbone="my-gpt", seed=4, seeds=3)
    assert last == config


def test_without_a_start_of_its_own_kind_nothing_is_run_first() -> None:
    for start in (None, "abcdefghijklmnop-left"):
        config = replace(THREE_TASKS, right=replace(THREE_TASKS.right, start=start))
        assert preset_chain(config) == (config,)


def test_either_side_of_the_earlier_comparison_will_do() -> None:
    config = replace(THREE_TASKS, right=replace(THREE_TASKS.right, start=f"{PREVIOUS}-right"))
    assert len(preset_chain(config)) == 2


def test_a_start_without_a_preset_names_no_chain() -> None:
    config = replace(THREE_TASKS, preset=None)
    assert preset_chain(config) == (config,)
    assert goes_on(config)


def test_a_start_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidInput, match="write a comparison's id and side"):
        preset_chain(replace(THREE_TASKS, right=VariantConfig(method="full", start="left")))
