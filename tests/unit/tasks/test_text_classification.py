"""Texts become token ids once; long ones are cut and counted; padding needs no padding token."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.backbones.tiny import CONTEXT, save_tiny
from tlvsft.backbones import load_backbone
from tlvsft.tasks import encode_inputs


@pytest.mark.parametrize("shape", ["bert", "gpt2"])
def test_batches_are_padded_on_the_right_to_their_longest_text(shape: str, tmp_path: Path) -> None:
    inputs = encode_inputs(load_backbone(save_tiny(shape, tmp_path)), ["good", "a dull plot", "the end"])
    batch = inputs.batch(np.array([2, 0]))
    assert batch["input_ids"].shape == batch["attention_mask"].shape
    lengths = batch["attention_mask"].sum(dim=1).tolist()
    assert lengths[0] == lengths[1] + 1 == batch["input_ids"].shape[1]
    assert batch["attention_mask"][1].tolist() == sorted(batch["attention_mask"][1].tolist(), reverse=True)


@pytest.mark.parametrize("shape", ["bert", "gpt2", "llama"])
def test_long_texts_are_cut_to_the_context_and_counted(shape: str, tmp_path: Path) -> None:
    inputs = encode_inputs(load_backbone(save_tiny(shape, tmp_path)), ["good " * 100, "good", "bad " * (CONTEXT + 1)])
    assert inputs.note == f"2 of 3 texts were longer than {CONTEXT} tokens and were cut."
    assert inputs.batch(np.array([0, 1, 2]))["input_ids"].shape == (3, CONTEXT)


def test_texts_that_fit_bring_no_note(tmp_path: Path) -> None:
    inputs = encode_inputs(load_backbone(save_tiny("gpt2", tmp_path)), ["good " * CONTEXT, "bad"])
    assert inputs.note is None
    assert len(inputs) == 2


def test_an_empty_text_is_one_token(tmp_path: Path) -> None:
    batch = encode_inputs(load_backbone(save_tiny("gpt2", tmp_path)), [""]).batch(np.array([0]))
    assert batch["attention_mask"].tolist() == [[1]]
