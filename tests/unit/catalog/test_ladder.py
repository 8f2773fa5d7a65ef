"""The layer ladder before the start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tlvsft.catalog.backbones import BackboneSummary, BlockSummary
from tlvsft.catalog.ladder import block_states, last_block_states, trainable_parameters
from tlvsft.catalog.methods import METHODS
from tlvsft.config import VariantConfig
from tlvsft.errors import InvalidInput, UnknownName

SUMMARY = BackboneSummary(
    name="tiny",
    modality="text",
    blocks=(
        BlockSummary(name="embedding", parameters=10),
        *(BlockSummary(name=name, parameters=10, adapter_parameters=3) for name in ("0", "1", "2")),
    ),
    feature_size=4,
    language_head_parameters=7,
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
        (VariantConfig(method="gradual_unfreezing"), "frozen frozen frozen frozen new"),
        (VariantConfig(method="lp_ft"), "frozen frozen frozen frozen new"),
        (VariantConfig(method="discriminative_rates"), "trains trains trains trains new"),
        (VariantConfig(method="lora"), "frozen adapts adapts adapts new"),
        (VariantConfig(method="from_scratch"), "new new new new new"),
    ],
)
def test_states_follow_the_method(variant: VariantConfig, expected: str) -> None:
    assert states(variant) == expected.split()


@pytest.mark.parametrize("method", METHODS)
def test_rungs_run_from_input_to_output(method: str) -> None:
    rungs = block_states(SUMMARY, VariantConfig(method=method), num_classes=2)
    assert [rung.name for rung in rungs] == ["embedding", "0", "1", "2", "head"]


@pytest.mark.parametrize(
    ("method", "first", "last"),
    [
        ("linear_probe", 10, 10),
        ("full", 50, 50),
        ("partial", 30, 30),
        ("nearest_centroid", 0, 0),
        ("from_scratch", 50, 50),
        ("gradual_unfreezing", 10, 50),
        ("lp_ft", 10, 50),
        ("lora", 19, 19),
    ],
)
def test_trainable_parameters_are_counted_with_the_head(method: str, first: int, last: int) -> None:
    variant = VariantConfig(method=method)
    assert trainable_parameters(block_states(SUMMARY, variant, num_classes=2)) == first
    assert trainable_parameters(last_block_states(SUMMARY, variant, num_classes=2)) == last


def test_the_ladder_can_be_asked_for_at_any_time() -> None:
    rungs = block_states(SUMMARY, VariantConfig(method="gradual_unfreezing"), num_classes=2, frozen={"embedding", "0"})
    assert [rung.state for rung in rungs] == ["frozen", "frozen", "trains", "trains", "new"]


def test_a_block_without_layers_to_adapt_stays_frozen() -> None:
    bare = replace(SUMMARY, blocks=tuple(replace(block, adapter_parameters=0) for block in SUMMARY.blocks))
    assert {rung.state for rung in block_states(bare, VariantConfig(method="lora"), num_classes=2)} == {"frozen", "new"}


@pytest.mark.parametrize(
    ("variant", "head"),
    [
        (VariantConfig(method="partial"), ("trains", 7, "kept")),
        (VariantConfig(method="linear_probe", head="new"), ("new", 7, "new")),
        (VariantConfig(method="full", head="tied"), ("trains", 0, "tied")),
        (VariantConfig(method="partial", head="tied"), ("frozen", 0, "tied")),
        (VariantConfig(method="lora", head="tied"), ("frozen", 0, "tied")),
        (VariantConfig(method="from_scratch"), ("new", 7, "new")),
        (VariantConfig(method="random_features", head="kept"), ("new", 7, "new")),
    ],
)
def test_the_head_of_a_language_model_says_which_it_is(variant: VariantConfig, head: tuple[str, int, str]) -> None:
    rung = block_states(SUMMARY, variant, task="language_modeling")[-1]
    assert (rung.name, rung.state, rung.parameters, rung.head) == ("head", *head)


def test_a_classifiers_head_is_none_of_a_language_models() -> None:
    assert block_states(SUMMARY, VariantConfig(method="full"), num_classes=2)[-1].head is None


@pytest.mark.parametrize("method", ["linear_probe", "gradual_unfreezing", "lp_ft"])
def test_a_tied_head_on_a_frozen_backbone_is_refused(method: str) -> None:
    with pytest.raises(InvalidInput, match=f"{method!r} would train nothing: choose the head 'kept'"):
        block_states(SUMMARY, VariantConfig(method=method, head="tied"), task="language_modeling")


def test_a_backbone_that_predicts_no_words_has_no_such_ladder() -> None:
    with pytest.raises(InvalidInput, match="no head that predicts words"):
        block_states(
            replace(SUMMARY, language_head_parameters=None), VariantConfig(method="full"), task="language_modeling"
        )


@pytest.mark.parametrize(
    "changes", [{"schedule": "cosine"}, {"rate_decay": 2.6}, {"rate_factor": 2.0}, {"batchnorm": "train"}]
)
def test_a_method_without_steps_has_no_rates(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="'nearest_centroid' takes no steps: leave out schedule"):
        states(VariantConfig(method="nearest_centroid", **changes))


def test_random_weights_have_no_statistics_to_keep() -> None:
    with pytest.raises(InvalidInput, match="no statistics to keep"):
        states(VariantConfig(method="from_scratch", batchnorm="eval"))
    assert states(VariantConfig(method="from_scratch", batchnorm="train"))


def test_an_unknown_block_is_refused() -> None:
    with pytest.raises(UnknownName, match="block of tiny 'head'"):
        states(VariantConfig(method="partial", frozen_blocks=("head",)))


def test_blocks_are_chosen_for_partial_only() -> None:
    with pytest.raises(InvalidInput, match="partial"):
        states(VariantConfig(method="linear_probe", frozen_blocks=("0",)))
