"""Learning to predict words: figures, pairing, heads, freezing, and starting from an earlier run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
import torch

from tests.unit.training.fakes import Heard, corpus, run, run_config, text_data
from tlvsft.backbones import load_backbone
from tlvsft.catalog.methods import METHODS
from tlvsft.datasets import load_general_text
from tlvsft.errors import InvalidInput, LabelCountError
from tlvsft.events import BlocksChanged, Evaluated, Noted, RunFinished, RunStarted, RunStopped, StepTaken
from tlvsft.tasks import encode_corpus
from tlvsft.training import Snapshot, TextLosses, WordPredictor, load_word_predictor, restore_word_predictor
from tlvsft.training.language_modeling import VALIDATION_TEXTS, LanguageModeling, measure_losses
from tlvsft.training.preparation import prepare
from tlvsft.training.stopping import never

STEPPING = [name for name, method in METHODS.items() if method.takes_steps]
SHAPES = ("gpt2", "bert")


@pytest.fixture(autouse=True)
def _short_general_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few words of general English: tiny models needn't read 90 paragraphs."""
    monkeypatch.setattr("tlvsft.training.language_modeling.load_general_text", lambda: load_general_text()[:2])


@pytest.fixture(params=SHAPES)
def backbone(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_lm"))


def learn(backbone: str, method: str, **changes: object) -> Heard:
    return run(backbone, method, corpus(), task="language_modeling", **{"labels": None, "epochs": 2} | changes)


def losses_of(predictor: WordPredictor, texts: Sequence[str]) -> TextLosses:
    encoded = encode_corpus(predictor.backbone, texts)
    return measure_losses(predictor.model, encoded, encoded.texts, never)


def curve(heard: Heard) -> list[float]:
    return [event.train_loss for event in heard.of(StepTaken)] + [event.val_loss for event in heard.of(Evaluated)]


@pytest.mark.parametrize("method", STEPPING)
def test_every_method_learns_words_and_reports_its_figures(backbone: str, method: str) -> None:
    heard = learn(backbone, method)
    started, finished = heard.of(RunStarted)[0], heard.of(RunFinished)[0]
    assert started.class_names == ()
    assert started.blocks[-1].head == ("kept" if METHODS[method].pretrained else "new")
    assert finished.test_accuracy is finished.test_macro_f1 is finished.confusion_matrix is None
    assert finished.frozen_intact is (None if METHODS[method].freezes == "none" else True)
    for evaluation in heard.of(Evaluated):
        assert evaluation.val_accuracy is None
        assert evaluation.val_perplexity == pytest.approx(math.exp(evaluation.val_loss))
    losses = heard.run.text_losses
    assert losses is not None
    assert len(losses.losses) == len(losses.tokens) == len(corpus().test)
    assert finished.perplexity == pytest.approx(losses.perplexity)
    assert heard.run.predictions is None
    assert heard.run.test_examples is None


def test_figures_before_are_those_of_the_untouched_model_whatever_the_method(backbone: str) -> None:
    finishes = [learn(backbone, method).of(RunFinished)[0] for method in ("linear_probe", "full", "from_scratch")]
    assert len({(finish.perplexity_before, finish.source_perplexity_before) for finish in finishes}) == 1
    untouched = load_word_predictor(backbone)
    expected = losses_of(untouched, corpus().test).perplexity
    assert finishes[0].perplexity_before == pytest.approx(expected)


def test_learning_lowers_the_perplexity(gpt2_lm: str) -> None:
    finished = learn(gpt2_lm, "full", epochs=30).of(RunFinished)[0]
    assert finished.perplexity is not None
    assert finished.perplexity_before is not None
    assert finished.perplexity < 0.5 * finished.perplexity_before


def test_a_kept_head_begins_where_the_pretrained_model_stands(backbone: str) -> None:
    """Before the first step a kept head gives the untouched model's loss; a new one doesn't."""
    untouched = load_word_predictor(backbone)
    expected = losses_of(untouched, corpus().validation).perplexity
    first = {head: learn(backbone, "full", head=head).of(Evaluated)[0].val_perplexity for head in ("kept", "new")}
    assert first["kept"] == pytest.approx(expected)
    assert first["new"] != pytest.approx(expected)


def test_a_tied_head_moves_with_the_embedding_and_only_with_it(gpt2_lm: str) -> None:
    def embedding_moved(method: str, **changes: object) -> bool:
        heard = learn(gpt2_lm, method, head="tied", **changes)
        assert not any(name.startswith("head.") for name in heard.run.changed_tensors)
        return any("wte" in name for name in heard.run.changed_tensors)

    assert embedding_moved("full")
    assert not embedding_moved("partial", frozen_blocks=("embedding",))


@pytest.mark.parametrize("method", ["partial", "full", "gradual_unfreezing", "lora"])
@pytest.mark.usefixtures("global_generator_kept")
def test_the_same_seed_gives_the_same_curve_bit_for_bit(backbone: str, method: str) -> None:
    first, second = learn(backbone, method, seed=3), learn(backbone, method, seed=3)
    assert curve(first) == curve(second)
    assert first.run.changed_tensors.keys() == second.run.changed_tensors.keys()
    for name, tensor in first.run.changed_tensors.items():
        assert torch.equal(tensor, second.run.changed_tensors[name])
    assert curve(learn(backbone, method, seed=4)) != curve(first)


def test_both_variants_see_the_same_texts_and_the_same_masks(backbone: str) -> None:
    def batches(method: str) -> list[list[list[int]]]:
        prepared = prepare(run_config(backbone, method, task="language_modeling", labels=None), corpus())
        objective = prepared.objective
        assert isinstance(objective, LanguageModeling)
        assert prepared.plan is not None
        given = [objective.training.batch(indices) for indices in prepared.plan.batches(objective.lengths)]
        return [batch["input_ids"].tolist() for batch in given]

    assert batches("partial") == batches("full")


def test_only_the_chosen_number_of_texts_is_learnt_from(gpt2_lm: str) -> None:
    assert learn(gpt2_lm, "full", labels=5).of(RunStarted)[0].train_examples == 5
    with pytest.raises(LabelCountError, match="texts"):
        learn(gpt2_lm, "full", labels=10_000)


def test_validation_on_the_way_reads_some_texts_and_says_so(gpt2_lm: str) -> None:
    data = corpus(validation_texts=VALIDATION_TEXTS + 5)
    notes = [note.message for note in run(gpt2_lm, "full", data, task="language_modeling", labels=None).of(Noted)]
    assert notes == [f"While training, {VALIDATION_TEXTS} of the {VALIDATION_TEXTS + 5} validation texts are read."]


def test_checkpoints_come_with_the_evaluations_and_predict(gpt2_lm: str) -> None:
    kept: list[Snapshot] = []
    heard = learn(gpt2_lm, "partial", on_checkpoint=kept.append)
    assert [snapshot.step for snapshot in kept] == [event.step for event in heard.of(Evaluated)]
    assert not kept[0].changed_tensors.keys() & {"backbone.wte.weight"}
    last = restore_word_predictor(
        heard.config, changed_tensors=kept[-1].changed_tensors, backbone_fingerprint=kept[-1].backbone_fingerprint
    )
    final = restore_word_predictor(
        heard.config,
        changed_tensors=heard.run.changed_tensors,
        backbone_fingerprint=heard.run.backbone_fingerprint,
    )
    assert last.next_words("the book") == final.next_words("the book")
    assert last.next_words("the book") != load_word_predictor(gpt2_lm).next_words("the book")


def test_a_stopped_run_keeps_what_it_learnt(gpt2_lm: str) -> None:
    answers = iter([False] * 30)
    heard = learn(gpt2_lm, "full", epochs=40, should_stop=lambda: next(answers, True))
    assert isinstance(heard.run.outcome, RunStopped)
    assert heard.run.outcome.step > 0
    assert heard.run.text_losses is None
    assert heard.run.changed_tensors


def test_a_method_for_classes_and_a_start_for_random_weights_are_refused(gpt2_lm: str) -> None:
    with pytest.raises(InvalidInput, match="is for classes"):
        learn(gpt2_lm, "nearest_centroid")
    with pytest.raises(InvalidInput, match="starts from random weights"):
        learn(gpt2_lm, "from_scratch", start=learn(gpt2_lm, "full").run)


def test_an_image_backbone_predicts_no_words(resnet: str) -> None:
    with pytest.raises(InvalidInput, match="predicts words"):
        learn(resnet, "full")


def test_gradual_unfreezing_says_what_trains_now(gpt2_lm: str) -> None:
    heard = learn(gpt2_lm, "gradual_unfreezing", epochs=5)
    changes = heard.of(BlocksChanged)
    trained = [[block.name for block in change.blocks if block.state == "trains"] for change in changes]
    assert trained[-1] == [block.name for block in load_backbone(gpt2_lm).blocks] + ["head"]
    assert all(len(before) < len(after) for before, after in pairwise(trained))


def test_words_then_classes_start_from_what_was_learnt(gpt2_lm: str) -> None:
    """The chain: a classifier on the adapted backbone, frozen, leaves what the adaptation changed as it was."""
    adapted = learn(gpt2_lm, "full").run
    heard = run(gpt2_lm, "linear_probe", text_data(), start=adapted)
    assert heard.of(RunFinished)[0].frozen_intact is True
    for name, tensor in adapted.changed_tensors.items():
        if name.startswith("backbone."):
            assert torch.equal(heard.run.changed_tensors[name], tensor)
    assert curve(heard) != curve(run(gpt2_lm, "linear_probe", text_data()))


def test_words_after_words_go_on_with_the_head(gpt2_lm: str) -> None:
    first = learn(gpt2_lm, "full", epochs=10)
    second = learn(gpt2_lm, "full", start=first.run)
    assert second.of(Evaluated)[0].val_loss == pytest.approx(first.of(Evaluated)[-1].val_loss)
    finishes = [heard.of(RunFinished)[0].perplexity_before for heard in (first, second)]
    assert finishes[0] == finishes[1]


def test_tensors_of_another_backbone_are_refused(gpt2_lm: str, bert_lm: str) -> None:
    foreign = learn(bert_lm, "full").run
    with pytest.raises(InvalidInput, match="was not trained on"):
        learn(gpt2_lm, "full", start=foreign)


def test_losses_of_a_text_do_not_depend_on_its_neighbours(backbone: str) -> None:
    predictor = load_word_predictor(backbone)
    together = losses_of(predictor, corpus().test)
    alone = [losses_of(predictor, [text]) for text in corpus().test]
    if backbone.endswith("gpt2"):  # masks are drawn in the order of the texts
        np.testing.assert_allclose(together.losses, [losses.losses[0] for losses in alone], rtol=1e-4)
    np.testing.assert_array_equal(together.tokens, [losses.tokens[0] for losses in alone])
