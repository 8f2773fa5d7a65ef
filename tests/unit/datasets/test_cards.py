"""The cards of the bundled datasets say what the data is, and what they say is so."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tlvsft.catalog.datasets import DATASETS, GENERAL_TEXT, BundledDataset
from tlvsft.config import DatasetConfig
from tlvsft.datasets import load_general_text, load_labelled_data


def read_card(repository: Path, dataset: BundledDataset) -> tuple[dict[str, Any], str]:
    return split_card(repository / "assets" / "datasets" / (dataset.folder or dataset.name) / "README.md")


def split_card(card: Path) -> tuple[dict[str, Any], str]:
    _, front_matter, text = card.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(front_matter), text


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.name)
def test_sizes_and_licence_are_those_of_the_catalogue(dataset: BundledDataset, repository: Path) -> None:
    front_matter, text = read_card(repository, dataset)
    splits = {split["name"]: split["num_examples"] for split in front_matter["dataset_info"]["splits"]}
    assert tuple(splits[name] for name in ("train", "validation", "test")) == dataset.sizes
    assert front_matter["license"] == dataset.licence.lower().replace(" ", "-")
    assert dataset.licence in text
    assert "## Limits" in text


def test_the_reviews_card_says_who_wrote_them(repository: Path) -> None:
    front_matter, text = read_card(repository, DATASETS["book-reviews"])
    assert "A language model wrote these texts" in text
    assert front_matter["language_creators"] == ["machine-generated"]
    assert all(f"`{genre}`" in text for genre in DATASETS["book-genres"].classes)


def test_the_reviews_splits_are_by_author(repository: Path) -> None:
    card = read_card(repository, DATASETS["book-reviews"])[1]
    stated = dict(re.findall(r"^\| (train|validation|test) \| ([a\d, ]+) \|", card, flags=re.MULTILINE))
    for split, authors in stated.items():
        lines = (repository / "assets" / "datasets" / "book-reviews" / f"{split}.jsonl").read_text(encoding="utf-8")
        assert ", ".join(sorted(set(re.findall(r'"id": "(a\d)-', lines)))) == authors
    assert len(stated) == 3


def test_the_digits_card_says_where_the_data_is_and_how_many_of_each(repository: Path) -> None:
    text = read_card(repository, DATASETS["digits"])[1]
    assert "comes with scikit-learn" in text
    data = load_labelled_data(DatasetConfig(name="digits"))
    counts = Counter(np.concatenate([data.train.labels, data.validation.labels, data.test.labels]).tolist())
    row = " | ".join(str(counts[label]) for label in range(10))
    assert f"| Digits | {row} |" in text


def test_the_general_texts_card_says_who_wrote_them_what_for_and_how_long_they_are() -> None:
    front_matter, text = split_card(GENERAL_TEXT.path.parent / "README.md")
    assert [split["num_examples"] for split in front_matter["dataset_info"]["splits"]] == [GENERAL_TEXT.size]
    assert front_matter["license"] == GENERAL_TEXT.licence.lower()
    assert front_matter["language_creators"] == ["machine-generated"]
    assert "A language model wrote these texts" in text
    assert "perplexity on these paragraphs before and after" in text
    assert "## Limits" in text
    words = [len(paragraph.split()) for paragraph in load_general_text()]
    stated = f"{len(words)} English paragraphs of {min(words)} to {max(words)} words ({np.mean(words):.1f} on average)"
    assert stated in text
