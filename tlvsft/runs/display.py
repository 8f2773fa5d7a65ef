"""Test examples in the form in which the page shows them: written once per comparison, small."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

from tlvsft.runs.artifacts import EXAMPLES_FILE, save_examples
from tlvsft.runs.records import Example

if TYPE_CHECKING:
    from PIL.Image import Image

    from tlvsft.datasets import Split

SHOWN_EXAMPLES = 600
"""Of a larger test split this many are kept, evenly spaced."""
SHOWN_CHARACTERS = 500
SHOWN_PIXELS = 64
"""Longest side of a kept image."""


def save_display_examples(folder: Path, test: Split, *, class_names: tuple[str, ...]) -> None:
    """Writes a comparison's `examples.json`, unless another run of it has done so: the test split is the same."""
    if not (folder / EXAMPLES_FILE).exists():
        save_examples(folder, display_examples(test), class_names=class_names)


def display_examples(test: Split) -> list[Example]:
    """The kept examples of a test split."""
    count = min(len(test), SHOWN_EXAMPLES)
    indices = [position * len(test) // count for position in range(count)]
    return [_display(index, int(test.labels[index]), test.inputs[index]) for index in indices]


def _display(index: int, label: int, content: str | Image) -> Example:
    if isinstance(content, str):
        cut = content if len(content) <= SHOWN_CHARACTERS else f"{content[: SHOWN_CHARACTERS - 1]}…"
        return Example(index=index, label=label, text=cut)
    return Example(index=index, label=label, image=_data_uri(content))


def _data_uri(image: Image) -> str:
    small = image.copy() if image.mode in {"L", "RGB"} else image.convert("RGB")
    small.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    buffer = io.BytesIO()
    small.save(buffer, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
