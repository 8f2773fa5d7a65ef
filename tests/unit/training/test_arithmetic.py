"""Runs in bfloat16 learn the same, say so, and store what they computed apart from float32."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.unit.training.fakes import Heard, corpus, image_data, run, text_data
from tlvsft.backbones import Arithmetic
from tlvsft.events import Evaluated, Noted, PrefixStored, RunFinished, StepTaken

BFLOAT16 = Arithmetic(precision="bfloat16")


def losses(heard: Heard) -> list[float]:
    return [event.train_loss for event in heard.of(StepTaken)]


@pytest.mark.parametrize("method", ["full", "linear_probe", "partial", "lora", "from_scratch"])
@pytest.mark.parametrize("kind", ["text", "image"])
def test_curves_in_bfloat16_are_near_those_in_float32(bert: str, resnet: str, kind: str, method: str) -> None:
    backbone, data = (bert, text_data()) if kind == "text" else (resnet, image_data())
    plain = run(backbone, method, data, epochs=3)
    short = run(backbone, method, data, epochs=3, arithmetic=BFLOAT16)
    assert losses(short) != losses(plain)
    np.testing.assert_allclose(losses(short), losses(plain), rtol=0.1, atol=0.05)
    assert all(tensor.dtype != torch.bfloat16 for tensor in short.run.changed_tensors.values())
    assert short.of(RunFinished)[0].frozen_intact in {True, None}
    assert "Computed in bfloat16 on cpu" in short.of(Noted)[0].message
    assert not plain.of(Noted)


def test_language_models_learn_in_bfloat16(gpt2_lm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlvsft.training.language_modeling.load_general_text", lambda: corpus().test)
    settings = {"task": "language_modeling", "labels": 20, "epochs": 3}
    plain = run(gpt2_lm, "full", corpus(), **settings)
    short = run(gpt2_lm, "full", corpus(), arithmetic=BFLOAT16, **settings)
    np.testing.assert_allclose(losses(short), losses(plain), rtol=0.05)
    finish = short.of(RunFinished)[0]
    assert finish.perplexity < finish.perplexity_before  # type: ignore[operator]


def test_the_same_seed_gives_the_same_curve_in_bfloat16(bert: str) -> None:
    assert losses(run(bert, "full", text_data(), arithmetic=BFLOAT16)) == losses(
        run(bert, "full", text_data(), arithmetic=BFLOAT16)
    )


def test_stored_activations_are_told_apart_by_their_arithmetic(gpt2: str) -> None:
    run(gpt2, "linear_probe", text_data(), epochs=4)
    short = run(gpt2, "linear_probe", text_data(), epochs=4, arithmetic=BFLOAT16)
    again = run(gpt2, "linear_probe", text_data(), epochs=4, arithmetic=BFLOAT16)
    assert [heard.of(PrefixStored)[0].reused for heard in (short, again)] == [False, True]
    uncached = run(gpt2, "linear_probe", text_data(), epochs=4, arithmetic=BFLOAT16, stores_prefix=False)
    np.testing.assert_allclose(
        [event.val_loss for event in short.of(Evaluated)],
        [event.val_loss for event in uncached.of(Evaluated)],
        rtol=0.02,
    )
