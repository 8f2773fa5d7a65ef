"""Ready-made comparisons: one click, one story."""

from __future__ import annotations

from dataclasses import dataclass

from tlvsft.catalog.faults import LESSONS, Fault
from tlvsft.config import BatchNorm, ComparisonConfig, DatasetConfig, Task, VariantConfig
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
        fault: The mistake that it shows, where it is there to break something.
        rate_factors: What the two variants' learning rates are multiplied with.
        right_batchnorm: What the right variant does with BatchNorm; `None` is the method's own way.
        label_noise: Share of the training labels that are wrong.
        epochs: `None` is each method's own number.
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
    fault: Fault | None = None
    rate_factors: tuple[float, float] = (1.0, 1.0)
    right_batchnorm: BatchNorm | None = None
    label_noise: float = 0.0
    epochs: int | None = None

    @property
    def group(self) -> str:
        """The row of stories that it belongs to."""
        return STORIES if self.fault is None else BREAK_IT

    @property
    def explanation(self) -> str:
        """What breaks, and why; empty where nothing is meant to break."""
        return "" if self.fault is None else LESSONS[self.fault].explanation

    def comparison_config(self) -> ComparisonConfig:
        """The comparison that this preset starts; where it goes on from another, after that one."""
        return ComparisonConfig(
            backbone=self.backbone,
            dataset=DatasetConfig(name=self.dataset),
            left=VariantConfig(method=self.left, start=self.left_start, rate_factor=self.rate_factors[0]),
            right=VariantConfig(
                method=self.right,
                start=self.right_start,
                rate_factor=self.rate_factors[1],
                batchnorm=self.right_batchnorm,
            ),
            labels=self.labels,
            epochs=self.epochs,
            preset=self.name,
            task=self.task,
            label_noise=self.label_noise,
        )


STORIES, BREAK_IT = "Story", "Break it"
"""The groups of presets, as the page names them."""
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
        Preset(
            name="rate-too-high",
            title="Rate too high",
            question="The same network twice, once at 100 times the learning rate. Does it learn 100 times as fast?",
            backbone="glyphs-resnet",
            dataset="digits",
            labels=50,
            left="full",
            fault="rate",
            rate_factors=(1.0, 100.0),
        ),
        Preset(
            name="cold-head",
            title="Head not warmed up",
            question="Both take steps 30 times too long; only one trains its new head first. Does that help?",
            backbone="glyphs-resnet",
            dataset="digits",
            labels=20,
            left="lp_ft",
            fault="head",
            rate_factors=(30.0, 30.0),
        ),
        Preset(
            name="drifting-batchnorm",
            title="BatchNorm left in train mode",
            question="Every weight is frozen on both sides. Can the frozen network on the right change all the same?",
            backbone="photos-resnet",
            dataset="digits",
            labels=20,
            right="linear_probe",
            fault="batchnorm",
            right_batchnorm="train",
            epochs=16,
        ),
        Preset(
            name="noisy-labels",
            title="Noisy labels",
            question="40 of these 100 labels are wrong. Which is misled: features used as they are, or fine-tuning?",
            backbone="glyphs-resnet",
            dataset="digits",
            labels=100,
            left="nearest_centroid",
            fault="noise",
            label_noise=0.4,
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
