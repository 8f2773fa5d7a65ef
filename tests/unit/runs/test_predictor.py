from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.unit.backbones.tiny import save_tiny_language_model
from tests.unit.runs.test_inputs import encode
from tlvsft.config import ComparisonConfig, DatasetConfig, RunConfig
from tlvsft.errors import InvalidInput
from tlvsft.runs import predictor as predictor_module
from tlvsft.runs.artifacts import WEIGHTS_FILE, Checkpoint, save_checkpoint
from tlvsft.runs.inputs import ImageInput, TextInput
from tlvsft.runs.predictor import (
    KEPT_MODELS,
    DescribeRequest,
    NextWords,
    NextWordsBeforeRequest,
    NextWordsRequest,
    Predictor,
    PredictRequest,
    Refusal,
    _answer,
)
from tlvsft.runs.store import Store
from tlvsft.training import load_word_predictor


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


def add_runs(store: Store, count: int) -> list[str]:
    """Ids of runs that have weights."""
    runs = [f"{'a' * 16}-left-{number}" for number in range(count)]
    for run_id in runs:
        store.run_folder(run_id).mkdir(parents=True)
        (store.run_folder(run_id) / WEIGHTS_FILE).touch()
    return runs


def test_the_last_asked_stay_and_the_others_make_room(store: Store, restorer: Restorer) -> None:
    predictor = Predictor(store)
    *runs, one_more = add_runs(store, KEPT_MODELS + 1)
    for run_id in (*runs, runs[0], one_more, runs[0]):
        assert predictor.predict(run_id, TEXT).probabilities == (0.25, 0.75)
    assert restorer.restored == [*runs, one_more]
    predictor.predict(runs[1], TEXT)
    assert restorer.restored[-1] == runs[1]


def test_a_model_goes_with_its_weights_whoever_deletes_them(store: Store, restorer: Restorer) -> None:
    predictor = Predictor(store)
    deleted, kept = add_runs(store, 2)
    for run_id in (deleted, kept):
        predictor.predict(run_id, TEXT)
    (store.run_folder(deleted) / WEIGHTS_FILE).unlink()
    predictor.predict(kept, TEXT)
    assert list(predictor._classifiers) == [kept]
    assert restorer.restored == [deleted, kept]


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
    (run,) = add_runs(store, 1)
    refused = _answer(predictor, PredictRequest(run_id=run, content=TextInput(text=" ")))
    assert refused == Refusal(message="There is no text to predict on: write a sentence or two.", kind="invalid_input")
    restorer.error = ZeroDivisionError("oops")
    failed = _answer(predictor, PredictRequest(run_id=run, content=TEXT))
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


# Next words ----------------------------------------------------------------------------------------------------------

PROMPT = TextInput(text="the good")


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny language model."""
    return save_tiny_language_model("gpt2", tmp_path_factory.mktemp("words"))


def add_word_run(store: Store, backbone: str, *, task: str = "language_modeling") -> str:
    config = ComparisonConfig(backbone=backbone, dataset=DatasetConfig(name="d"), task=task)  # type: ignore[arg-type]
    return store.comparison(store.add_comparison(config, owner=None)).run("right").id


def write_checkpoint(store: Store, run_id: str, *, step: int, shift: float) -> None:
    """A checkpoint whose head leans towards one word, the more the larger `shift` is."""
    untouched = load_word_predictor(store.run(run_id).config.backbone)
    name, weight = next((n, t) for n, t in untouched.model.state_dict().items() if n.startswith("head."))
    leaning = weight + shift * torch.arange(len(weight)).unsqueeze(1) * weight[5]
    checkpoint = Checkpoint(
        config=store.run(run_id).config,
        class_names=(),
        backbone_fingerprint=untouched.backbone.fingerprint,
        changed_tensors={name: leaning},
        step=step,
    )
    save_checkpoint(store.run_folder(run_id), checkpoint)


def test_a_run_answers_as_its_newest_checkpoint_is(store: Store, words: str) -> None:
    run_id, predictor = add_word_run(store, words), Predictor(store)
    write_checkpoint(store, run_id, step=4, shift=0.0)
    first = predictor.next_words(run_id, PROMPT)
    before = predictor.next_words_before(words, PROMPT)
    assert (first.step, before.step) == (4, None)
    assert first.words == before.words
    assert first.continuation == before.continuation
    assert first.words[0][1] >= first.words[-1][1] > 0
    write_checkpoint(store, run_id, step=8, shift=0.5)
    second = predictor.next_words(run_id, PROMPT)
    assert second.step == 8
    assert second.words != first.words
    assert predictor.next_words(run_id, PROMPT) == second
    assert Predictor(store).next_words(run_id, PROMPT) == second


def test_the_untouched_model_is_asked_the_same_only_once(
    store: Store, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor = Predictor(store)
    first = predictor.next_words_before(words, PROMPT)
    monkeypatch.setattr(predictor_module, "_go_on", lambda *_, **__: pytest.fail("asked again"))
    assert predictor.next_words_before(words, PROMPT) is first


def test_words_and_classes_are_not_mixed_up(store: Store, words: str) -> None:
    words_run, classes_run = add_word_run(store, words), add_word_run(store, words, task="classification")
    for run_id in (words_run, classes_run):
        write_checkpoint(store, run_id, step=1, shift=0.0)
    with pytest.raises(InvalidInput, match="learnt classes, not words"):
        Predictor(store).next_words(classes_run, PROMPT)
    with pytest.raises(InvalidInput, match="learnt to predict words, not classes"):
        Predictor(store).predict(words_run, PROMPT)


def test_requests_for_words_are_answered_or_refused(store: Store, words: str) -> None:
    predictor = Predictor(store)
    assert isinstance(_answer(predictor, NextWordsBeforeRequest(backbone=words, prompt=PROMPT)), NextWords)
    run_id = add_word_run(store, words)
    for request in (
        NextWordsRequest(run_id=run_id, prompt=PROMPT),
        NextWordsBeforeRequest(backbone=words, prompt=TextInput(text=" ")),
        NextWordsBeforeRequest(backbone=str(Path("/no/such/folder")), prompt=PROMPT),
    ):
        answer = _answer(predictor, request)
        assert isinstance(answer, Refusal)
        assert answer.kind == "invalid_input"
