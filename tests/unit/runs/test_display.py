from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlvsft.runs.display import SHOWN_EXAMPLES, display_examples, save_display_examples


@dataclass
class PlainSplit:
    inputs: list[str] | list[Image.Image]
    groups: tuple[str, ...] | None = None

    @property
    def labels(self) -> np.ndarray:
        return np.arange(len(self.inputs)) % 3

    def __len__(self) -> int:
        return len(self.inputs)


@pytest.mark.parametrize("count", [1, 599, 600, 601, 5_000])
def test_large_splits_are_thinned_evenly(count: int) -> None:
    examples = display_examples(PlainSplit([f"text {index}" for index in range(count)]))  # type: ignore[arg-type]
    indices = [example.index for example in examples]
    assert len(indices) == min(count, SHOWN_EXAMPLES)
    assert indices == sorted(set(indices))
    assert indices[0] == 0
    assert indices[-1] >= count - 1 - count // SHOWN_EXAMPLES
    assert all(example.text == f"text {example.index}" and example.label == example.index % 3 for example in examples)


@pytest.mark.parametrize(
    ("mode", "size", "shown"),
    [("L", (32, 32), (32, 32)), ("RGB", (200, 100), (64, 32)), ("CMYK", (9, 9), (9, 9)), ("1", (9, 9), (9, 9))],
)
def test_images_become_small_pngs(mode: str, size: tuple[int, int], shown: tuple[int, int]) -> None:
    original = Image.new(mode, size)
    (example,) = display_examples(PlainSplit([original]))  # type: ignore[arg-type]
    assert example.image is not None
    head, _, body = example.image.partition(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(body))) as image:
        assert image.format == "PNG"
        assert image.size == shown
    assert original.size == size


def test_the_first_run_to_come_writes_them(tmp_path: Path) -> None:
    save_display_examples(tmp_path, PlainSplit(["one"]), class_names=("a",))  # type: ignore[arg-type]
    written = (tmp_path / "examples.json").read_text()
    save_display_examples(tmp_path, PlainSplit(["two"]), class_names=("b",))  # type: ignore[arg-type]
    assert (tmp_path / "examples.json").read_text() == written
