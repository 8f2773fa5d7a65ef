"""A few validation examples are answered at each evaluation: the same for both variants, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from tests.unit.training.fakes import corpus, image_data, run, text_data
from tlvsft.datasets import Split
from tlvsft.datasets.showing import CUT, SHOWN_CHARACTERS
from tlvsft.events import Evaluated, SampleAnswered, SampleDrawn
from tlvsft.training.sample import SAMPLE_SIZE, draw_sample, read_answers, show_sample


def test_each_evaluation_is_followed_by_the_answers_of_that_step(gpt2: str) -> None:
    heard = run(gpt2, "full", text_data(), seed=3)
    (drawn,) = heard.of(SampleDrawn)
    answered, evaluated = heard.of(SampleAnswered), heard.of(Evaluated)
    assert [event.step for event in answered] == [event.step for event in evaluated]
    assert all(len(event.answers) == len(drawn.shown) == SAMPLE_SIZE for event in answered)
    after = heard.events.index(evaluated[0]) + 1
    assert heard.events[after] is answered[0]


@pytest.mark.parametrize("method", ["linear_probe", "nearest_centroid"])
def test_both_variants_answer_the_same_examples(resnet: str, method: str) -> None:
    data = image_data()
    shown = [run(resnet, name, data, seed=5).of(SampleDrawn)[0].shown for name in (method, "full")]
    assert shown[0] == shown[1]
    assert all(example.image is not None for example in shown[0])
    assert [data.validation.labels[example.index] for example in shown[0]] == [example.label for example in shown[0]]


def test_a_language_model_has_no_sample(gpt2: str) -> None:
    heard = run(gpt2, "full", corpus(), task="language_modeling")
    assert heard.of(SampleDrawn) == heard.of(SampleAnswered) == []


def test_the_seed_draws_and_every_class_is_there() -> None:
    labels = np.repeat(np.arange(4), [50, 20, 5, 3])
    validation = Split(inputs=["x" * 600] * len(labels), labels=labels)
    first, again, other = (draw_sample(validation, num_classes=4, seed=seed) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist() != other.tolist()
    assert labels[first].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    (text, *_) = [example.text or "" for example in show_sample(validation, first)]
    assert len(text) == SHOWN_CHARACTERS
    assert text.endswith(CUT)


def test_a_small_validation_split_is_shown_whole() -> None:
    images = [Image.new("L", (8, 8))] * 3
    validation = Split(inputs=images, labels=np.array([0, 1, 0]))
    assert sorted(draw_sample(validation, num_classes=2, seed=0)) == [0, 1, 2]


def test_answers_say_what_was_predicted_and_how_probable_the_truth_was() -> None:
    logits = torch.log(torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]))
    first, second = read_answers(logits, torch.tensor([0, 1]))
    assert (first.predicted, first.probability) == (0, pytest.approx(0.7))
    assert first.truth_probability == first.probability
    assert (second.predicted, second.truth_probability) == (2, pytest.approx(0.3))
