"""A tiny Omniglot, a tiny corpus, a few tiny photos, and recipes that finish in a second."""

from __future__ import annotations

import io
import json
import lzma
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tlvsft.pretraining.recipes import GlyphsRecipe, PhotosRecipe, WikiGptRecipe

WORDS = ("the", "king", "of", "an", "old", "town", "read", "books", "about", "water", "and", "music", "home", "again")
PHOTO_NAMES = ("n1 tomato", "n2 frog", "n3 sky")
_IMAGE = pa.struct({"bytes": pa.binary(), "path": pa.string()})


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
def photos_recipe() -> PhotosRecipe:
    return replace(
        PhotosRecipe(),
        steps=6,
        batch_size=8,
        checkpoint_every=2,
        log_every=2,
        image_size=32,
        small_size=16,
        small_steps=4,
        embedding_size=4,
        hidden_sizes=(4, 8),
        depths=(1, 1),
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
def tiny_imagenet(tmp_path: Path) -> Path:
    """Three kinds of things, 20 photos in two files to learn from, 6 to measure on."""
    folder = tmp_path / "tiny-imagenet"
    folder.mkdir()
    for name, count, seed in (("train-0", 12, 0), ("train-1", 8, 1), ("validation-0", 6, 2)):
        write_photos(folder / f"{name}.parquet", count, seed)
    return folder


@pytest.fixture
def data_of(omniglot: Path, corpus: Path, tiny_imagenet: Path) -> dict[str, Path]:
    """The data folder of each recipe."""
    return {"glyphs": omniglot, "wiki-gpt": corpus, "photos": tiny_imagenet}


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


def write_photos(path: Path, count: int, seed: int, *, names: tuple[str, ...] = PHOTO_NAMES) -> None:
    generator = np.random.default_rng(seed)
    labels = [index % len(PHOTO_NAMES) for index in range(count)]
    images = [{"bytes": _photo(label, generator), "path": None} for label in labels]
    features = {"label": {"names": names, "_type": "ClassLabel"}}
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    table = pa.table({"image": pa.array(images, _IMAGE), "label": labels})
    pq.write_table(table.replace_schema_metadata(metadata), path)


def _photo(label: int, generator: np.random.Generator) -> bytes:
    pixels = generator.integers(0, 100, (32, 32, 3), dtype=np.uint8)
    pixels[..., label] += 150  # red, green or blue
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _drawing(character: int, number: int) -> bytes:
    pixels = np.full((105, 105), 255, dtype=np.uint8)  # white paper
    pixels[20 : 60 + number, 30 : 34 + character] = 0
    pixels[40 + 5 * character : 44 + 5 * character, 30:80] = 0
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert("1").save(buffer, "PNG")
    return buffer.getvalue()
