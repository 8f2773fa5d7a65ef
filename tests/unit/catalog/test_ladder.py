"""The layer ladder before the start."""

from __future__ import annotations

import pytest

from tlvsft.catalog.backbones import BackboneSummary, BlockSummary
from tlvsft.catalog.ladder import block_states, trainable_parameters
from tlvsft.catalog.methods import METHODS
from tlvsft.config import VariantConfig
from tlvsft.errors import InvalidInput, UnknownName

SUMMARY = BackboneSummary(
    name="tiny",
    modality="text",
    blocks=tuple(BlockSummary(name=name, parameters=10) for name in ("embedding", "0", "1", "2")),
    feature_size=4,
)


def states(variant: VariantConfig) -> list[str]:
    return [block.state for block in block_states(SUMMARY, variant, num_classes=2)]


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        (VariantConfig(method="linear_probe"), "frozen frozen frozen frozen new"),
        (VariantConfig(method="random_features"), "frozen frozen frozen frozen new"),
        (VariantConfig(method="full"), "trains trains trains trains new"),
        (VariantConfig(method="partial"), "frozen frozen trains trains new"),
        (VariantConfig(method="partial", frozen_blocks=("1",)), "trains trains frozen trains new"),
    ],
)
def test_states_follow_the_method(variant: VariantConfig, expected: str) -> None:
    assert states(variant) == expected.split()


@pytest.mark.parametrize("method", METHODS)
def test_rungs_run_from_input_to_output(method: str) -> None:
    rungs = block_states(SUMMARY, VariantConfig(method=method), num_classes=2)
    assert [rung.name for rung in rungs] == ["embedding", "0", "1", "2", "head"]


@pytest.mark.parametrize(
    ("method", "count"),
    [("linear_probe", 10), ("full", 50), ("partial", 30), ("nearest_centroid", 0), ("from_scratch", 50)],
)
def test_trainable_parameters_are_counted_with_the_head(method: str, count: int) -> None:
    assert trainable_parameters(block_states(SUMMARY, VariantConfig(method=method), num_classes=2)) == count


def test_an_unknown_block_is_refused() -> None:
    with pytest.raises(UnknownName, match="block of tiny 'head'"):
        states(VariantConfig(method="partial", frozen_blocks=("head",)))


def test_blocks_are_chosen_for_partial_only() -> None:
    with pytest.raises(InvalidInput, match="partial"):
        states(VariantConfig(method="linear_probe", frozen_blocks=("0",)))
