"""Configs: bounds, blocks, and the round trip through JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tlvsft.catalog.presets import PRESETS, PREVIOUS
from tlvsft.config import (
    ComparisonConfig,
    DatasetConfig,
    RunConfig,
    RunReference,
    VariantConfig,
    parse_blocks,
    parse_run_reference,
)
from tlvsft.errors import InvalidInput

COMPARISON = ComparisonConfig(
    backbone="glyphs-resnet",
    dataset=DatasetConfig(name="digits"),
    left=VariantConfig(method="partial", frozen_blocks=("embedding", "0")),
    labels=50,
    seed=3,
    seeds=2,
    label_noise=0.25,
)


def test_a_comparison_survives_json() -> None:
    assert ComparisonConfig.from_dict(json.loads(json.dumps(COMPARISON.to_dict()))) == COMPARISON


def test_a_run_survives_json() -> None:
    run = COMPARISON.run_config("left", 4)
    assert RunConfig.from_dict(json.loads(json.dumps(run.to_dict()))) == run


def test_both_sides_of_a_seed_share_all_but_the_variant() -> None:
    left, right = (COMPARISON.run_config(side, 3).to_dict() for side in ("left", "right"))
    assert left.pop("variant") != right.pop("variant")
    assert left == right


def test_seeds_count_up_from_the_first() -> None:
    assert list(COMPARISON.all_seeds()) == [3, 4]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("embedding", ("embedding",)),
        ("embedding,0-2", ("embedding", "0", "1", "2")),
        (" 3 , 1-1", ("3", "1")),
        ("0-1,1,0", ("0", "1")),
    ],
)
def test_blocks_are_read(text: str, blocks: tuple[str, ...]) -> None:
    assert parse_blocks(text) == blocks


@pytest.mark.parametrize("text", ["", "head", "0-", "2-0", "a", "1..3", "-1", "99999"])
def test_unreadable_blocks_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_blocks(text)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "change", [{"epochs": 0}, {"epochs": -1}, {"seeds": 0}, {"seeds": 21}, {"seed": -1}, {"labels": 0}]
)
def test_out_of_bounds_settings_name_the_range(change: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match=r"must be from \d+ to"):
        ComparisonConfig(backbone="b", dataset=DatasetConfig(name="d"), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PRESETS)
def test_presets_start_comparisons(name: str) -> None:
    config = PRESETS[name].comparison_config()
    assert config.preset == name
    assert config.right.method == ("linear_probe" if PRESETS[name].fault == "batchnorm" else "full")
    assert config.left != config.right


def test_a_chain_s_last_comparison_says_what_it_starts_from() -> None:
    chained = [preset for preset in PRESETS.values() if preset.after is not None]
    assert chained
    for preset in chained:
        assert preset.after in PRESETS
        assert preset.comparison_config().started_from() == (PREVIOUS,)


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("abc234-left", RunReference(comparison_id="abc234", side="left")),
        ("abc234:right", RunReference(comparison_id="abc234", side="right")),
        ("abc234-right-12", RunReference(comparison_id="abc234", side="right", seed=12)),
    ],
)
def test_runs_are_named_by_comparison_side_and_seed(text: str, reference: RunReference) -> None:
    assert parse_run_reference(text) == reference
    assert parse_run_reference(str(reference)) == reference


@pytest.mark.parametrize("text", ["", "left", "abc", "abc-top", "../x-left", "abc-left-", "abc-left-x", "ABC-left"])
def test_an_unreadable_run_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="comparison's id and side"):
        parse_run_reference(text)


def test_configs_stored_before_a_setting_existed_still_load() -> None:
    stored, run = COMPARISON.to_dict(), COMPARISON.run_config("left", 3).to_dict()
    del stored["label_noise"], run["label_noise"]
    for variant in (stored["left"], stored["right"], run["variant"]):
        del variant["rate_factor"], variant["batchnorm"]
    assert ComparisonConfig.from_dict(stored) == replace(COMPARISON, label_noise=0.0)
    assert RunConfig.from_dict(run) == replace(COMPARISON, label_noise=0.0).run_config("left", 3)


@pytest.mark.parametrize("factor", [0.001, 0.0, -1.0, 1e6, float("nan"), float("inf")])
def test_a_factor_of_rates_has_bounds(factor: float) -> None:
    with pytest.raises(InvalidInput, match=r"The rate factor must be from 0\.01 to 1000"):
        VariantConfig(method="full", rate_factor=factor)


@pytest.mark.parametrize("share", [-0.1, 0.95, 1.0, float("nan")])
def test_a_share_of_wrong_labels_has_bounds(share: float) -> None:
    with pytest.raises(InvalidInput, match=r"share of wrong labels must be from 0 to 0\.9"):
        ComparisonConfig(backbone="b", dataset=DatasetConfig(name="d"), label_noise=share)


@pytest.mark.parametrize("decay", [0.5, -1.0, 1000.0, float("nan")])
def test_a_decay_of_rates_has_bounds(decay: float) -> None:
    with pytest.raises(InvalidInput, match="rate_decay must be from 1 to 100"):
        VariantConfig(method="full", rate_decay=decay)
