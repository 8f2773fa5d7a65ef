"""Ready-made comparisons: one click, one story."""

from __future__ import annotations

from dataclasses import dataclass

from tlvsft.config import ComparisonConfig, DatasetConfig, Task, VariantConfig
from tlvsft.errors import UnknownName


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A ready-made comparison.

    Attributes:
        title: What the story chip says.
        question: What the presenter asks the room.
        labels: Training examples; `None` is all of them.
        task: What both variants learn.
        after: The preset whose comparison is run first, where this one goes on from it.
        left_start: What the left variant starts from, `PREVIOUS` standing for the comparison that is run first;
            `None` is the pretrained backbone.
        right_start: The same for the right one.
    """

    name: str
    title: str
    question: str
    backbone: str
    dataset: str
    labels: int | None
    left: str = "linear_probe"
    right: str = "full"
    task: Task = "classification"
    after: str | None = None
    left_start: str | None = None
    right_start: str | None = None

    def comparison_config(self) -> ComparisonConfig:
        """The comparison that this preset starts; where it goes on from another, after that one."""
        return ComparisonConfig(
            backbone=self.backbone,
            dataset=DatasetConfig(name=self.dataset),
            left=VariantConfig(method=self.left, start=self.left_start),
            right=VariantConfig(method=self.right, start=self.right_start),
            labels=self.labels,
            preset=self.name,
            task=self.task,
        )


PREVIOUS = "previous"
"""In a preset, the id of the comparison that is run before it: it gets one only when it is submitted."""

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="digits",
            title="Digits from 50 labels",
            question="A network that knows letters of many alphabets sees 50 digits. Freeze it, or retrain it?",
            backbone="glyphs-resnet",
            dataset="digits",
            labels=50,
        ),
        Preset(
            name="book-genres",
            title="Book genres",
            question="A language model that read an encyclopaedia sorts reviews by genre. Freeze it, or retrain it?",
            backbone="wiki-gpt",
            dataset="book-genres",
            labels=None,
        ),
        Preset(
            name="book-reviews",
            title="Sentiment",
            question="The same language model judges whether a review is kind. Freeze it, or retrain it?",
            backbone="wiki-gpt",
            dataset="book-reviews",
            labels=None,
        ),
        Preset(
            name="adapt-to-book-reviews",
            title="Next words",
            question="The language model learns to write like a book review. Freeze its lower half, or retrain it all?",
            backbone="wiki-gpt",
            dataset="book-reviews",
            labels=None,
            left="partial",
            task="language_modeling",
        ),
        Preset(
            name="three-tasks",
            title="Three tasks",
            question="Sentiment straight from the encyclopaedia, or by way of book reviews. What did the detour buy?",
            backbone="wiki-gpt",
            dataset="book-reviews",
            labels=None,
            left="full",
            after="adapt-to-book-reviews",
            right_start=f"{PREVIOUS}-left",
        ),
    )
}
DEFAULT_PRESET = "digits"


def get_preset(name: str) -> Preset:
    """The preset called `name`.

    Raises:
        UnknownName: There is none.
    """
    if name not in PRESETS:
        raise UnknownName("preset", name, PRESETS)
    return PRESETS[name]
