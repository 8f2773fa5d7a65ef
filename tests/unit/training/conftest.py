"""One tiny backbone of each kind for all training tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.unit.backbones.tiny import save_tiny, save_tiny_language_model


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny("gpt2", tmp_path_factory.mktemp("gpt2"))


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Has dropout, unlike the others."""
    return save_tiny("bert", tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="session")
def gpt2_lm(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Has its head for next words."""
    return save_tiny_language_model("gpt2", tmp_path_factory.mktemp("gpt2-lm"))


@pytest.fixture(scope="session")
def bert_lm(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Has its head for masked words, and dropout."""
    return save_tiny_language_model("bert", tmp_path_factory.mktemp("bert-lm"))


@pytest.fixture(scope="session")
def resnet(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Has BatchNorm."""
    return save_tiny("resnet", tmp_path_factory.mktemp("resnet"))


@pytest.fixture
def global_generator_kept() -> Iterator[None]:
    """Fails a test that leaves torch's global generator elsewhere than it was."""
    before = torch.get_rng_state()
    yield
    assert torch.equal(torch.get_rng_state(), before)
