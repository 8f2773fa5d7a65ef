"""Own datasets on the disk: what is kept, for whom, how long."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tlvsft.catalog.own import GONE, MOST_TITLE_CHARACTERS, OwnDataset, find_dataset, find_described
from tlvsft.config import DatasetConfig
from tlvsft.datasets import LabelledData, Split, load_labelled_data, load_text_data, own, own_bounds
from tlvsft.datasets.own import delete, describe, list_own, load_own, prune, save, save_images
from tlvsft.datasets.own_bounds import clean_title
from tlvsft.errors import DatasetError

ME, SOMEBODY = "m" * 32, "s" * 32
DAY_S = 86_400.0


def picture(colour: tuple[int, int, int] = (200, 10, 10), size: tuple[int, int] = (24, 20), kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    return buffer.getvalue()


def two_classes(count: int = 6) -> dict[str, list[bytes]]:
    return {
        "cat": [picture((10 * index, 0, 0)) for index in range(count)],
        "dog": [picture((0, 10 * index, 0)) for index in range(count)],
    }


def texts(words: Sequence[str] = ("fine", "dull"), count: int = 6) -> LabelledData:
    def split(number: int) -> Split:
        labels = np.arange(number) % len(words)
        return Split(inputs=[f"{words[label]} {index}" for index, label in enumerate(labels)], labels=labels)

    return LabelledData(
        name="reviews.csv", modality="text", class_names=tuple(words),
        train=split(count), validation=split(2), test=split(2), notes=("Split.",),
    )  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def keep(home: Path) -> Callable[..., OwnDataset]:
    def keep_one(owner: str = ME, title: str = "My reviews") -> OwnDataset:
        return save(home, owner, title, texts(), kept_as="table", columns=("text", "label"))

    return keep_one


def test_texts_come_back_as_they_were(home: Path, keep: Callable[..., OwnDataset]) -> None:
    dataset = keep()
    assert (dataset.title, dataset.classes, dataset.sizes) == ("My reviews", ("fine", "dull"), (6, 2, 2))
    assert (dataset.counts, dataset.columns, dataset.notes) == ((5, 5), ("text", "label"), ("Split.",))
    data = load_labelled_data(DatasetConfig(name=dataset.name))
    assert list(data.train.inputs) == list(texts().train.inputs)
    assert data.test.labels.tolist() == [0, 1]
    assert (data.name, data.class_names, data.notes) == (dataset.name, ("fine", "dull"), ("Split.",))


def test_its_texts_are_enough_to_predict_words(keep: Callable[..., OwnDataset]) -> None:
    data = load_text_data(DatasetConfig(name=keep().name))
    assert list(data.train) == list(texts().train.inputs)


def test_pictures_are_kept_small_and_bare(home: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif[0x0112] = 6  # on its side
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (600, 900, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, "JPEG", exif=exif)
    dataset = save_images(home, ME, "Pets", two_classes() | {"bird": [buffer.getvalue()] * 6})
    assert (dataset.classes, dataset.counts) == (("bird", "cat", "dog"), (6, 6, 6))
    files = list((home / "own").rglob("*.*"))
    assert all(b"taken at home" not in file.read_bytes() for file in files)
    data = load_own(home, dataset.name)
    sizes = {data.train.inputs[index].size for index in range(len(data.train))}  # type: ignore[union-attr]
    assert sizes == {(24, 20), (213, 320)}
    first = next(index for index, label in enumerate(data.train.labels) if label == 1)
    assert data.train.inputs[first].getpixel((0, 0))[1:] == (0, 0)  # type: ignore[union-attr]


def test_a_visitor_finds_only_their_own(home: Path, keep: Callable[..., OwnDataset]) -> None:
    mine, other = keep(), keep(owner=SOMEBODY)
    assert list_own(home, ME) == [mine]
    assert list_own(home, SOMEBODY) == [other]
    assert list_own(home, "") == []
    with pytest.raises(DatasetError, match="isn't there any more"):
        delete(home, ME, other.name)
    assert describe(home, other.name) == other
    assert ME not in "".join(path.read_text() for path in (home / "own").rglob("manifest.json"))


def test_nothing_is_left_of_what_is_deleted(home: Path, keep: Callable[..., OwnDataset]) -> None:
    dataset = keep()
    delete(home, ME, dataset.name)
    assert list((home / "own").iterdir()) == []
    assert list(home.rglob("*.arrow")) == []
    for ask in (lambda: describe(home, dataset.name), lambda: load_own(home, dataset.name)):
        with pytest.raises(DatasetError) as refused:
            ask()
        assert str(refused.value) == GONE
    assert find_described(dataset.name) is None


@pytest.mark.parametrize(
    "name", ["own:", "own:../../etc", "own:" + "g" * 32, "own:" + "A" * 32, "own:" + "0" * 33, "own:..%2f" + "0" * 27]
)
def test_a_name_never_leads_elsewhere(home: Path, name: str) -> None:
    with pytest.raises(DatasetError, match="isn't there any more"):
        load_own(home, name)
    assert find_dataset(name) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": 1}', "\x00"])
def test_a_damaged_manifest_is_no_dataset(home: Path, keep: Callable[..., OwnDataset], content: str) -> None:
    dataset = keep()
    (home / "own" / dataset.name.removeprefix("own:") / "manifest.json").write_text(content)
    assert list_own(home, ME) == []


@pytest.mark.parametrize(
    ("images", "words"),
    [
        ({}, "no pictures"),
        ({"cat": []}, "'cat' has no pictures"),
        ({"cat": [picture()] * 4}, "all examples in these pictures are of one class"),
        ({"cat": [picture()] * 4, "dog": [picture()] * 2}, "2 of the 3 examples"),
        ({"cat": [picture()] * 4, "dog": [b"\x80\x04\x95."] * 4}, "picture 1 of 'dog' is damaged or no image"),
        ({"cat": [picture()] * 4, "dog": [*[picture()] * 3, picture(size=(90, 90))[:90]]}, "picture 4 of 'dog'"),
        ({"x" * 81: [picture()] * 4, "dog": [picture()] * 4}, "at most 80"),
        ({f"{index:03}": [picture()] * 3 for index in range(201)}, "at most 200"),
    ],
)
def test_pictures_that_cannot_be_trained_on(home: Path, images: Mapping[str, Any], words: str) -> None:
    with pytest.raises(DatasetError) as refused:
        save_images(home, ME, "Pets", images)
    assert words in str(refused.value)[0].lower() + str(refused.value)[1:]
    assert not (home / "own").exists() or list((home / "own").iterdir()) == []


def test_a_huge_picture_is_refused_before_it_is_decoded(home: Path) -> None:
    header = picture(size=(1, 1), kind="BMP")
    huge = header[:18] + (50_000).to_bytes(4, "little") * 2 + header[26:]
    with pytest.raises(DatasetError, match=r"too large|50000×50000"):
        save_images(home, ME, "Pets", two_classes() | {"bomb": [huge] * 4})


def test_a_format_that_can_run_programs_is_no_image(home: Path) -> None:
    postscript = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"
    with pytest.raises(DatasetError, match="damaged or no image"):
        save_images(home, ME, "Pets", two_classes() | {"eps": [postscript] * 4})


def test_a_visitor_keeps_so_many_and_no_more(home: Path, keep: Callable[..., OwnDataset], monkeypatch: Any) -> None:
    monkeypatch.setattr(own_bounds, "MOST_OWN", 2)
    keep(), keep()
    with pytest.raises(DatasetError, match="You keep 2 datasets, and no more fit: delete one"):
        keep()
    keep(owner=SOMEBODY)
    monkeypatch.setattr(own_bounds, "MOST_OWN", 10)
    monkeypatch.setattr(own_bounds, "MOST_OWN_BYTES", 100)
    with pytest.raises(DatasetError, match="together: delete one"):
        keep()


def test_long_texts_are_refused(home: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(own_bounds, "MOST_TEXT_CHARACTERS", 5)
    with pytest.raises(DatasetError, match="Text 1 of the train split has 6 characters"):
        save(home, ME, "Long", texts(), kept_as="table")
    monkeypatch.setattr(own_bounds, "MOST_ROWS", 9)
    with pytest.raises(DatasetError, match="There are 10 examples, and at most 9 are taken"):
        save(home, ME, "Many", texts(), kept_as="table")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  My \n pets\t", "My pets"),
        ("", "My data"),
        ("\x00\x1b[31m", "[31m"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("x" * 100, "x" * (MOST_TITLE_CHARACTERS - 1) + "…"),
    ],
)
def test_titles_are_one_line(given: str, kept: str) -> None:
    assert clean_title(given) == kept


def age(home: Path, dataset: OwnDataset, days: float) -> None:
    then = time.time() - days * DAY_S
    os.utime(home / "own" / dataset.name.removeprefix("own:") / "manifest.json", (then, then))


def test_what_nobody_uses_is_deleted_in_time(home: Path, keep: Callable[..., OwnDataset]) -> None:
    old, used, fresh, read = keep(), keep(), keep(), keep()
    for dataset in (old, used, read):
        age(home, dataset, 2)
    load_own(home, read.name)
    assert prune(home, in_use={used.name}, unused_days=1) == [old.name]
    assert {dataset.name for dataset in list_own(home, ME)} == {used.name, fresh.name, read.name}


def test_beyond_the_room_for_all_the_longest_unused_go(
    home: Path, keep: Callable[..., OwnDataset], monkeypatch: Any
) -> None:
    first, second, third = keep(), keep(owner=SOMEBODY), keep()
    for days, dataset in ((3, first), (2, second), (1, third)):
        age(home, dataset, days)
    monkeypatch.setattr(own, "MOST_BYTES", 2 * first.size_bytes)
    assert prune(home, unused_days=30) == [first.name]
    monkeypatch.setattr(own, "MOST_BYTES", 0)
    assert prune(home, in_use={second.name}, unused_days=30) == [third.name]


def test_what_a_killed_server_left_is_cleared(home: Path) -> None:
    left, young = home / "own" / ".new-abc", home / "own" / ".new-def"
    for folder in (left, young):
        folder.mkdir(parents=True)
    os.utime(left, (0, 0))
    prune(home)
    assert [path.name for path in (home / "own").iterdir()] == [".new-def"]


def test_the_manifest_says_what_a_page_needs(home: Path, keep: Callable[..., OwnDataset]) -> None:
    dataset = keep()
    folder = home / "own" / dataset.name.removeprefix("own:")
    kept = json.loads((folder / "manifest.json").read_text())
    assert len(kept["name"]) == len("own:") + 32
    assert kept["owner_hash"] != ME
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.json", "test.jsonl", "train.jsonl", "validation.jsonl",
    ]  # fmt: skip


def test_what_is_written_is_bounded_while_it_is_written(
    home: Path, keep: Callable[..., OwnDataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    monkeypatch.setattr(own_bounds, "MOST_OWN_BYTES", 100)
    monkeypatch.setattr(own, "check_room", lambda *_, **__: None)
    monkeypatch.setattr(own.json, "dumps", lambda row: written.append(row) or json.JSONEncoder().encode(row))
    with pytest.raises(DatasetError, match="as it is kept: leave examples out"):
        keep()
    assert len(written) < 6
    assert list((home / "own").iterdir()) == []
