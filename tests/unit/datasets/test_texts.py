"""Texts without classes: from the bundled reviews, files with a column of texts, and plain text files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from tlvsft.config import DatasetConfig
from tlvsft.datasets import TextData, load_labelled_data, load_text_data
from tlvsft.errors import DatasetError, InvalidInput, UnknownName

SENTENCES = tuple(f"Sentence number {number}." for number in range(40))


def load(name: Path | str, **columns: str) -> TextData:
    return load_text_data(DatasetConfig(name=str(name), **columns))


def refusal(name: Path | str, **columns: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        load(name, **columns)
    message = str(caught.value)
    assert "\n" not in message
    assert 20 < len(message) < 400
    return message


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def everything(data: TextData) -> list[str]:
    return sorted([*data.train, *data.validation, *data.test])


def sizes(data: TextData) -> list[int]:
    return [len(split) for split in (data.train, data.validation, data.test)]


def write_texts(folder: Path, ending: str, texts: Sequence[str] = SENTENCES, *, column: str = "text") -> Path:
    path = folder / f"texts{ending}"
    rows = [{column: text, "other": number} for number, text in enumerate(texts)]
    if ending == ".csv":
        return write(path, "\n".join([f"{column},other", *(f'"{row[column]}",{row["other"]}' for row in rows)]))
    if ending == ".parquet":
        pa.parquet.write_table(pa.Table.from_pylist(rows), path)
        return path
    return write(path, json.dumps(rows) if ending == ".json" else "\n".join(map(json.dumps, rows)))


@pytest.mark.parametrize("name", ["book-reviews", "book-genres"])
def test_the_bundled_reviews_keep_their_own_splits(name: str) -> None:
    data, labelled = load(name), load_labelled_data(DatasetConfig(name=name))
    assert sizes(data) == [1_024, 256, 512]
    assert list(data.train) == list(labelled.train.inputs)
    assert list(data.test) == list(labelled.test.inputs)
    assert data.notes == ()


@pytest.mark.parametrize("ending", [".csv", ".json", ".jsonl", ".parquet"])
@pytest.mark.parametrize("column", ["text", "body"])
def test_a_column_of_texts_is_enough(tmp_path: Path, ending: str, column: str) -> None:
    data = load(write_texts(tmp_path, ending, column=column), text_column=column)
    assert sizes(data) == [28, 6, 6]
    assert everything(data) == sorted(SENTENCES)
    assert data.notes == ("No splits of its own: split 70/15/15, seed 0.",)


def test_a_missing_column_names_those_that_exist(tmp_path: Path) -> None:
    for ending in (".csv", ".jsonl", ".parquet"):
        message = refusal(write_texts(tmp_path, ending), text_column="body")
        assert all(part in message for part in ("'body'", "'text', 'other'", "--text-column"))


def test_a_column_of_something_else_is_refused(tmp_path: Path) -> None:
    rows = "\n".join(json.dumps({"text": ["a", "b"]}) for _ in range(5))
    assert "holds no texts" in refusal(write(tmp_path / "lists.jsonl", rows))


def test_a_dataset_from_the_hub_needs_no_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    from datasets import Dataset

    table = Dataset.from_dict({"text": list(SENTENCES)})
    monkeypatch.setattr("tlvsft.datasets.texts.read_hub", lambda _: {"train": table, "test": table.select([0, 1])})
    data = load("someone/texts")
    assert sizes(data) == [34, 6, 2]
    assert "in someone/texts" in refusal("someone/texts", text_column="body")


def test_paragraphs_stand_between_blank_lines(tmp_path: Path) -> None:
    paragraphs = [f"Paragraph {number}\n  of two   lines." for number in range(20)]
    data = load(write(tmp_path / "book.txt", "\ufeff\n\n" + "\r\n \t\r\n".join(paragraphs) + "\n\n"))
    assert everything(data) == sorted(f"Paragraph {number} of two lines." for number in range(20))
    assert sizes(data) == [14, 3, 3]


def test_a_text_file_without_blank_lines_has_one_text_per_line(tmp_path: Path) -> None:
    data = load(write(tmp_path / "lines.TXT", "\n".join(SENTENCES) + "\n"))
    assert everything(data) == sorted(SENTENCES)
    assert sizes(data) == [28, 6, 6]


def test_the_split_is_always_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "lines.txt", "\n".join(SENTENCES))
    assert list(load(path).test) == list(load(path).test)
    assert list(load(path).test) == list(load(write_texts(tmp_path, ".csv")).test)


def test_three_texts_are_enough_and_two_are_not(tmp_path: Path) -> None:
    assert sizes(load(write(tmp_path / "three.txt", "a\n\nb\n\nc"))) == [1, 1, 1]
    message = refusal(write(tmp_path / "two.txt", "a\n\nb\n\na"))
    assert "two.txt has 2 of the 3 different texts needed" in message


def test_no_text_is_on_both_sides_of_a_split_that_we_made(tmp_path: Path) -> None:
    data = load(write(tmp_path / "again.txt", "\n".join([*SENTENCES, *SENTENCES[:5]])))
    assert everything(data) == sorted(SENTENCES)
    assert data.notes[0] == "Left out 5 repeated texts."


def test_repeated_texts_in_splits_of_its_own_are_left_alone(tmp_path: Path) -> None:
    for split in ("train", "validation", "test"):
        write(tmp_path / f"{split}.csv", "text\nsame\nsame\n")
    data = load(tmp_path)
    assert sizes(data) == [2, 2, 2]
    assert data.notes == ()


def test_validation_is_carved_from_train_and_test_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", "\n".join(["text", *SENTENCES, SENTENCES[0]]))
    write(tmp_path / "test.csv", "text\none\ntwo\none\n")
    data = load(tmp_path)
    assert sizes(data) == [34, 6, 3]
    assert data.notes == (
        "Left out 1 repeated text.",
        "No validation split: 15 % of the training examples taken, seed 0.",
    )


def test_blank_texts_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [{"text": text} for text in (*SENTENCES, "", "  \t", None)]
    data = load(write(tmp_path / "texts.jsonl", "\n".join(map(json.dumps, rows))))
    assert everything(data) == sorted(SENTENCES)
    assert data.notes[0] == "Left out 3 blank texts."


def test_evaluation_of_many_texts_is_capped_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tlvsft.datasets import splitting

    monkeypatch.setattr(splitting, "TEST_EXAMPLES_CAP", 4)
    data = load(write(tmp_path / "lines.txt", "\n".join(SENTENCES)))
    assert sizes(data) == [28, 6, 4]
    assert data.notes[-1] == "Evaluating on 4 of 6 test examples."


@pytest.mark.parametrize("content", ["", "\n \n\t\n"])
def test_a_text_file_without_texts_is_refused(tmp_path: Path, content: str) -> None:
    assert "no texts to train on in empty.txt" in refusal(write(tmp_path / "empty.txt", content))


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_an_empty_table_is_told_what_it_needs(tmp_path: Path, ending: str) -> None:
    message = refusal(write(tmp_path / f"empty{ending}", ""))
    assert f"empty{ending} is empty: it needs a column of texts." in message


def test_blank_rows_alone_are_no_texts(tmp_path: Path) -> None:
    rows = "\n".join(json.dumps({"text": " "}) for _ in range(5))
    assert "no texts to train on" in refusal(write(tmp_path / "blank.jsonl", rows))


@pytest.mark.parametrize(
    ("content", "wrong"), [("d\u00e9j\u00e0 vu".encode("latin-1"), "not UTF-8"), (b"\0" * 50, "no text file")]
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, wrong: str) -> None:
    message = refusal(write(tmp_path / "odd.txt", content))
    assert "odd.txt" in message
    assert wrong in message


def test_a_huge_text_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tlvsft.datasets import texts

    monkeypatch.setattr(texts, "MOST_TEXT_BYTES", 10)
    assert "larger than" in refusal(write(tmp_path / "huge.txt", "\n".join(SENTENCES)))


def test_images_are_no_texts(tmp_path: Path, write_images: Callable[..., Path]) -> None:
    assert "'digits' holds images" in refusal("digits")
    assert "'photos' holds images" in refusal(write_images("photos"))


def test_a_text_file_has_no_classes(tmp_path: Path) -> None:
    path = write(tmp_path / "notes.txt", "\n".join(SENTENCES))
    with pytest.raises(DatasetError, match="text without classes") as caught:
        load_labelled_data(DatasetConfig(name=str(path)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["/nowhere/x.txt", "nope.txt", "nope.csv"])
def test_a_file_that_is_not_there_is_called_one(name: str) -> None:
    assert "no file or folder" in refusal(name)


def test_a_misspelt_bundled_name_is_put_right() -> None:
    with pytest.raises(UnknownName, match="did you mean 'book-reviews'"):
        load("book-review")


@pytest.mark.shared
def test_real_texts(shared_dir: Path) -> None:
    data = load(shared_dir / "data" / "movie-reviews", label_column="no such column")
    assert sizes(data)[0] > 7_000
    assert all(isinstance(text, str) and text.strip() for text in data.test[:50])
