"""The trained model out of distribution: its test images once more, turned, noisy, with thicker strokes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlvsft.catalog.shifts import (
    ANSWERS_FILE,
    FEWEST_SHIFTED,
    ORDINARY,
    SHIFTED_EXAMPLES,
    SHIFTED_PIXELS,
    STROKES,
    Shift,
    shifts_of,
)
from tlvsft.datasets import Split
from tlvsft.datasets.shifts import shift_image, shrink_image
from tlvsft.datasets.showing import SHOWN_PIXELS
from tlvsft.evaluation.metrics import accuracy
from tlvsft.events import ShiftResult, ShiftsTested
from tlvsft.tasks import encode_inputs
from tlvsft.training.classification import Classification
from tlvsft.training.objectives import TestResult
from tlvsft.training.observing import Observation
from tlvsft.training.preparation import Preparation
from tlvsft.training.reading import compute_logits
from tlvsft.training.stopping import ShouldStop, check_stop

if TYPE_CHECKING:
    from PIL.Image import Image


def observe_shifts(run: Preparation, result: TestResult, should_stop: ShouldStop) -> Observation:
    """Tests a model that learnt classes of images on the shifts of its data; nothing where there are none.

    What it says of the images as they are is taken from its test, which isn't made again.

    Raises:
        StopRequested: `should_stop` said so.
    """
    objective = run.objective
    if not isinstance(objective, Classification) or result.predictions is None:
        return Observation()
    data = objective.data
    shifts = shifts_of(data.name, data.modality)
    if not shifts:
        return Observation()
    side = _side(objective, data.test)
    examples = choose_examples(len(data.test), side=side)
    answers = {ORDINARY: result.predictions.probabilities[examples].argmax(axis=1)}
    images = _read_images(data.test.select(examples), side, should_stop)
    pictures = [images[0]]
    for shift in shifts:
        shifted = _shift(images, shift, examples, should_stop, strokes=data.name in STROKES)
        logits = compute_logits(objective.model, encode_inputs(objective.backbone, shifted), should_stop)
        answers[shift.name] = logits.argmax(dim=1).numpy()
        pictures.append(shifted[0])
    labels = data.test.labels[examples]
    results = [
        ShiftResult(name=shift.name, accuracy=accuracy(labels, answers[shift.name]), examples=len(examples))
        for shift in shifts
    ]
    arrays = {name: np.packbits(predicted == labels) for name, predicted in answers.items()}
    arrays |= {"examples": examples, "pictures": np.stack([_thumbnail(picture) for picture in pictures])}
    return Observation(events=(ShiftsTested(results=tuple(results)),), arrays={ANSWERS_FILE: arrays})


def choose_examples(available: int, *, side: int) -> np.ndarray:
    """Which test examples are shifted: all, or some, evenly spaced; indices, int64.

    Args:
        available: How many there are.
        side: Of the images as the backbone reads them, in pixels.
    """
    count = min(available, SHIFTED_EXAMPLES, max(FEWEST_SHIFTED, SHIFTED_PIXELS // side**2))
    return np.arange(count, dtype=np.int64) * available // count


def _side(objective: Classification, split: Split) -> int:
    """The size in which the backbone reads images, in pixels."""
    first = encode_inputs(objective.backbone, split.inputs[:1]).batch(np.zeros(1, dtype=np.int64))
    return int(first["pixel_values"].shape[-1])


def _read_images(chosen: Split, side: int, should_stop: ShouldStop) -> list[Image]:
    """Images in about the size in which the backbone reads them."""
    images = []
    for image in chosen.inputs:
        check_stop(should_stop)
        images.append(shrink_image(image, side))  # type: ignore[arg-type]  # what has shifts is images
    return images


def _shift(
    images: list[Image], shift: Shift, examples: np.ndarray, should_stop: ShouldStop, *, strokes: bool
) -> list[Image]:
    check_stop(should_stop)
    return [
        shift_image(image, shift.name, index=int(index), strokes=strokes)
        for image, index in zip(images, examples, strict=True)
    ]


def _thumbnail(image: Image) -> np.ndarray:
    small = image.copy()
    small.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    return np.asarray(small)
