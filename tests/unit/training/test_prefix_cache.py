"""Frozen blocks are computed once, and the curves are those of a run that computes them at every step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.unit.backbones.tiny import (
    IMAGE_SHAPES,
    MASKED_SHAPES,
    TEXT_SHAPES,
    save_tiny,
    save_tiny_language_model,
)
from tests.unit.training.fakes import Heard, corpus, image_data, run, run_config, text_data
from tlvsft.backbones import FrozenPrefix
from tlvsft.datasets import LabelledData, TextData
from tlvsft.events import Evaluated, Noted, PrefixStored, RunFinished, StepTaken
from tlvsft.tasks import STORED, AdaptedModel
from tlvsft.training import prefix_cache
from tlvsft.training.activation_files import ActivationFiles
from tlvsft.training.prefix_cache import PrefixCache, StoredInputs
from tlvsft.training.preparation import prepare
from tlvsft.training.stopping import StopRequested, never

Data = LabelledData | TextData
WHOLE, LOWER = "linear_probe", ("embedding", "0")


@pytest.fixture(autouse=True)
def _short_general_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlvsft.training.language_modeling.load_general_text", lambda: corpus().test)


def learn(backbone: str, method: str, data: Data, **changes: object) -> Heard:
    task = {"task": "language_modeling"} if isinstance(data, TextData) else {}
    settings = {"labels": 20, "epochs": 4} | task | changes
    return run(backbone, method, data, **settings)


def agree(first: Heard, second: Heard) -> None:
    """Both curves and both tests are the same within float tolerance."""
    for kind, values in (
        (StepTaken, lambda event: (event.train_loss,)),
        (Evaluated, lambda event: (event.val_loss, event.val_accuracy or 0.0, event.val_perplexity or 0.0)),
        (RunFinished, lambda event: (event.test_accuracy or 0.0, event.perplexity or 0.0)),
    ):
        one, other = ([values(event) for event in heard.of(kind)] for heard in (first, second))  # type: ignore[type-var]
        assert len(one) == len(other) > 0
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-5)


def stored(heard: Heard) -> list[tuple[int, bool]]:
    events = [event for event in heard.of(PrefixStored) if event.is_complete]
    return [(event.prefix_blocks, event.reused) for event in events]


def compare(backbone: str, method: str, data: Data, **changes: object) -> Heard:
    cached = learn(backbone, method, data, **changes)
    agree(cached, learn(backbone, method, data, stores_prefix=False, **changes))
    return cached


@pytest.mark.parametrize("blocks", [WHOLE, LOWER])
@pytest.mark.parametrize("shape", [*TEXT_SHAPES, *IMAGE_SHAPES])
def test_curves_agree_for_every_architecture(shape: str, blocks: str | tuple[str, ...], tmp_path: Path) -> None:
    data = text_data() if shape in TEXT_SHAPES else image_data()
    backbone = save_tiny(shape, tmp_path)
    if blocks == WHOLE:
        heard = compare(backbone, WHOLE, data)
    else:
        heard = compare(backbone, "partial", data, frozen_blocks=blocks)
        assert stored(heard) == [(1, False)]
    assert heard.of(RunFinished)[0].prefix_blocks == stored(heard)[0][0]
    assert heard.of(RunFinished)[0].prefix_speedup > 1


@pytest.mark.parametrize("blocks", [WHOLE, LOWER])
@pytest.mark.parametrize("shape", TEXT_SHAPES)
def test_curves_of_language_models_agree(shape: str, blocks: str | tuple[str, ...], tmp_path: Path) -> None:
    """Masked words are hidden anew in each batch, so only the validation can be stored there."""
    backbone = save_tiny_language_model(shape, tmp_path)
    changes = {} if blocks == WHOLE else {"frozen_blocks": blocks}
    heard = compare(backbone, WHOLE if blocks == WHOLE else "partial", corpus(), **changes)
    assert bool(stored(heard)) is (shape not in MASKED_SHAPES)


@pytest.mark.parametrize(
    ("method", "phases"),
    [
        ("random_features", [3]),
        ("nearest_centroid", [3]),
        ("lp_ft", [3]),
        ("gradual_unfreezing", [3, 2, 1]),
        ("lora", []),
        ("full", []),
        ("from_scratch", []),
        ("discriminative_rates", []),
    ],
)
def test_what_is_stored_follows_the_freeze_mask(gpt2: str, method: str, phases: list[int]) -> None:
    epochs = None if method == "nearest_centroid" else 12
    heard = learn(gpt2, method, text_data(), epochs=epochs)
    uncached = learn(gpt2, method, text_data(), epochs=epochs, stores_prefix=False)
    assert [blocks for blocks, _ in stored(heard)] == phases
    assert stored(uncached) == []
    if method != "nearest_centroid":
        agree(heard, uncached)
    assert heard.of(RunFinished)[0].frozen_intact in {True, None}


def test_frozen_dropout_stays_off_and_trained_dropout_is_drawn_alike(bert: str) -> None:
    """BERT has dropout: the blocks that train draw the same with and without the cache."""
    compare(bert, "partial", text_data(), frozen_blocks=LOWER)


def test_blocks_are_computed_once_however_many_epochs(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []
    original = AdaptedModel.represent_frozen

    def count(self: AdaptedModel, batch: dict[str, torch.Tensor], prefix: FrozenPrefix) -> torch.Tensor:
        computed.append(len(batch["input_ids"]))
        return original(self, batch, prefix)

    monkeypatch.setattr(AdaptedModel, "represent_frozen", count)
    tried = 3 * prefix_cache.EXAMPLES_TRIED
    learn(gpt2, "linear_probe", text_data(), epochs=9)
    assert sum(computed) == 20 + 12 + 16 + tried
    computed.clear()
    learn(gpt2, "linear_probe", text_data(), epochs=3)
    assert sum(computed) == 0


def test_one_epoch_has_nothing_to_save(gpt2: str) -> None:
    assert stored(learn(gpt2, "partial", text_data(), frozen_blocks=LOWER, epochs=1)) == []


def test_runs_that_share_backbone_data_and_prefix_pay_once_and_agree(gpt2: str) -> None:
    first = learn(gpt2, "linear_probe", text_data())
    again = learn(gpt2, "linear_probe", text_data())
    other_head = learn(gpt2, "linear_probe", text_data(), epochs=5)
    assert [stored(heard) for heard in (first, again, other_head)] == [[(3, False)], [(3, True)], [(3, True)]]
    assert [event.train_loss for event in first.of(StepTaken)] == [event.train_loss for event in again.of(StepTaken)]
    costs = [heard.of(PrefixStored)[-1].computed_s for heard in (first, again)]
    assert costs[0] == costs[1] > 0
    assert again.of(RunFinished)[0].train_s > costs[0]


def _other_weights(backbone: str) -> None:
    from tests.unit.backbones.tiny import build_model

    build_model("gpt2", seed=5).save_pretrained(backbone)


def _other_tokens(backbone: str) -> None:
    path = Path(backbone) / "tokenizer.json"
    path.write_text(path.read_text().replace('"dull"', '"dreary"'))


def _other_activation(backbone: str) -> None:
    path = Path(backbone) / "config.json"
    path.write_text(path.read_text().replace("gelu_new", "relu"))


@pytest.mark.parametrize("change", [_other_weights, _other_tokens, _other_activation])
def test_any_change_of_the_backbone_misses(change: Callable[[str], None], tmp_path: Path) -> None:
    backbone = save_tiny("gpt2", tmp_path)
    learn(backbone, "linear_probe", text_data())
    change(backbone)
    assert stored(compare(backbone, "linear_probe", text_data())) == [(3, False)]


def test_a_change_of_preprocessing_misses(tmp_path: Path) -> None:
    backbone = save_tiny("resnet", tmp_path)
    learn(backbone, "linear_probe", image_data())
    path = tmp_path / "preprocessor_config.json"
    path.write_text(path.read_text().replace("0.5", "0.4"))
    assert stored(compare(backbone, "linear_probe", image_data())) == [(3, False)]


def test_other_labels_other_prefixes_and_other_random_weights_miss(gpt2: str) -> None:
    learn(gpt2, "linear_probe", text_data())
    learn(gpt2, "random_features", text_data())
    for method, changes in (
        ("linear_probe", {"labels": 22}),
        ("partial", {"frozen_blocks": LOWER}),
        ("random_features", {"seed": 1}),
    ):
        assert [reused for _, reused in stored(learn(gpt2, method, text_data(), **changes))] == [False]


def test_a_run_goes_on_from_another_with_activations_of_its_own(gpt2: str) -> None:
    start = learn(gpt2, "full", text_data()).run
    learn(gpt2, "linear_probe", text_data())
    assert stored(compare(gpt2, "linear_probe", text_data(), start=start)) == [(3, False)]


def test_beyond_the_memory_budget_it_is_mapped_from_a_file(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    allocate = PrefixCache._allocate

    def spy(self: PrefixCache, files: ActivationFiles, shape: tuple[int, ...]) -> object:
        values, draft = allocate(self, files, shape)
        kept.append(0 if draft else values.nbytes)
        return values, draft

    monkeypatch.setattr(PrefixCache, "_allocate", spy)
    expected = learn(gpt2, "partial", text_data(), frozen_blocks=LOWER, stores_prefix=False)
    monkeypatch.setattr(prefix_cache, "MEMORY_BYTES", 2_000)
    small = learn(gpt2, "partial", text_data(), frozen_blocks=LOWER)
    assert sum(kept) <= 2_000
    agree(expected, small)
    agree(expected, learn(gpt2, "partial", text_data(), frozen_blocks=LOWER))


def test_what_is_too_much_for_the_disk_is_computed_at_every_step(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefix_cache, "MEMORY_BYTES", 100)
    monkeypatch.setattr("tlvsft.training.activation_files.DISK_BYTES", 100)
    heard = compare(gpt2, "partial", text_data(), frozen_blocks=LOWER)
    assert stored(heard) == []
    assert heard.of(RunFinished)[0].prefix_speedup is None
    assert any("too much to store" in event.message for event in heard.of(Noted))


def test_a_split_that_cannot_be_stored_leaves_the_others_stored(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the validation finds no room, neither in memory nor on the disk."""
    allocate = PrefixCache._allocate

    def full_for_twelve(self: PrefixCache, files: ActivationFiles, shape: tuple[int, ...]) -> object:
        if shape[0] == 12:
            raise OSError("full")
        return allocate(self, files, shape)

    monkeypatch.setattr(PrefixCache, "_allocate", full_for_twelve)
    heard = compare(gpt2, "linear_probe", text_data())
    assert stored(heard) == [(3, False)]
    assert heard.of(RunFinished)[0].prefix_speedup > 1
    assert len(heard.of(Noted)) == 0


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_reuse(
    gpt2: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("TLVSFT_HOME", str(tmp_path / "file"))
    for _ in range(2):
        assert stored(learn(gpt2, "linear_probe", text_data())) == [(3, False)]
    monkeypatch.setattr(prefix_cache, "MEMORY_BYTES", 0)
    heard = learn(gpt2, "linear_probe", text_data())
    assert stored(heard) == []
    assert any("too much to store" in event.message for event in heard.of(Noted))


def test_an_architecture_that_does_not_replay_goes_uncached_and_says_so(
    gpt2: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FrozenPrefix, "replays", lambda _self, _read: False)
    heard = compare(gpt2, "partial", text_data(), frozen_blocks=LOWER)
    assert stored(heard) == []
    notes = [event.message for event in heard.of(Noted)]
    assert notes == [prefix_cache._NOT_REPLAYABLE]


def test_a_long_computation_says_how_far_it_is(gpt2: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlvsft.training.progress._SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(prefix_cache, "COMPUTED_TOGETHER", 8)
    events = learn(gpt2, "linear_probe", text_data()).of(PrefixStored)
    assert [(event.examples, event.total_examples) for event in events] == [(8, 20), (16, 20), (20, 20)]
    assert [event.size_bytes > 0 for event in events] == [False, False, True]


def test_stop_is_heard_while_frozen_blocks_are_computed(gpt2: str) -> None:
    prepared = prepare(run_config(gpt2, "linear_probe", epochs=4), text_data(), files=ActivationFiles())
    list(prepared.objective.encode(never))
    prepared.objective.cache.enter()
    with pytest.raises(StopRequested):
        prepared.objective.enter_phase(lambda: True, on_computed=lambda _done: None)


def test_images_that_are_not_kept_are_stored_but_not_shared(resnet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlvsft.tasks.image_classification.KEPT_BYTES", 0)
    for _ in range(2):
        assert stored(compare(resnet, "linear_probe", image_data())) == [(3, False)]


def test_a_pooled_batch_brings_nothing_but_what_the_head_reads(gpt2: str) -> None:
    prepared = prepare(run_config(gpt2, "linear_probe", epochs=4), text_data(), files=ActivationFiles())
    list(prepared.objective.encode(never))
    prepared.objective.cache.enter()
    inputs = prepared.objective.enter_phase(never, on_computed=lambda _done: None)
    assert isinstance(inputs, StoredInputs)
    batch = inputs.batch(np.array([3, 1]))
    assert set(batch) == {STORED}
    assert batch[STORED].shape == (2, prepared.backbone.feature_size)
