"""Who may see, use and delete which own dataset, and when one goes by itself."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from tests.unit.own_datasets import keep_texts
from tlvsft.catalog.own import GONE, OwnDataset, find_described, own_folder
from tlvsft.config import ComparisonConfig, DatasetConfig
from tlvsft.errors import DatasetError
from tlvsft.runs.own_data import find_own
from tlvsft.runs.own_keeping import Keeper, delete_own, prune_own
from tlvsft.runs.store import Store

ME, SOMEBODY = "m" * 32, "s" * 32


@pytest.fixture
def dataset(store: Store) -> OwnDataset:
    return keep_texts(store.home, ME)


def train_on(store: Store, config: ComparisonConfig, dataset: OwnDataset) -> str:
    return store.add_comparison(replace(config, dataset=DatasetConfig(name=dataset.name)), owner=ME)


def leave_unused(store: Store, dataset: OwnDataset, *, days: float) -> None:
    then = time.time() - days * 86_400
    os.utime(own_folder(store.home, dataset.name) / "manifest.json", (then, then))


@pytest.mark.parametrize(
    ("viewer", "shared_host", "there"),
    [
        (ME, "0", True),
        (ME, "1", True),
        (SOMEBODY, "0", False),
        (SOMEBODY, "1", False),
        (None, "0", True),
        (None, "1", False),
    ],
)
def test_what_somebody_may_not_see_is_not_there(
    store: Store,
    dataset: OwnDataset,
    monkeypatch: pytest.MonkeyPatch,
    *,
    viewer: str | None,
    shared_host: str,
    there: bool,
) -> None:
    monkeypatch.setenv("TLVSFT_SHARED_HOST", shared_host)
    if there:
        assert find_own(store.home, dataset.name, viewer=viewer) == dataset
        return
    with pytest.raises(DatasetError) as refused:
        find_own(store.home, dataset.name, viewer=viewer)
    assert str(refused.value) == GONE


def test_only_its_visitor_deletes_it(store: Store, dataset: OwnDataset) -> None:
    with pytest.raises(DatasetError, match="isn't there any more"):
        delete_own(store, SOMEBODY, dataset.name)
    delete_own(store, ME, dataset.name)
    with pytest.raises(DatasetError, match="isn't there any more"):
        delete_own(store, ME, dataset.name)


def test_what_is_trained_on_stays(store: Store, dataset: OwnDataset, digits_config: ComparisonConfig) -> None:
    comparison_id = train_on(store, digits_config, dataset)
    leave_unused(store, dataset, days=100)
    with pytest.raises(DatasetError, match="stop it first"):
        delete_own(store, ME, dataset.name)
    assert prune_own(store) == []
    store.request_stop(comparison_id)
    assert prune_own(store) == [dataset.name]


@pytest.mark.parametrize(
    ("shared_host", "days", "stays"), [("0", 29, True), ("0", 31, False), ("1", 0.9, True), ("1", 1.1, False)]
)
def test_the_rule_is_shorter_where_strangers_share_the_machine(
    store: Store, dataset: OwnDataset, monkeypatch: pytest.MonkeyPatch, *, shared_host: str, days: float, stays: bool
) -> None:
    monkeypatch.setenv("TLVSFT_SHARED_HOST", shared_host)
    leave_unused(store, dataset, days=days)
    prune_own(store)
    assert (find_described(dataset.name, home=store.home) is not None) is stays


def test_a_server_looks_by_itself(store: Store, dataset: OwnDataset) -> None:
    leave_unused(store, dataset, days=31)
    keeper = Keeper(store)
    keeper.start()
    keeper.close()
    assert find_described(dataset.name, home=store.home) is None
