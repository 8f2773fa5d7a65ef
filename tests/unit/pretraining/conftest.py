"""A tiny Omniglot, a tiny corpus, and recipes that finish in a second."""

from __future__ import annotations

import io
import lzma
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlvsft.pretraining.recipes import GlyphsRecipe, WikiGptRecipe

WORDS = ("the", "king", "of", "an", "old", "town", "read", "books", "about", "water", "and", "music", "home", "again")


@pytest.fixture
def glyphs_recipe() -> GlyphsRecipe:
    return replace(
        GlyphsRecipe(),
        steps=6,
        batch_size=8,
        checkpoint_every=2,
        log_every=2,
        embedding_size=4,
        hidden_sizes=(4, 8),
        depths=(1, 1),
        heldout_drawings=(4,),
    )


@pytest.fixture
def wiki_gpt_recipe() -> WikiGptRecipe:
    return replace(
        WikiGptRecipe(),
        steps=6,
        batch_size=4,
        checkpoint_every=2,
        log_every=2,
        vocab_size=300,
        tokenizer_sample_bytes=4000,
        context=8,
        layers=1,
        width=8,
        heads=2,
        warmup_steps=2,
        decay_steps=2,
    )


@pytest.fixture
def omniglot(tmp_path: Path) -> Path:
    """Two archives; the alphabet `Greek` is in both."""
    folder = tmp_path / "omniglot"
    folder.mkdir()
    write_archive(folder / "images_background_small1.zip", {"Greek": 2, "Latin": 1})
    write_archive(folder / "images_background_small2.zip", {"Greek": 2, "Tagalog": 1})
    return folder


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, seed in (("books-00", 0), ("encyclopaedia-00", 1), ("books-heldout-00", 2)):
        write_corpus_file(folder / f"{name}.txt.xz", seed)
    return folder


@pytest.fixture
def data_of(omniglot: Path, corpus: Path) -> dict[str, Path]:
    """The data folder of each recipe."""
    return {"glyphs": omniglot, "wiki-gpt": corpus}


def write_archive(path: Path, alphabets: dict[str, int], *, drawings: int = 4) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for alphabet, characters in alphabets.items():
            for character in range(1, characters + 1):
                for number in range(1, drawings + 1):
                    name = f"{path.stem}/{alphabet}/character{character:02d}/{character:04d}_{number:02d}.png"
                    archive.writestr(name, _drawing(character, number))


def write_corpus_file(path: Path, seed: int, *, documents: int = 20) -> None:
    generator = np.random.default_rng(seed)
    texts = ["\n".join(" ".join(generator.choice(WORDS, 12)).capitalize() for _ in range(2)) for _ in range(documents)]
    path.write_bytes(lzma.compress("\n\n".join(texts).encode()))


def _drawing(character: int, number: int) -> bytes:
    pixels = np.full((105, 105), 255, dtype=np.uint8)  # white paper
    pixels[20 : 60 + number, 30 : 34 + character] = 0
    pixels[40 + 5 * character : 44 + 5 * character, 30:80] = 0
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("1").save(buffer, "PNG")
    return buffer.getvalue()
