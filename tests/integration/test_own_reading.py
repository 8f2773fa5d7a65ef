"""Uploads are read in a process of their own: it answers, refuses, dies, and takes nothing along."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tlvsft.datasets.own import list_own, scratch_folder
from tlvsft.errors import DatasetError, RunError
from tlvsft.runs import own_reading
from tlvsft.runs.own_reading import examine_upload, keep_upload

ME = "m" * 32


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.jsonl"
    rows = [{"text": f"a {mood} book, number {index}", "mood": mood} for index in range(8) for mood in ("fine", "dull")]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def die(*_: Any, **__: Any) -> None:
    os._exit(1)


def fill_the_memory(*_: Any, **__: Any) -> int:
    return len(bytearray(own_reading.MOST_MEMORY_BYTES + 2**30))


def leave_half(home: Path) -> None:
    with scratch_folder(home) as folder:
        (folder / "half").write_text("half of it")
        os._exit(1)


def fill_the_disk(home: Path) -> None:
    with scratch_folder(home) as folder:
        (folder / "large").write_bytes(bytes(own_reading.MOST_FILE_BYTES + 1))


def sleep_long(*_: Any, **__: Any) -> None:
    time.sleep(600)


def ask(home: Path, work: Any) -> str:
    with pytest.raises((DatasetError, RunError)) as refused:
        own_reading._in_process(home, work)
    return str(refused.value)


def test_an_upload_is_examined_and_kept(tmp_path: Path, reviews: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    examined = examine_upload(home, reviews)
    assert (examined.classes, examined.counts) == (("dull", "fine"), (8, 8))
    dataset = keep_upload(home, ME, "Mine", reviews, choice=examined.choice)
    assert list_own(home, ME) == [dataset]
    assert [path.name for path in (home / "own").iterdir()] == [dataset.name.removeprefix("own:")]
    reviews.write_text("{")
    with pytest.raises(DatasetError, match="is no JSON"):
        examine_upload(home, reviews)


def test_whatever_happens_to_the_reader_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "can't be read here" in ask(tmp_path, die)
    assert "can't be read here" in ask(tmp_path, fill_the_memory)
    monkeypatch.setattr(own_reading, "READ_TIMEOUT_S", 0.2)
    assert "can't be read here" in ask(tmp_path, sleep_long)


def test_not_too_many_are_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_reading, "WAIT_TIMEOUT_S", 0.01)
    for _ in range(own_reading.MOST_AT_ONCE):
        own_reading._places.acquire()
    try:
        assert "try again in a minute" in ask(tmp_path, die)
    finally:
        for _ in range(own_reading.MOST_AT_ONCE):
            own_reading._places.release()


def test_a_reader_that_dies_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="can't be read here"):
        own_reading._in_process(tmp_path, leave_half, tmp_path)
    assert list((tmp_path / "own").iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows bounds no file")
def test_a_reader_fills_no_disk(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="can't be read here"):
        own_reading._in_process(tmp_path, fill_the_disk, tmp_path)
    assert list((tmp_path / "own").iterdir()) == []


def test_a_crowd_is_asked_to_come_again_at_once(tmp_path: Path) -> None:
    with contextlib.ExitStack() as crowd:
        for _ in range(own_reading.MOST_AT_ONCE):
            crowd.enter_context(own_reading.reading_place())
        for _ in range(own_reading.MOST_WAITING):
            own_reading._line.acquire()
            crowd.callback(own_reading._line.release)
        begun = time.monotonic()
        assert "try again in a minute" in ask(tmp_path, die)
        assert time.monotonic() - begun < 5


def test_a_text_of_any_length_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("text,mood\n" + "".join(f"{'x' * 200_000},{mood}\n" for mood in ("fine", "dull") * 8))
    with pytest.raises(DatasetError, match="200,000 characters, and at most 50,000 are taken"):
        examine_upload(tmp_path, path)
