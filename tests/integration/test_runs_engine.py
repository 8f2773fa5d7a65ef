"""Real, tiny trainings with the bundled backbone, and what their models then answer."""

from __future__ import annotations

import base64
import io
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.conditions import wait_until
from tlvsft.catalog.presets import get_preset
from tlvsft.errors import InvalidInput, RunError
from tlvsft.events import Evaluated, RunFinished, RunStarted, StepTaken
from tlvsft.runs import inference
from tlvsft.runs.inference import ImageInput, InferenceClient, TextInput, predict_once
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store

CONFIG = replace(get_preset("digits").comparison_config(), labels=20, epochs=1)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(tmp_path_factory.mktemp("home"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def comparison_id(store: Store) -> Iterator[str]:
    """A finished comparison of browser "me"."""
    scheduler = Scheduler(store, cores=2)
    scheduler.start()
    submitted = scheduler.submit(CONFIG, owner="me")
    wait_until(lambda: store.comparison(submitted).is_over, timeout_s=200)
    yield submitted
    scheduler.close()


@pytest.fixture(scope="module")
def client(store: Store) -> Iterator[InferenceClient]:
    started = InferenceClient(store)
    started.start()
    yield started
    started.close()


@pytest.fixture
def drawing() -> ImageInput:
    """A one, as somebody draws it on the page."""
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).line((140, 30, 140, 250), fill=0, width=24)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return ImageInput(png_bytes=buffer.getvalue(), drawn=True)


def test_both_sides_finish_with_what_the_page_needs(store: Store, comparison_id: str) -> None:
    record = store.comparison(comparison_id)
    assert [(run.state, run.message) for run in record.runs] == [("finished", None)] * 2
    assert len(store.examples(comparison_id)) == 270
    assert store.class_names(comparison_id) == tuple("0123456789")
    for run in record.runs:
        events = [event for _, event in store.events(run.id)]
        assert isinstance(events[0], RunStarted)
        assert isinstance(events[-1], RunFinished)
        assert {StepTaken, Evaluated} <= {type(event) for event in events}
        stored = store.predictions(run.id)
        assert stored.probabilities.shape == (270, 10)
        assert np.mean(stored.probabilities.argmax(axis=1) == stored.labels) == pytest.approx(events[-1].test_accuracy)


def test_a_frozen_backbone_is_not_stored_again(store: Store, comparison_id: str) -> None:
    sizes = [
        (store.run_folder(run.id) / "weights.safetensors").stat().st_size
        for run in store.comparison(comparison_id).runs
    ]
    assert sizes[0] < 20_000  # the head's 2,570 numbers, in linear_probe
    assert sizes[1] > 4_000_000  # 1.2 million, in full


def test_a_restored_model_answers_as_the_trained_one_did(store: Store, comparison_id: str) -> None:
    example = store.examples(comparison_id)[3]
    assert example.image is not None
    content = ImageInput(png_bytes=base64.b64decode(example.image.partition(",")[2]), drawn=False)
    for run in store.comparison(comparison_id).runs:
        answer = predict_once(store, run.id, content)
        stored = store.predictions(run.id)
        assert answer.class_names == tuple("0123456789")
        assert answer.probabilities == pytest.approx(stored.probabilities[example.index].tolist(), abs=1e-4)
        assert stored.labels[example.index] == example.label


def test_the_resident_process_answers_for_both_sides(
    store: Store, comparison_id: str, client: InferenceClient, drawing: ImageInput
) -> None:
    for run in store.comparison(comparison_id).runs:
        answer = client.predict(run.id, drawing, viewer="me")
        assert sum(answer.probabilities) == pytest.approx(1, abs=1e-4)
        assert answer == client.predict(run.id, drawing, viewer="me")
        assert answer.probabilities == pytest.approx(predict_once(store, run.id, drawing).probabilities, abs=1e-4)


def test_a_stranger_gets_no_answer(comparison_id: str, client: InferenceClient, drawing: ImageInput) -> None:
    with pytest.raises(InvalidInput, match="no run"):
        client.predict(f"{comparison_id}-left-0", drawing, viewer="you")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (TextInput(text="A fine book."), "can't read texts"),
        (TextInput(text="x" * 100_000), "at most 10,000"),
        (ImageInput(png_bytes=b"no image", drawn=False), "can't be read"),
        (ImageInput(png_bytes=b"", drawn=True), "can't be read"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    comparison_id: str, client: InferenceClient, content: TextInput | ImageInput, reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason) as refusal:
        client.predict(f"{comparison_id}-right-0", content, viewer="me")
    assert "\n" not in str(refusal.value)


def test_a_killed_resident_process_is_started_again(
    comparison_id: str, client: InferenceClient, drawing: ImageInput
) -> None:
    run_id = f"{comparison_id}-left-0"
    before = client.predict(run_id, drawing, viewer="me")
    os.kill(client.pid or 0, signal.SIGKILL)
    assert client.predict(run_id, drawing, viewer="me") == before


def test_a_late_answer_is_not_waited_for(
    comparison_id: str, client: InferenceClient, drawing: ImageInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = f"{comparison_id}-left-0"
    with monkeypatch.context() as patch:
        patch.setattr(inference, "PREDICT_TIMEOUT_S", 0.0)
        with pytest.raises(RunError, match="no answer within 0 seconds: try again"):
            client.predict(run_id, drawing, viewer="me")
    assert client.predict(run_id, drawing, viewer="me").class_names == tuple("0123456789")


def test_a_run_without_weights_says_so(store: Store, client: InferenceClient, drawing: ImageInput) -> None:
    queued = store.add_comparison(CONFIG, owner="me")
    with pytest.raises(InvalidInput, match="no trained model"):
        client.predict(f"{queued}-left-0", drawing, viewer="me")


def test_backbones_are_described(client: InferenceClient, tmp_path: Path) -> None:
    assert client.describe_backbone("glyphs-resnet").modality == "image"
    with pytest.raises(InvalidInput):
        client.describe_backbone(str(tmp_path))
