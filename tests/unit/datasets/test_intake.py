"""Uploads, as they come: guessed, corrected, refused."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tlvsft.datasets import guessing, intake
from tlvsft.datasets.guessing import Choice
from tlvsft.datasets.intake import examine, save_upload
from tlvsft.datasets.own import load_own
from tlvsft.errors import DatasetError

ME = "m" * 32
ROWS = [(f"a {mood} book, number {index}", mood) for index in range(12) for mood in ("fine", "dull")]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / "upload" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def csv_of(rows: list[tuple[str, str]], header: str = "text,label") -> str:
    return "\n".join([header, *(f'"{text}",{label}' for text, label in rows)])


def jsonl_of(rows: list[tuple[str, str]], text: str = "text", label: str = "label") -> str:
    return "\n".join(json.dumps({text: content, label: mood}) for content, mood in rows)


def refusal(home: Path, path: Path) -> str:
    with pytest.raises(DatasetError) as refused:
        examine(home, path)
    message = str(refused.value)
    assert "\n" not in message
    assert not (home / "own").exists() or list((home / "own").iterdir()) == []
    return message


def test_a_csv_is_guessed_and_shown(home: Path, write: Callable[..., Path]) -> None:
    examined = examine(home, write("my_book-reviews.csv", csv_of(ROWS)))
    assert examined.title == "my book reviews"
    assert examined.choice == Choice(inputs="text", label="label")
    assert (examined.classes, examined.counts, sum(examined.sizes)) == (("dull", "fine"), (12, 12), 24)
    assert [shown.label for shown in examined.preview[:4]] == ["dull", "fine", "dull", "fine"]
    assert list(home.rglob("*")) == [home / "own"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "reviews.tsv",
            csv_of(ROWS).replace(",dull", "\tdull").replace(",fine", "\tfine").replace(",label", "\tlabel"),
        ),
        ("reviews.jsonl", jsonl_of(ROWS)),
        ("reviews.json", json.dumps([{"text": text, "label": mood} for text, mood in ROWS])),
    ],
)
def test_other_tables(home: Path, write: Callable[..., Path], name: str, content: str) -> None:
    examined = examine(home, write(name, content))
    assert (examined.kept_as, examined.modality, examined.counts) == ("table", "text", (12, 12))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (("sentence", "sentiment"), Choice(inputs="sentence", label="sentiment")),
        (("what they wrote", "mood"), Choice(inputs="what they wrote", label="mood")),
    ],
)
def test_columns_are_guessed(
    home: Path, write: Callable[..., Path], columns: tuple[str, str], expected: Choice
) -> None:
    assert examine(home, write("x.jsonl", jsonl_of(ROWS, *columns))).choice == expected


def test_a_wrong_guess_can_be_corrected(home: Path, write: Callable[..., Path]) -> None:
    rows = [
        {"label": f"row {index}", "text": "x", "note": text, "mood": mood} for index, (text, mood) in enumerate(ROWS)
    ]
    path = write("x.jsonl", "\n".join(map(json.dumps, rows)))
    guessed = examine(home, path)
    assert guessed.choice == Choice(inputs="text", label="label")
    assert "too many to be classes" in guessed.problem
    assert "--label-column" not in guessed.problem
    twice = examine(home, path, choice=Choice(inputs="note", label="note"))
    assert twice.problem == "Column 'note' can't be both input and class: name another below."
    corrected = examine(home, path, choice=Choice(inputs="note", label="mood"))
    assert (corrected.problem, corrected.counts) == ("", (12, 12))
    dataset = save_upload(home, ME, "Notes", path, choice=corrected.choice)
    assert dataset.columns == ("note", "mood")
    assert load_own(home, dataset.name).train.inputs[0].startswith("a fine book")  # type: ignore[union-attr]


def test_a_parquet_of_pictures(home: Path, write: Callable[..., Path]) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (9, 9, 9)).save(buffer, "PNG")
    rows = [{"img": {"bytes": buffer.getvalue(), "path": "../../x"}, "label": index % 2} for index in range(12)]
    target = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), target)
    examined = examine(home, write("x.parquet", target.getvalue()))
    assert (examined.modality, examined.choice) == ("image", Choice(inputs="img", label="label"))
    assert examined.preview[0].picture.startswith("data:image/png;base64,")


def test_a_zip_of_folders(home: Path, write: Callable[..., Path]) -> None:
    buffer, image = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (8, 8)).save(image, "PNG")
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in (f"{label}/{index}.png" for label in ("cat", "dog") for index in range(4)):
            archive.writestr(name, image.getvalue())
    path = write("pets.zip", buffer.getvalue())
    examined = examine(home, path)
    assert (examined.kept_as, examined.columns, examined.counts) == ("zip", (), (4, 4))
    dataset = save_upload(home, ME, "", path)
    assert (dataset.title, dataset.kept_as) == ("My data", "zip")


def test_script_in_text_is_text(home: Path, write: Callable[..., Path]) -> None:
    rows = [(f"<script>alert({index})</script>", mood) for index, (_, mood) in enumerate(ROWS)]
    path = write("<b>x<b>.csv", csv_of(rows))
    examined = examine(home, path)
    assert examined.preview[0].text.startswith("<script>")
    assert save_upload(home, ME, examined.title, path).title == "<b>x<b>"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.csv", b"", "is empty"),
        ("x.pkl", pickle.dumps([1]), "can run code"),
        ("x.pt", b"PK\x03\x04", "can run code"),
        ("x.npy", b"\x93NUMPY", "can run code"),
        ("x.bin", b"\x00\x01", "can run code"),
        ("x.csv", pickle.dumps({"text": ["a"]}), "holds a pickle"),
        ("x.parquet", pickle.dumps({"text": ["a"]}), "holds a pickle"),
        ("x.zip", pickle.dumps({"text": ["a"]}), "holds a pickle"),
        ("x.csv", b"PK\x03\x04rest", "is called .csv, but holds a zip archive"),
        ("x.csv", b"PAR1rest", "is called .csv, but holds Parquet"),
        ("x.jsonl", b"\x93NUMPYrest", "holds a numpy array"),
        ("x.zip", b"a,b\n1,2", "is called .zip, but holds something else"),
        ("x.parquet", b"a,b\n1,2", "is called .parquet, but holds something else"),
        ("x.csv", b"\x89PNG\r\n\x1a\n", "holds an image"),
        ("x.png", b"\x89PNG\r\n\x1a\n", "is a single picture"),
        ("x.exe", b"MZ\x90", "is no data that can be read"),
        ("x", b"hello", "is no data that can be read"),
        ("x.csv", b"text\nhello", "has one column only, 'text'"),
        ("x.csv", b"text,text\na,b", "two columns 'text'"),
        ("x.csv", b"a,\x00b\n1,2", "is no CSV file"),
        ("x.csv", "ä,b\n1,2".encode("latin-1"), "is not UTF-8"),
        ("x.csv", "\n".join(["text,label", *["a,b,c"] * 3]).encode(), "fields and the header"),
        ("x.jsonl", b"[1, 2]", "something else than examples"),
        ("x.jsonl", b"{nothing", "is no JSON"),
        ("x.jsonl", b"[" * 100_000, "nested too deeply"),
        ("x.parquet", b"PAR1 and nothing more PAR1", "can't be read"),
    ],
)
def test_refusals(home: Path, write: Callable[..., Path], name: str, content: bytes, words: str) -> None:
    path = write(name, content)
    try:
        problem = examine(home, path).problem
    except DatasetError:
        problem = refusal(home, path)
    assert words in problem


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(text, "fine") for text, _ in ROWS], "are of one class, 'fine'"),
        (ROWS[:2] * 1, "1 of the 3 examples"),
        ([(text, f"{index}") for index, (text, _) in enumerate(ROWS * 2)], "too many to be classes"),
    ],
)
def test_classes_that_cannot_be_learnt(
    home: Path, write: Callable[..., Path], rows: list[tuple[str, str]], words: str
) -> None:
    path = write("x.csv", csv_of(rows))
    assert words in examine(home, path).problem
    with pytest.raises(DatasetError, match=words):
        save_upload(home, ME, "x", path)


def test_bounds(home: Path, write: Callable[..., Path], monkeypatch: Any) -> None:
    path = write("x.csv", csv_of(ROWS))
    monkeypatch.setattr(intake, "MOST_UPLOAD_BYTES", 100)
    assert "at most 0 are taken: upload a part" in refusal(home, path)
    monkeypatch.setattr(intake, "MOST_UPLOAD_BYTES", 10**6)
    monkeypatch.setattr(guessing, "MOST_COLUMNS", 1)
    assert "has 2 columns, and at most 1" in refusal(home, path)


def test_a_parquet_bomb_is_refused_unread(home: Path, write: Callable[..., Path], monkeypatch: Any) -> None:
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    target = io.BytesIO()
    parquet.write_table(pyarrow.table({"text": ["x"] * 60_000, "label": [1] * 60_000}), target)
    path = write("x.parquet", target.getvalue())
    assert "has 60,000 rows, and at most 50,000 are taken" in refusal(home, path)
    monkeypatch.setattr(guessing, "MOST_ROWS", 10**6)
    monkeypatch.setattr(guessing, "MOST_UNPACKED_BYTES", 10)
    assert "would unpack to more than" in refusal(home, path)


def test_an_upload_that_is_gone(home: Path, tmp_path: Path) -> None:
    assert "isn't there any more: choose the file again" in refusal(home, tmp_path / "x.csv")
