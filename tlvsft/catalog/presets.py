"""Ready-made comparisons: one click, one story."""

from __future__ import annotations

from dataclasses import dataclass

from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.errors import UnknownName


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A ready-made comparison.

    Attributes:
        title: What the story chip says.
        question: What the presenter asks the room.
        labels: Training examples; `None` is all of them.
    """

    name: str
    title: str
    question: str
    backbone: str
    dataset: str
    labels: int | None
    left: str = "linear_probe"
    right: str = "full"

    def comparison_config(self) -> ComparisonConfig:
        """The comparison that this preset starts."""
        return ComparisonConfig(
            backbone=self.backbone,
            dataset=DatasetConfig(name=self.dataset),
            left=VariantConfig(method=self.left),
            right=VariantConfig(method=self.right),
            labels=self.labels,
            preset=self.name,
        )


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
