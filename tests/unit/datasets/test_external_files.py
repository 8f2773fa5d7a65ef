"""A user's CSV, JSON and Parquet files, good and bad."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from tlvsft.errors import InvalidInput

Load = Callable[..., Any]
WriteCsv = Callable[..., Path]

ROWS = [{"text": f"text {i}", "label": "good" if i % 2 else "bad"} for i in range(40)]


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def refusal(load: Load, name: Path | str, **columns: str) -> str:
    """The message of the one-line error that loading ends in."""
    with pytest.raises(InvalidInput) as caught:
        load(name, **columns)
    message = str(caught.value)
    assert "\n" not in message
    assert 20 < len(message) < 400
    return message


def is_good(text: str) -> bool:
    return int(text.split()[1]) % 2 == 1


def assert_pairs_kept(data: Any) -> None:
    """Each text still has its own class, whatever was split and shuffled."""
    for split in (data.train, data.validation, data.test):
        named = [data.class_names[label] for label in split.labels]
        assert named == ["good" if is_good(text) else "bad" for text in split.inputs]


def write_format(folder: Path, ending: str) -> Path:
    path = folder / f"reviews{ending}"
    separators = {".csv": ",", ".tsv": "\t"}
    if ending in separators:
        lines = [separators[ending].join(pair) for pair in [("text", "label"), *(tuple(row.values()) for row in ROWS)]]
        path.write_text("\n".join(lines), encoding="utf-8")
    elif ending == ".parquet":
        pa.parquet.write_table(pa.Table.from_pylist(ROWS), path)
    elif ending == ".json":
        path.write_text(json.dumps(ROWS), encoding="utf-8")
    else:
        write_jsonl(path, ROWS)
    return path


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".json", ".jsonl", ".parquet"])
def test_one_file_of_any_format_is_split_70_15_15(tmp_path: Path, load: Load, ending: str) -> None:
    data = load(write_format(tmp_path, ending))
    assert (data.modality, data.class_names) == ("text", ("bad", "good"))
    assert [len(split) for split in (data.train, data.validation, data.test)] == [28, 6, 6]
    assert data.notes == ("No splits of its own: split 70/15/15, stratified, seed 0.",)
    assert_pairs_kept(data)
    texts = [text for split in (data.train, data.validation, data.test) for text in split.inputs]
    assert sorted(texts) == sorted(str(row["text"]) for row in ROWS)


def test_loading_twice_gives_the_same_split(load: Load, write_csv: WriteCsv) -> None:
    path = write_csv()
    first, second = load(path), load(path)
    assert list(first.train.inputs) == list(second.train.inputs)
    assert list(first.test.inputs) == list(second.test.inputs)
    np.testing.assert_array_equal(first.train.labels, second.train.labels)


def test_a_file_that_changed_is_read_again(load: Load, write_csv: WriteCsv) -> None:
    assert load(write_csv()).class_names == ("bad", "good")
    changed = write_csv(rows=[f"text {i},{'up' if i % 2 else 'down'}" for i in range(60)])
    assert load(changed).class_names == ("down", "up")


def test_copies_go_below_the_apps_home(tmp_path: Path, load: Load, write_csv: WriteCsv) -> None:
    load(write_csv())
    assert list((tmp_path / "home" / "cache" / "datasets").rglob("*.arrow"))


@pytest.mark.parametrize("word", ["validation", "valid", "val", "dev"])
def test_a_folder_keeps_its_own_splits(tmp_path: Path, load: Load, write_csv: WriteCsv, word: str) -> None:
    for split, count in (("train", 20), (word, 8), ("test", 6)):
        write_csv(f"own/{split}.csv", rows=[f"text {i},{'good' if i % 2 else 'bad'}" for i in range(count)])
    data = load(tmp_path / "own")
    assert [len(split) for split in (data.train, data.validation, data.test)] == [20, 8, 6]
    assert data.notes == ()
    assert_pairs_kept(data)


def test_validation_is_carved_from_train_and_test_is_left_alone(
    tmp_path: Path, load: Load, write_csv: WriteCsv
) -> None:
    write_csv("own/train.csv")
    test = [f"text {i},{'good' if i % 2 else 'bad'}" for i in range(100, 110)]
    write_csv("own/test.csv", rows=test)
    data = load(tmp_path / "own")
    assert [len(split) for split in (data.train, data.validation, data.test)] == [34, 6, 10]
    assert list(data.test.inputs) == [row.split(",")[0] for row in test]
    assert data.notes == ("No validation split: 15 % of the training examples taken, stratified, seed 0.",)
    assert_pairs_kept(data)


def test_an_unlabelled_test_split_counts_as_none(tmp_path: Path, load: Load) -> None:
    write_jsonl(tmp_path / "own" / "train.jsonl", ROWS)
    write_jsonl(tmp_path / "own" / "validation.jsonl", ROWS[:10])
    write_jsonl(tmp_path / "own" / "test.jsonl", [{"text": "text 1", "label": None}] * 3)
    data = load(tmp_path / "own")
    assert [len(split) for split in (data.train, data.validation, data.test)] == [34, 10, 6]
    assert "No test split: 15 % of the training examples taken, stratified, seed 0." in data.notes


def test_columns_can_be_named(load: Load, write_csv: WriteCsv) -> None:
    data = load(write_csv(header="body,sentiment"), text_column="body", label_column="sentiment")
    assert_pairs_kept(data)


def test_a_byte_order_mark_semicolons_and_odd_names_are_fine(load: Load, write_csv: WriteCsv) -> None:
    rows = [f"text {i};{'good' if i % 2 else 'bad'}" for i in range(40)]
    assert_pairs_kept(load(write_csv("my [1] réviews?.csv", header="\ufefftext;label", rows=rows)))


def test_quoted_texts_may_hold_commas_and_line_breaks(load: Load, write_csv: WriteCsv) -> None:
    rows = [f'"text {i} , well\nyes",{"good" if i % 2 else "bad"}' for i in range(40)]
    data = load(write_csv(rows=rows))
    assert sum(len(split) for split in (data.train, data.validation, data.test)) == 40
    assert data.train.inputs[0].endswith(" , well\nyes")
    assert_pairs_kept(data)


def test_a_text_that_reads_na_is_a_text(load: Load, write_csv: WriteCsv) -> None:
    data = load(write_csv(rows=[f"NA,{'yes' if i % 2 else 'no'}" for i in range(40)]))
    assert data.train.inputs[0] == "NA"
    assert data.notes == ("No splits of its own: split 70/15/15, stratified, seed 0.",)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([0, 1], ("0", "1")),
        ([True, False], ("False", "True")),
        ([2.0, 1.0], ("1", "2")),
        (["b", "a"], ("a", "b")),
        ([10, 9, 1], ("1", "9", "10")),
        (["10", "9", "01"], ("01", "9", "10")),
    ],
)
def test_any_kind_of_label_becomes_named_classes(
    tmp_path: Path, load: Load, labels: list[Any], names: tuple[str, ...]
) -> None:
    rows = [{"text": f"text {i}", "label": labels[i % len(labels)]} for i in range(60)]
    data = load(write_jsonl(tmp_path / "data.jsonl", rows))
    assert data.class_names == names
    assert data.train.labels.dtype == np.int64
    assert set(np.unique(data.train.labels)) == set(range(len(names)))


def test_class_names_of_a_parquet_file_are_kept_in_their_order(tmp_path: Path, load: Load) -> None:
    from datasets import ClassLabel, Dataset, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=["worst", "fair", "best"])})
    rows = {"text": [f"text {i}" for i in range(30)], "label": [i % 3 for i in range(30)]}
    Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "data.parquet")
    assert load(tmp_path / "data.parquet").class_names == ("worst", "fair", "best")


def test_rows_without_text_or_label_are_left_out_and_counted(load: Load, write_csv: WriteCsv) -> None:
    rows = [f"text {i},{'good' if i % 2 else 'bad'}" for i in range(40)]
    data = load(write_csv(rows=[",good", *rows[:7], "   ,bad", *rows[7:], "text 7,"]))
    assert sum(len(split) for split in (data.train, data.validation, data.test)) == 40
    assert data.notes[0] == "Left out 3 examples without input or class."
    assert_pairs_kept(data)


def test_evaluation_of_a_large_set_is_capped_and_says_so(
    load: Load, write_csv: WriteCsv, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tlvsft.datasets import splitting

    monkeypatch.setattr(splitting, "TEST_EXAMPLES_CAP", 20)
    monkeypatch.setattr(splitting, "VALIDATION_EXAMPLES_CAP", 10)
    path = write_csv(rows=[f"text {i},{'good' if i % 2 else 'bad'}" for i in range(400)])
    data = load(path)
    assert [len(split) for split in (data.train, data.validation, data.test)] == [280, 10, 20]
    assert "Validating on 10 of 60 validation examples." in data.notes
    assert "Evaluating on 20 of 60 test examples." in data.notes
    assert list(np.bincount(data.test.labels)) == [10, 10]
    assert list(data.test.inputs) == list(load(path).test.inputs)
    assert_pairs_kept(data)


def test_an_empty_file_is_refused(tmp_path: Path, load: Load) -> None:
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        (tmp_path / name).touch()
        assert f"{name} is empty" in refusal(load, tmp_path / name)


def test_a_header_alone_is_refused(load: Load, write_csv: WriteCsv) -> None:
    assert "There are no examples in reviews.csv" in refusal(load, write_csv(rows=[]))


@pytest.mark.parametrize("content", ["[]", "\n\n"])
def test_json_without_rows_is_refused(tmp_path: Path, load: Load, content: str) -> None:
    (tmp_path / "data.json").write_text(content, encoding="utf-8")
    assert "There are no examples in data.json" in refusal(load, tmp_path / "data.json")


def test_parquet_without_rows_is_refused(tmp_path: Path, load: Load) -> None:
    table = pa.table({"text": pa.array([], pa.string()), "label": pa.array([], pa.int64())})
    pa.parquet.write_table(table, tmp_path / "data.parquet")
    assert "There are no examples in data.parquet" in refusal(load, tmp_path / "data.parquet")


def test_one_class_is_refused(load: Load, write_csv: WriteCsv) -> None:
    message = refusal(load, write_csv(rows=[f"text {i},good" for i in range(20)]))
    assert "one class, 'good'" in message


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_a_wrong_column_names_those_that_exist(tmp_path: Path, load: Load, ending: str) -> None:
    path = write_format(tmp_path, ending)
    message = refusal(load, path, label_column="stars")
    assert all(part in message for part in ("'stars'", "'text', 'label'", "--label-column"))
    message = refusal(load, path, text_column="body")
    assert all(part in message for part in ("'body'", "'text', 'label'", "--text-column"))


def test_a_column_missing_from_one_split_is_refused(tmp_path: Path, load: Load, write_csv: WriteCsv) -> None:
    write_csv("own/train.csv")
    write_csv("own/test.csv", header="text", rows=["text 1"])
    assert "no column 'label' in test.csv" in refusal(load, tmp_path / "own")


def test_one_column_cannot_be_input_and_class(load: Load, write_csv: WriteCsv) -> None:
    assert "can't be both" in refusal(load, write_csv(), text_column="label")


def test_an_unquoted_comma_is_found_and_not_cut_off(load: Load, write_csv: WriteCsv) -> None:
    rows = [f"text {i},{'good' if i % 2 else 'bad'}" for i in range(40)]
    message = refusal(load, write_csv(rows=[*rows, "well, hello,good", *rows]))
    assert "reviews.csv" in message
    assert "line 42" in message
    assert "quotes" in message
    assert "quotes" in refusal(load, write_csv(rows=[f"well, {row}" for row in rows]))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("open.csv", b'text,label\n"text 1,good\ntext 2,bad\n'),
        ("binary.csv", b"text,label\n" + bytes(range(256))),
        ("latin.csv", "text,label\nd\u00e9j\u00e0 vu,good\n".encode("latin-1")),
        ("nulls.csv", b"\0" * 200),
        ("cut.json", b'[{"text": "a", "label": "good"}, {"te'),
        ("cut.jsonl", b'{"text": "a", "label": "good"}\n{"te'),
        ("number.json", b"7"),
        ("words.jsonl", b"just words\nand more\n"),
        ("cut.parquet", b"PAR1 and then nothing"),
    ],
)
def test_a_corrupt_file_is_refused_by_name(tmp_path: Path, load: Load, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert name in refusal(load, tmp_path / name)


@pytest.mark.parametrize(
    "label",
    [
        lambda i: i * 0.37,
        lambda i: f"id-{i}",
        lambda i: {"stars": i % 2},
        lambda i: [i % 2],
    ],
)
def test_what_is_no_class_is_refused(tmp_path: Path, load: Load, label: Callable[[int], Any]) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", [{"text": f"text {i}", "label": label(i)} for i in range(60)])
    message = refusal(load, path)
    assert "Column 'label' in data.jsonl" in message
    assert "--label-column" in message


def test_labels_of_mixed_kinds_are_refused(tmp_path: Path, load: Load) -> None:
    rows = [{"text": f"text {i}", "label": "good" if i % 2 else 0} for i in range(40)]
    assert "--label-column" in refusal(load, write_jsonl(tmp_path / "data.jsonl", rows))


def test_texts_that_are_lists_are_refused(tmp_path: Path, load: Load) -> None:
    path = write_jsonl(tmp_path / "data.jsonl", [{"text": ["a"], "label": i % 2} for i in range(40)])
    assert "'text' in data.jsonl holds no texts" in refusal(load, path)


def test_a_class_too_rare_to_be_split_is_named(load: Load, write_csv: WriteCsv) -> None:
    rows = [f"text {i},{'good' if i % 2 else 'bad'}" for i in range(40)]
    message = refusal(load, write_csv(rows=[*rows, "odd one,odd"]))
    assert "Class 'odd'" in message
    assert "1 of the 3" in message


def test_a_class_that_train_lacks_is_named(tmp_path: Path, load: Load, write_csv: WriteCsv) -> None:
    write_csv("own/train.csv")
    write_csv("own/test.csv", rows=["text 1,good", "a zebra,zebra"])
    message = refusal(load, tmp_path / "own")
    assert "'zebra'" in message
    assert "test" in message


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, load: Load) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "train.csv").symlink_to(tmp_path / "gone.csv")
    assert "train.csv can't be read" in refusal(load, tmp_path / "own")


def test_a_split_of_another_kind_is_not_passed_over(tmp_path: Path, load: Load, write_csv: WriteCsv) -> None:
    write_csv("own/train.csv")
    write_jsonl(tmp_path / "own" / "test.jsonl", ROWS)
    message = refusal(load, tmp_path / "own")
    assert "several kinds" in message


def test_the_folder_one_is_in_has_a_name(
    tmp_path: Path, load: Load, write_csv: WriteCsv, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_csv("own/train.csv", rows=[f"text {i},good" for i in range(9)])
    monkeypatch.chdir(tmp_path / "own")
    assert "All examples in own are of one class" in refusal(load, ".")
