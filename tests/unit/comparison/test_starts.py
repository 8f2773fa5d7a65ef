"""Starting from earlier runs: what can work is let through, the rest is refused in one line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tlvsft.catalog.backbones import BackboneSummary, BlockSummary
from tlvsft.catalog.presets import PRESETS, PREVIOUS
from tlvsft.comparison import DatasetSummary, check_config
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.errors import InvalidInput
from tlvsft.events import RunFailed, RunFinished
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store

TINY = BackboneSummary(
    name="tiny",
    modality="text",
    blocks=(BlockSummary(name="embedding", parameters=10), BlockSummary(name="0", parameters=10)),
    feature_size=4,
    language_head_parameters=40,
)
REVIEWS = DatasetSummary(name="reviews", modality="text", class_names=("bad", "good"), train_size=100)
CONFIG = ComparisonConfig(backbone="tiny", dataset=DatasetConfig(name="reviews"))
EARLIER = replace(CONFIG, task="language_modeling", seed=3, seeds=2)
FINISHED = RunFinished(steps=1, frozen_intact=None, elapsed_s=1.0, train_s=1.0, examples_per_s=1.0, peak_memory_bytes=1)


def finish(store: Store, comparison_id: str, *, left_out: frozenset[str] = frozenset()) -> None:
    for run in store.comparison(comparison_id).runs:
        if run.id not in left_out:
            store.begin_run(run.id, ProcessIdentity.own())
            store.end_run(run.id, "finished", event=FINISHED)


@pytest.fixture
def earlier(store: Store) -> str:
    """A finished comparison with the seeds 3 and 4."""
    comparison_id = store.add_comparison(EARLIER, owner=None)
    finish(store, comparison_id)
    return comparison_id


def check(store: Store, start: str, *, method: str = "full", **changes: Any) -> None:
    config = replace(CONFIG, right=VariantConfig(method=method, start=start), **changes)
    check_config(
        config,
        dataset=REVIEWS,
        describe_backbone=lambda name: replace(TINY, name=name),
        find_comparison=store.comparison,
    )


def refusal(store: Store, start: str, **changes: Any) -> str:
    with pytest.raises(InvalidInput) as refused:
        check(store, start, **changes)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("reference", ["{id}-left", "{id}:right", "{id}-left-4"])
@pytest.mark.parametrize("method", ["full", "linear_probe", "nearest_centroid"])
def test_a_finished_run_will_do(reference: str, method: str, store: Store, earlier: str) -> None:
    check(store, reference.format(id=earlier), method=method)


def test_an_unknown_comparison_is_refused(store: Store) -> None:
    assert "There is no comparison 'nosuch'" in refusal(store, "nosuch-left")


@pytest.mark.parametrize("reference", ["left", "abc-middle", "abc", "", "../abc-left", "abc-left-x"])
def test_a_reference_that_cannot_be_read_is_refused(reference: str, store: Store) -> None:
    assert "write a comparison's id and side" in refusal(store, reference)


def test_a_seed_that_was_not_run_is_refused(store: Store, earlier: str) -> None:
    assert "no run with seed 7: choose from 3, 4" in refusal(store, f"{earlier}-left-7")


def test_another_backbone_is_refused(store: Store, earlier: str) -> None:
    message = refusal(store, f"{earlier}-left", backbone="other")
    assert f"Run {earlier}-left has the backbone 'tiny', this comparison 'other'" in message


@pytest.mark.parametrize("method", ["from_scratch", "random_features"])
def test_random_weights_and_a_start_contradict_each_other(method: str, store: Store, earlier: str) -> None:
    assert f"{method!r} starts from random weights" in refusal(store, f"{earlier}-left", method=method)


def test_a_run_on_its_way_is_refused(store: Store) -> None:
    earlier = store.add_comparison(EARLIER, owner=None)
    finish(store, earlier, left_out=frozenset({f"{earlier}-left-4"}))
    assert "with seed 4 that run is queued" in refusal(store, f"{earlier}-left")
    check(store, f"{earlier}-left-3")
    check(store, f"{earlier}-right")


def test_a_run_that_failed_is_refused(store: Store) -> None:
    earlier = store.add_comparison(EARLIER, owner=None)
    finish(store, earlier, left_out=frozenset({f"{earlier}-left-3"}))
    store.begin_run(f"{earlier}-left-3", ProcessIdentity.own())
    store.end_run(f"{earlier}-left-3", "failed", event=RunFailed(message="no luck"))
    assert "that run is failed" in refusal(store, f"{earlier}-left")


def test_a_chain_is_let_through_before_its_first_comparison_has_an_id() -> None:
    check_config(
        replace(PRESETS["three-tasks"].comparison_config(), backbone="tiny"),
        describe_backbone=lambda name: replace(TINY, name=name),
    )


def test_a_chain_is_checked_from_its_first_comparison_on() -> None:
    with pytest.raises(InvalidInput, match="no pretrained head that predicts words"):
        check_config(
            replace(PRESETS["three-tasks"].comparison_config(), backbone="tiny"),
            describe_backbone=lambda name: replace(TINY, name=name, language_head_parameters=None),
        )


def test_the_comparison_before_exists_in_a_chain_only(store: Store) -> None:
    assert "There is no comparison 'previous'" in refusal(store, f"{PREVIOUS}-left")


def test_without_a_store_nothing_can_be_started_from() -> None:
    config = replace(CONFIG, right=VariantConfig(method="full", start="abcdefghijklmnop-left"))
    with pytest.raises(InvalidInput, match="There is no comparison 'abcdefghijklmnop'"):
        check_config(config, dataset=REVIEWS, describe_backbone=lambda _: TINY)
