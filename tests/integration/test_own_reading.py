"""Uploads are read in a process of their own: it answers, refuses, dies, and takes nothing along."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tlvsft.datasets.own import list_own
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
