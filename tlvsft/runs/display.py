"""Test examples in the form in which the page shows them: written once per comparison, small."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tlvsft.datasets.showing import picture_uri, shorten_text
from tlvsft.runs.artifacts import EXAMPLES_FILE, save_examples
from tlvsft.runs.records import Example

if TYPE_CHECKING:
    from tlvsft.datasets import Split

SHOWN_EXAMPLES = 600
"""Of a larger test split this many are kept, evenly spaced."""


def save_display_examples(folder: Path, test: Split, *, class_names: tuple[str, ...]) -> None:
    """Writes a comparison's `examples.json`, unless another run of it has done so: the test split is the same."""
    if not (folder / EXAMPLES_FILE).exists():
        save_examples(folder, display_examples(test), class_names=class_names)


def display_examples(test: Split) -> list[Example]:
    """The kept examples of a test split."""
    count = min(len(test), SHOWN_EXAMPLES)
    return [_display(test, position * len(test) // count) for position in range(count)]


def _display(test: Split, index: int) -> Example:
    content, label = test.inputs[index], int(test.labels[index])
    group = None if test.groups is None else test.groups[index]
    if isinstance(content, str):
        return Example(index=index, label=label, text=shorten_text(content), group=group)
    return Example(index=index, label=label, image=picture_uri(content), group=group)
