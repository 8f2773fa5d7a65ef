"""Where results go."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from tlvsft.cli.output import check_json_target, format_table, write_results
from tlvsft.errors import InvalidInput

DOCUMENT = {"schema": 1, "name": "é"}


def test_a_dash_means_the_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    write_results(DOCUMENT, "a table", json_target="-")
    assert json.loads(capsys.readouterr().out) == DOCUMENT


def test_a_file_gets_the_json_and_stdout_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")
    write_results(DOCUMENT, "a table\n", json_target=str(target))
    assert json.loads(target.read_text(encoding="utf-8")) == DOCUMENT
    assert capsys.readouterr().out == "a table\n"
    assert [path.name for path in tmp_path.glob("*.json*")] == ["report.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    link.symlink_to(real)
    write_results(DOCUMENT, "", json_target=str(link))
    assert link.is_symlink()
    assert json.loads(real.read_text(encoding="utf-8")) == DOCUMENT


def test_a_pipe_is_written_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=write_results, args=(DOCUMENT, ""), kwargs={"json_target": str(pipe)})
    writer.start()
    assert json.loads(pipe.read_text(encoding="utf-8")) == DOCUMENT
    writer.join(timeout=10)
    assert pipe.is_fifo()


@pytest.mark.parametrize("target", ["", ".", "no/such/folder/report.json"])
def test_a_hopeless_target_is_refused_before_the_work(target: str) -> None:
    with pytest.raises(InvalidInput, match="Can't write JSON to"):
        check_json_target(target)


@pytest.mark.parametrize("target", [None, "-", "report.json"])
def test_a_good_target_is_let_through(target: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check_json_target(target)


def test_columns_line_up() -> None:
    assert format_table([("name", "n"), ("a", "10"), ("long name", "5")], right_aligned=[1]) == (
        "name        n\na          10\nlong name   5\n"
    )
