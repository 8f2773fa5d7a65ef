"""The observer that tests a trained model on its shifted test images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.unit.training.fakes import corpus, image_data, run, text_data
from tlvsft.catalog.shifts import ANSWERS_FILE, FEWEST_SHIFTED, SHIFTED_EXAMPLES
from tlvsft.datasets import Split
from tlvsft.datasets.shifts import shift_image
from tlvsft.events import RunStopped, ShiftsTested
from tlvsft.tasks import encode_inputs
from tlvsft.training.observing import Observation
from tlvsft.training.preparation import Preparation
from tlvsft.training.shifts import choose_examples, observe_shifts


def test_the_answers_are_those_of_the_trained_model_to_the_shifted_images(resnet: str) -> None:
    data = replace(image_data(), name="digits")
    trained: list[Preparation] = []

    def keep(prepared: Preparation, *_: Any) -> Observation:
        trained.append(prepared)
        return Observation()

    heard = run(resnet, "full", data, epochs=3, observers=(keep, observe_shifts))
    arrays = heard.run.arrays[ANSWERS_FILE]
    (told,) = heard.of(ShiftsTested)
    assert [result.name for result in told.results] == ["rotated", "noisy", "thick"]
    assert arrays["examples"].tolist() == list(range(16))
    predictions = heard.run.predictions
    assert predictions is not None
    assert _bits(arrays["ordinary"], 16) == (predictions.probabilities.argmax(1) == predictions.labels).tolist()
    model = trained[0].model.eval()
    for result in told.results:
        images = [
            shift_image(image, result.name, index=place, strokes=True) for place, image in enumerate(_images(data))
        ]
        with torch.no_grad():
            logits = model(encode_inputs(trained[0].backbone, images).batch(np.arange(16)))
        right = (logits.argmax(1).numpy() == data.test.labels).tolist()
        assert _bits(arrays[result.name], 16) == right
        assert result.accuracy == sum(right) / 16
        assert result.examples == 16


def test_pictures_are_the_first_example_and_what_became_of_it(resnet: str) -> None:
    data = replace(image_data(), name="digits")
    heard = run(resnet, "nearest_centroid", data, observers=(observe_shifts,))
    pictures = heard.run.arrays[ANSWERS_FILE]["pictures"]
    assert pictures.shape == (4, 8, 8)
    assert pictures[0].tolist() == np.asarray(_images(data)[0]).tolist()
    turned = shift_image(_images(data)[0], "rotated", index=0, strokes=True)
    assert pictures[1].tolist() == np.asarray(turned).tolist()


def test_photos_are_shown_small_and_without_thicker_strokes(resnet: str) -> None:
    data = image_data()
    photos = Split(
        inputs=[Image.new("RGB", (300, 200), (90, 10, place)) for place in range(16)], labels=data.test.labels
    )
    arrays = run(resnet, "linear_probe", replace(data, test=photos), observers=(observe_shifts,)).run.arrays[
        ANSWERS_FILE
    ]
    assert set(arrays) == {"examples", "ordinary", "rotated", "noisy", "pictures"}
    assert arrays["pictures"].shape[0] == 3
    assert max(arrays["pictures"].shape[1:3]) <= 64
    assert arrays["pictures"].shape[3] == 3


@pytest.mark.parametrize("data", [text_data(), corpus()], ids=["texts with classes", "texts to predict"])
def test_texts_have_no_shifts(gpt2: str, data: Any) -> None:
    task = "classification" if hasattr(data, "class_names") else "language_modeling"
    heard = run(gpt2, "full", data, epochs=1, labels=12, task=task, observers=(observe_shifts,))
    assert heard.of(ShiftsTested) == []
    assert heard.run.arrays == {}


def test_it_stops_when_asked(resnet: str) -> None:
    asked: list[bool] = []

    def ask(*_: Any) -> Observation:
        asked.append(True)
        return Observation()

    # The answer is yes only after `observe` itself has asked once more, so that the observer has to ask.
    questions = iter([False])

    def should_stop() -> bool:
        return bool(asked) and next(questions, True)

    heard = run(resnet, "linear_probe", image_data(), observers=(ask, observe_shifts), should_stop=should_stop)
    assert isinstance(heard.run.outcome, RunStopped)
    assert heard.of(ShiftsTested) == []


def test_of_a_large_test_split_some_are_taken_evenly_spaced() -> None:
    assert choose_examples(3, side=32).tolist() == [0, 1, 2]
    chosen = choose_examples(2000, side=32)
    assert len(chosen) == SHIFTED_EXAMPLES
    assert set(np.diff(chosen)) == {4}
    assert len(set(choose_examples(SHIFTED_EXAMPLES + 1, side=100).tolist())) == SHIFTED_EXAMPLES


def test_of_large_images_fewer_are_taken_so_that_it_is_quick() -> None:
    assert len(choose_examples(2000, side=200)) == 125
    assert len(choose_examples(2000, side=1000)) == FEWEST_SHIFTED
    assert len(choose_examples(40, side=1000)) == 40


def _bits(packed: np.ndarray, count: int) -> list[bool]:
    return np.unpackbits(packed, count=count).astype(bool).tolist()


def _images(data: Any) -> list[Image.Image]:
    return list(data.test.inputs)
