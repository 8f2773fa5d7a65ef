"""What a trained model is tested on beside its test data: the same images of another kind, or one kind of text."""

from __future__ import annotations

from dataclasses import dataclass

from tlvsft.config import Modality

ROTATION_DEGREES = 20.0
"""Anticlockwise. At 20° a digit that fills its image loses next to nothing at the corners, and 6 and 9 stay apart."""
STROKE_NOISE, PHOTO_NOISE = 0.3, 0.18
"""Deviations, of the range from black to white. Digits can be read up to about 0.4; photos are lost sooner.

Source: for photos the third of ImageNet-C's five degrees (Hendrycks & Dietterich 2019, arXiv:1903.12261).
"""
THICKENING_RADIUS = 1.5
"""In pixels, of a digit of 32. At 2 the holes of 8 begin to close."""
SHIFTED_EXAMPLES = 500
"""Of a larger test split so many are taken, evenly spaced: the same in all runs."""
SHIFTED_PIXELS, FEWEST_SHIFTED = 5_000_000, 100
"""Of images that a backbone reads in a large size only so many pixels in all, but no fewer images: each shift is a test
of its own, and of 500 photos of 224 pixels two of them take longer than a short run."""


ORDINARY = "ordinary"
"""What the test examples are called as they are."""

ANSWERS_FILE = "shift_answers"
"""Which answers were right, as bits: to the images as they are (`ordinary`) and under each shift (by its name).

With them `examples`, their places in the test split, and `pictures`, what became of the first of them: uint8, shape
`(1 + shifts, height, width)` or `(…, 3)`, the ordinary one first.
"""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Images of another kind, made from the test images. Strengths are such that people still read every digit.

    Attributes:
        name: What events and files call it; letters alone.
        words: What was done to strokes on an empty ground, with its strength.
        photo_words: What was done to other images, where it isn't the same.
        strokes_only: Whether it makes sense for strokes on an empty ground alone.
    """

    name: str
    words: str
    strokes_only: bool = False
    photo_words: str | None = None

    def describe(self, dataset: str) -> str:
        """What was done to the images of a dataset."""
        return self.words if dataset in STROKES or self.photo_words is None else self.photo_words


@dataclass(frozen=True, kw_only=True)
class GroupShift:
    """A kind of test examples, told by the data itself, beside the others.

    Attributes:
        name: What `Split.groups` calls it.
        words: What is special about it.
    """

    name: str
    words: str


_NOISE = "with noise: normal, deviation {:g} % of black to white"

SHIFTS: dict[str, Shift] = {
    shift.name: shift
    for shift in (
        Shift(name="rotated", words=f"turned by {ROTATION_DEGREES:g}°, anticlockwise"),
        Shift(name="noisy", words=_NOISE.format(100 * STROKE_NOISE), photo_words=_NOISE.format(100 * PHOTO_NOISE)),
        Shift(name="thick", words=f"strokes thicker by {THICKENING_RADIUS:g} pixels all round", strokes_only=True),
    )
}
"""By name, in the order in which they are shown."""

GROUP_SHIFTS: dict[str, GroupShift] = {
    "book-reviews": GroupShift(name="implied", words="the writer's opinion is left to the reader"),
}
"""By dataset. The training reviews hold this kind, too: it is another one than most, not an unseen one."""

MET_IN_PRETRAINING: dict[str, tuple[str, ...]] = {"glyphs-resnet": ("rotated", "thick")}
"""Shifts that a backbone's pretraining data had been given, by backbone: they are no news to it."""

STROKES = frozenset({"digits"})
"""Datasets of bright strokes on black."""


def shifts_of(dataset: str, modality: Modality) -> tuple[Shift, ...]:
    """The kinds of images to test a model on that learnt from a dataset; none for texts."""
    if modality != "image":
        return ()
    return tuple(shift for shift in SHIFTS.values() if dataset in STROKES or not shift.strokes_only)
