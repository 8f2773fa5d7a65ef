"""What the head reads of some test examples is kept, before and after, on one scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from tests.unit.training.fakes import Heard, corpus, image_data, run, text_data
from tlvsft.backbones import load_backbone
from tlvsft.backbones.features import read_features
from tlvsft.tasks import encode_inputs
from tlvsft.training import representations
from tlvsft.training.representations import EXAMPLES, choose_examples, keep_representations


def kept(backbone: str, method: str, data: Any, **changes: Any) -> tuple[Heard, dict[str, np.ndarray]]:
    heard = run(backbone, method, data, observers=(keep_representations,), **changes)
    return heard, dict(heard.run.arrays["representations"])


@pytest.mark.parametrize("shape", ["gpt2", "resnet"])
def test_it_is_what_the_head_reads_before_and_after(shape: str, request: pytest.FixtureRequest) -> None:
    name = request.getfixturevalue(shape)
    data = image_data() if shape == "resnet" else text_data()
    heard, arrays = kept(name, "full", data, epochs=6)
    adapted, pretrained = load_backbone(name), load_backbone(name)
    state = adapted.model.state_dict()
    for key, tensor in heard.run.changed_tensors.items():
        if key.startswith("backbone."):
            state[key.removeprefix("backbone.")].copy_(tensor)
    batch = encode_inputs(pretrained, data.test.inputs).batch(arrays["examples"])
    with torch.no_grad():
        before, after = (
            read_features(backbone.model, backbone.modality, batch).numpy() for backbone in (pretrained, adapted)
        )
    mean, spread = before.mean(axis=0), before.std(axis=0)
    halves = np.split(spread, 2) if shape == "gpt2" else [spread]  # an embedding varies less than a last layer
    floored = np.concatenate([np.maximum(half, 0.3 * np.sqrt(np.mean(half**2))) for half in halves])
    np.testing.assert_allclose(arrays["before"], (before - mean) / floored, atol=5e-3)
    np.testing.assert_allclose(arrays["after"], (after - mean) / floored, atol=5e-3)
    assert not np.array_equal(arrays["before"], arrays["after"])
    np.testing.assert_array_equal(arrays["labels"], data.test.labels[arrays["examples"]])
    assert arrays["before"].dtype == np.float16


@pytest.mark.parametrize("method", ["linear_probe", "nearest_centroid"])
def test_a_backbone_that_stays_is_read_once(resnet: str, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(representations, "load_backbone", None)
    _, arrays = kept(resnet, method, image_data())
    np.testing.assert_array_equal(arrays["before"], arrays["after"])


@pytest.mark.parametrize("method", ["from_scratch", "random_features"])
def test_a_control_has_a_scale_of_its_own(resnet: str, method: str) -> None:
    _, arrays = kept(resnet, method, image_data())
    probe = kept(resnet, "linear_probe", image_data())[1]
    np.testing.assert_allclose(arrays["before"], probe["before"], atol=5e-3)  # the pretrained one, for every method
    spread = arrays["after"].astype(float).std(axis=0)
    assert spread.max() == pytest.approx(1, abs=0.01)


def test_adapters_are_part_of_what_is_read(gpt2: str) -> None:
    _, arrays = kept(gpt2, "lora", text_data(), epochs=6)
    assert not np.array_equal(arrays["before"], arrays["after"])


def test_seeds_and_methods_keep_the_same_examples(gpt2: str) -> None:
    first = kept(gpt2, "linear_probe", text_data(), seed=1)[1]
    second = kept(gpt2, "full", text_data(), seed=2)[1]
    np.testing.assert_array_equal(first["examples"], second["examples"])
    np.testing.assert_allclose(first["before"], second["before"], atol=5e-3)


def test_classes_have_equal_parts_where_they_can() -> None:
    labels = np.array([0] * 100 + [1] * 10 + [2] * 3)
    chosen = choose_examples(labels, num_classes=3, count=20)
    assert np.bincount(labels[chosen]).tolist() == [9, 8, 3] or np.bincount(labels[chosen]).tolist() == [8, 9, 3]
    assert chosen.tolist() == sorted(set(chosen.tolist()))
    assert len(choose_examples(labels, num_classes=3, count=1000)) == 113


def test_no_more_are_read_than_are_kept(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXAMPLES, "text", 6)
    _, arrays = kept(gpt2, "full", text_data())
    assert len(arrays["before"]) == len(arrays["after"]) == len(arrays["labels"]) == 6


def test_a_language_model_keeps_nothing(gpt2_lm: str) -> None:
    changes = {"task": "language_modeling", "head": "kept"}
    assert run(gpt2_lm, "full", corpus(), observers=(keep_representations,), **changes).run.arrays == {}
