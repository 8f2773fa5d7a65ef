"""What a report calls a visitor's own data."""

from __future__ import annotations

import pytest

from tlvsft.catalog.own import DELETED_DATA
from tlvsft.config import ComparisonConfig, DatasetConfig
from tlvsft.report import origins, words
from tlvsft.report.origins import data_origin
from tlvsft.report.words import data_title

GONE = f"own:{'0' * 32}"


class Kept:
    title = "My <b>photos</b>"


def config(name: str) -> ComparisonConfig:
    return ComparisonConfig(backbone="photos-resnet", dataset=DatasetConfig(name=name))


def test_own_data_has_its_title_and_deleted_data_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert data_title(config(GONE)) == data_origin(GONE).name == DELETED_DATA
    monkeypatch.setattr(words, "find_dataset", lambda _: Kept)
    monkeypatch.setattr(origins, "find_described", lambda _: Kept)
    assert data_title(config(GONE)) == data_origin(GONE).name == Kept.title
    assert data_origin(GONE).licence is None


def test_other_data_keeps_its_name() -> None:
    assert data_title(config("digits")) == "Handwritten digits"
    assert data_title(config("/home/me/reviews.csv")) == "reviews.csv"
