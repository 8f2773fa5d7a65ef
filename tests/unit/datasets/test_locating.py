"""What a user's words for a dataset point to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlvsft.datasets.locating import HubId, LocalFiles, locate, split_of
from tlvsft.errors import DatasetError, UnknownName


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def found_in(folder: Path) -> LocalFiles:
    found = locate(str(folder))
    assert isinstance(found, LocalFiles)
    return found


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.csv", "train"),
        ("train-00000-of-00002.parquet", "train"),
        ("my_valid_set.csv", "validation"),
        ("dev.jsonl", "validation"),
        ("test.csv", "test"),
        ("Test/part-1.csv", "test"),
        ("data/train/part-1.csv", "train"),
        ("latest.csv", None),
        ("trainer.csv", None),
    ],
)
def test_the_split_is_a_word_of_the_name(name: str, split: str | None) -> None:
    assert split_of(Path(name)) == split


def test_files_are_sorted_into_splits(tmp_path: Path) -> None:
    found = found_in(touch(tmp_path, "train-0.parquet", "train-1.parquet", "test.parquet", "README.md", ".hidden.csv"))
    assert found.kind == "parquet"
    assert {split: [path.name for path in paths] for split, paths in found.splits.items()} == {
        "train": ["train-0.parquet", "train-1.parquet"],
        "test": ["test.parquet"],
    }


def test_files_that_name_no_split_are_training_data(tmp_path: Path) -> None:
    found = found_in(touch(tmp_path, "a.csv", "b.csv", "dataset_info.json"))
    assert [path.name for path in found.splits["train"]] == ["a.csv", "b.csv"]


def test_a_folder_without_training_data_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no training data"):
        locate(str(touch(tmp_path, "test.csv")))


def test_image_folders_win_by_number(tmp_path: Path) -> None:
    found = found_in(touch(tmp_path, "train/cat/1.jpg", "train/dog/2.JPG", "val/cat/3.jpg", "notes.csv"))
    assert found.kind == "images"
    assert found.splits == {"train": (tmp_path / "train",), "validation": (tmp_path / "val",)}
    assert found.endings == {".jpg", ".JPG"}


@pytest.mark.parametrize(
    "name",
    [
        "/nowhere/x.csv",
        "nope.csv",
        "./nope",
        "~nobody-here/x",
        "",
        "a" * 5_000,
        "a\0b",
        "../up",
        "/nowhere/",
        "a b",
        "x\n",
    ],
)
def test_a_path_that_does_not_exist_is_called_one(name: str) -> None:
    with pytest.raises(DatasetError, match="There is no file or folder") as caught:
        locate(name)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("name", ["imdb", "stanfordnlp/imdb", "a/b-c_d.e"])
def test_what_can_be_an_id_is_one(name: str) -> None:
    assert locate(name) == HubId(name)


def test_a_misspelt_bundled_name_is_put_right() -> None:
    with pytest.raises(UnknownName, match="did you mean 'book-reviews'"):
        locate("book-review")


@pytest.mark.parametrize("name", ["data.pkl", "data.pt", "data.py", "data.npy", "DATA.PICKLE"])
def test_files_that_can_run_code_are_never_opened(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatasetError, match="can run code"):
        locate(str(touch(tmp_path, name) / name))


@pytest.mark.parametrize("name", ["notes.txt", "picture.png", "noending", "archive.zip"])
def test_other_files_are_refused_with_what_would_do(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatasetError, match="CSV, JSON, JSONL or Parquet"):
        locate(str(touch(tmp_path, name) / name))
