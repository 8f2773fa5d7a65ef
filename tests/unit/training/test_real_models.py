"""A real ImageNet model as a local folder, on real photos."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.unit.training.fakes import run
from tlvsft.backbones import load_backbone
from tlvsft.config import DatasetConfig
from tlvsft.datasets import LabelledData, Split, load_labelled_data
from tlvsft.events import RunFinished

pytestmark = pytest.mark.shared


def few(split: Split, *, each: int) -> Split:
    chosen = [np.flatnonzero(split.labels == label)[:each] for label in (0, 1)]
    return split.select(np.concatenate(chosen))


@pytest.fixture(scope="module")
def photos(shared_dir: Path) -> LabelledData:
    data = load_labelled_data(DatasetConfig(name=str(shared_dir / "data" / "hymenoptera")))
    parts = {
        "train": few(data.train, each=8),
        "validation": few(data.validation, each=2),
        "test": few(data.test, each=16),
    }
    return replace(data, **parts)


def test_a_probe_on_mobilenet_beats_random_features(shared_dir: Path, photos: LabelledData) -> None:
    backbone = str(shared_dir / "models" / "mobilenet-v2-0.35-imagenet")
    accuracies = {}
    for method in ("linear_probe", "random_features", "nearest_centroid"):
        finished = run(backbone, method, photos, labels=16, epochs=4).of(RunFinished)[0]
        assert finished.frozen_intact is True
        accuracies[method] = finished.test_accuracy
    assert accuracies["linear_probe"] >= accuracies["random_features"] + 0.1
    assert accuracies["nearest_centroid"] >= 0.7


def test_mobilenet_has_its_blocks(shared_dir: Path) -> None:
    summary = load_backbone(str(shared_dir / "models" / "mobilenet-v2-0.35-imagenet")).summary()
    assert summary.block_names == ("embedding", *map(str, range(16)))
    assert summary.parameters == 396_128
    assert summary.feature_size == 1280
