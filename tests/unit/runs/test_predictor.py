from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tests.unit.runs.test_inputs import encode
from tlvsft.config import ComparisonConfig, DatasetConfig, RunConfig
from tlvsft.errors import InvalidInput
from tlvsft.runs import predictor as predictor_module
from tlvsft.runs.inputs import ImageInput, TextInput
from tlvsft.runs.predictor import KEPT_MODELS, DescribeRequest, Predictor, PredictRequest, Refusal, _answer
from tlvsft.runs.store import Store


class Restorer:
    """Restores classifiers that answer with the number of inputs they were shown."""

    def __init__(self, config: RunConfig) -> None:
        self.config = config
        self.restored: list[str] = []
        self.shown: list[object] = []
        self.error: Exception | None = None

    def __call__(self, _store: Store, run_id: str) -> tuple[RunConfig, SimpleNamespace]:
        self.restored.append(run_id)
        return self.config, SimpleNamespace(class_names=("a", "b"), predict=self.predict)

    def predict(self, inputs: list[object]) -> np.ndarray:
        if self.error is not None:
            raise self.error
        self.shown += inputs
        return np.array([[0.25, 0.75]], dtype=np.float32)


@pytest.fixture
def restorer(config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch) -> Restorer:
    made = Restorer(config.run_config("left", 0))
    monkeypatch.setattr(predictor_module, "_restore", made)
    return made


TEXT = TextInput(text="A fine book.")


def test_the_last_asked_stay_and_the_others_make_room(store: Store, restorer: Restorer) -> None:
    predictor = Predictor(store)
    runs = [f"run {number}" for number in range(KEPT_MODELS)]
    for run_id in (*runs, runs[0], "one more", runs[0]):
        assert predictor.predict(run_id, TEXT).probabilities == (0.25, 0.75)
    assert restorer.restored == [*runs, "one more"]
    predictor.predict(runs[1], TEXT)
    assert restorer.restored[-1] == runs[1]


def test_a_drawn_digit_is_reduced_as_the_datasets_were(store: Store, restorer: Restorer) -> None:
    drawing = Image.new("L", (280, 280), 255)
    drawing.paste(0, (130, 40, 150, 240))
    Predictor(store).predict("run", ImageInput(png_bytes=encode(drawing), drawn=True))
    (shown,) = restorer.shown
    assert isinstance(shown, Image.Image)
    assert (shown.size, shown.mode) == ((32, 32), "L")
    assert shown.getpixel((0, 0)) == 0
    assert max(shown.tobytes()) > 128


def test_other_images_are_shown_as_they_are(store: Store, restorer: Restorer) -> None:
    photo = encode(Image.new("RGB", (50, 40), "red"))
    Predictor(store).predict("run", ImageInput(png_bytes=photo, drawn=False))
    elsewhere = restorer.config.__class__(**{**vars(restorer.config), "dataset": DatasetConfig(name="flowers")})
    restorer.config = elsewhere
    Predictor(store).predict("other", ImageInput(png_bytes=photo, drawn=True))
    assert [getattr(shown, "size", None) for shown in restorer.shown] == [(50, 40), (50, 40)]


def test_bad_input_and_our_own_mistakes_are_answers_too(
    store: Store, restorer: Restorer, capsys: pytest.CaptureFixture[str]
) -> None:
    predictor = Predictor(store)
    refused = _answer(predictor, PredictRequest(run_id="run", content=TextInput(text=" ")))
    assert refused == Refusal(message="There is no text to predict on: write a sentence or two.", kind="invalid_input")
    restorer.error = ZeroDivisionError("oops")
    failed = _answer(predictor, PredictRequest(run_id="run", content=TEXT))
    assert isinstance(failed, Refusal)
    assert failed.kind == "failure"
    assert "ZeroDivisionError" in failed.message
    assert "oops" in capsys.readouterr().err


def test_an_unknown_backbone_is_refused(store: Store) -> None:
    answer = _answer(Predictor(store), DescribeRequest(backbone="/no/such/folder"))
    assert isinstance(answer, Refusal)
    assert answer.kind == "invalid_input"


def test_a_run_that_never_was_has_no_weights(store: Store) -> None:
    with pytest.raises(InvalidInput, match="There is no run"):
        Predictor(store).predict("../elsewhere", TEXT)
