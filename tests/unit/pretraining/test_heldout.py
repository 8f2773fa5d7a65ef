"""The source task on held-out source data, against what plain transformers says of the same drawings and texts."""

from __future__ import annotations

import json
import lzma
import math
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers as hf
from torch import Tensor

from tests.unit.pretraining.conftest import write_archive, write_photos
from tests.unit.training.fakes import Heard, corpus, image_data, run, text_data
from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.forgotten import HELDOUT_FILE
from tlvsft.errors import InvalidInput
from tlvsft.events import Noted
from tlvsft.pretraining import heldout
from tlvsft.pretraining.augment import present
from tlvsft.pretraining.heldout import observe_heldout, read_paragraphs
from tlvsft.pretraining.omniglot import find_archives, read_drawings
from tlvsft.pretraining.source_files import check_source_data

FEW: dict[str, Any] = {"labels": 8, "epochs": 1}


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    """Characters that glyphs-resnet knows, by 20 people, in other shapes; and one that it doesn't know."""
    folder = tmp_path / "source"
    folder.mkdir()
    write_archive(folder / "images_background_small1.zip", {"Greek": 2, "Klingon": 1}, drawings=20)
    return folder


@pytest.fixture
def paragraphs(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in ("books-00", "books-heldout-00"):
        lines = [f"Title {number}\n" + " ".join(["the king of an old town", str(number)] * 5) for number in range(6)]
        (folder / f"{name}.txt.xz").write_bytes(lzma.compress("\n\n".join(lines).encode()))
    return folder


def observed(backbone: str, method: str, data: Any, folder: Path, **changes: Any) -> Heard:
    return run(backbone, method, data, observers=(partial(observe_heldout, data=folder),), **(FEW | changes))


def right_by_hand(folder: Path, changed: dict[str, Tensor]) -> list[bool]:
    """Whether each held-out drawing of a known character, turn after turn, gets its own name."""
    model = hf.AutoModelForImageClassification.from_pretrained(
        BACKBONES["glyphs-resnet"].path, dtype=torch.float32
    ).eval()
    state = model.base_model.state_dict()
    right = []
    with torch.no_grad():
        for name, tensor in changed.items():
            state[name].copy_(tensor)
        found = read_drawings(find_archives(folder))
        for turn in range(4):
            for image, character, number in zip(found.images, found.characters, found.numbers, strict=True):
                name = found.names[character]
                if number >= 18 and not name.startswith("Klingon"):
                    pixels = present(
                        torch.from_numpy(image)[None, None].float() / 255, torch.tensor([turn]), image_size=32
                    )
                    answer = model.config.id2label[int(model(pixels).logits.argmax())]
                    right.append(answer == f"{name} {90 * turn}°")
    return right


@pytest.mark.parametrize("method", ["nearest_centroid", "full"])
def test_drawings_before_and_after(drawings: Path, method: str) -> None:
    heard = observed("glyphs-resnet", method, image_data(), drawings)
    finish = heard.finish
    before, after = right_by_hand(drawings, {}), right_by_hand(drawings, heard.adapted_tensors)
    assert finish.heldout_examples == len(before) == 2 * 3 * 4
    assert heard.run.arrays[HELDOUT_FILE]["before"].tolist() == before
    assert heard.run.arrays[HELDOUT_FILE]["after"].tolist() == after
    assert finish.heldout_accuracy_before == pytest.approx(np.mean(before))
    assert finish.heldout_accuracy_after == pytest.approx(np.mean(after))


def test_other_characters_are_noted_and_end_no_run(tmp_path: Path) -> None:
    write_archive(tmp_path / "images_background_small1.zip", {"Klingon": 2}, drawings=20)
    heard = observed("glyphs-resnet", "nearest_centroid", image_data(), tmp_path)
    assert heard.finish.heldout_examples == 0
    assert any("no character that the backbone knows" in note.message for note in heard.of(Noted))


def test_other_photos_are_noted(tmp_path: Path) -> None:
    for part in ("train", "validation"):
        write_photos(tmp_path / f"{part}-0.parquet", 6, 0)
    heard = observed("photos-resnet", "nearest_centroid", image_data(), tmp_path)
    assert any("other classes than the backbone knows" in note.message for note in heard.of(Noted))


def test_a_folder_that_is_gone_is_noted(tmp_path: Path) -> None:
    heard = observed("glyphs-resnet", "nearest_centroid", image_data(), tmp_path / "gone")
    assert any("No Omniglot archives" in note.message for note in heard.of(Noted))


@pytest.mark.parametrize("method", ["random_features", "from_scratch"])
def test_controls_and_other_backbones_say_nothing(drawings: Path, resnet: str, method: str) -> None:
    for heard in (
        observed("glyphs-resnet", method, image_data(), drawings),
        observed(resnet, "nearest_centroid", image_data(), drawings),
    ):
        assert heard.finish.heldout_examples == 0
        assert heard.run.arrays == {}


@pytest.fixture
def resnet(tmp_path: Path) -> str:
    from tests.unit.backbones.tiny import save_tiny

    return save_tiny("resnet", tmp_path / "resnet")


def perplexity_by_hand(texts: list[str], changed: dict[str, Tensor]) -> float:
    folder = BACKBONES["wiki-gpt"].path
    model = hf.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    state = model.transformer.state_dict()
    nats, count = 0.0, 0
    with torch.no_grad():
        for name, tensor in changed.items():
            state[name].copy_(tensor)
        for text in texts:
            end = tokenizer.eos_token_id
            ids = torch.tensor([[end, *tokenizer(text, add_special_tokens=False)["input_ids"], end]])
            nats += float(model(ids, labels=ids).loss) * (ids.shape[1] - 1)
            count += ids.shape[1] - 1
    return math.exp(nats / count)


def test_paragraphs_before_and_after(paragraphs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heldout, "MOST_PARAGRAPHS", 3)
    heard = observed("wiki-gpt", "full", text_data(), paragraphs)
    texts = read_paragraphs([paragraphs / "books-heldout-00.txt.xz"])
    finish = heard.finish
    assert finish.heldout_examples == len(texts) == 3
    assert finish.heldout_perplexity_before == pytest.approx(perplexity_by_hand(texts, {}), rel=1e-3)
    assert finish.heldout_perplexity_after == pytest.approx(perplexity_by_hand(texts, heard.adapted_tensors), rel=1e-3)
    assert finish.heldout_perplexity_after != finish.heldout_perplexity_before


def test_a_model_of_words_answers_with_its_own_head(paragraphs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its backbone is frozen and its head is not: with the pretrained head nothing would have changed."""
    monkeypatch.setattr(heldout, "MOST_PARAGRAPHS", 2)
    finish = observed("wiki-gpt", "linear_probe", corpus(), paragraphs, task="language_modeling").finish
    assert finish.heldout_perplexity_after != finish.heldout_perplexity_before


def test_paragraphs_are_long_enough_and_evenly_spread(paragraphs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = paragraphs / "books-heldout-00.txt.xz"
    assert len(read_paragraphs([file])) == 6
    monkeypatch.setattr(heldout, "MOST_PARAGRAPHS", 2)
    assert [text.split()[6] for text in read_paragraphs([file])] == ["0", "3"]
    monkeypatch.setattr(heldout, "LEAST_WORDS", 100)
    with pytest.raises(InvalidInput, match="No paragraph of 100 words"):
        read_paragraphs([file])


def test_a_folder_is_checked_beforehand(drawings: Path, paragraphs: Path, tiny_imagenet: Path, tmp_path: Path) -> None:
    check_source_data("glyphs-resnet", drawings)
    check_source_data("wiki-gpt", paragraphs)
    check_source_data("photos-resnet", tiny_imagenet)
    for backbone in ("glyphs-resnet", "wiki-gpt", "photos-resnet"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(InvalidInput, match="give --data a folder with"):
            check_source_data(backbone, tmp_path / "empty")
        with pytest.raises(InvalidInput, match="is no folder"):
            check_source_data(backbone, tmp_path / "gone")
    with pytest.raises(InvalidInput, match="leave --data out, or choose the backbone glyphs-resnet, photos-resnet"):
        check_source_data("./my-model", drawings)


@pytest.mark.shared
@pytest.mark.parametrize(("backbone", "examples"), [("glyphs-resnet", 2904), ("photos-resnet", 2000)])
def test_the_untouched_model_is_as_good_as_its_card_says(backbone: str, examples: int, shared_dir: Path) -> None:
    card = json.loads((BACKBONES[backbone].path / "training.json").read_text(encoding="utf-8"))["metrics"]
    finish = observed(backbone, "nearest_centroid", image_data(), shared_dir).finish
    assert finish.heldout_examples == examples
    assert finish.heldout_accuracy_before == pytest.approx(card["accuracy"], abs=0.0006)
    assert finish.heldout_accuracy_after == finish.heldout_accuracy_before


@pytest.mark.shared
def test_the_corpus_beside_the_checkout_is_read(shared_dir: Path) -> None:
    """Above the card's 64.7: each paragraph is read without those before it."""
    finish = observed("wiki-gpt", "nearest_centroid", text_data(), shared_dir).finish
    assert finish.heldout_examples == 180
    assert finish.heldout_perplexity_before is not None
    assert 60 < finish.heldout_perplexity_before < 90
