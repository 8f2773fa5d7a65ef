"""Exit statuses, and one line for each error that a user can meet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.own_datasets import keep_texts
from tlvsft.cli import listing, main
from tlvsft.errors import BackboneError, InvalidInput, RunError, StoreError, WorkerDied


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (InvalidInput("two\nlines"), 2, "two lines\n"),
        (BackboneError("no such model"), 2, "no such model\n"),
        (StoreError("can't write"), 2, "can't write\n"),
        (RunError("it failed"), 1, "it failed\n"),
        (WorkerDied("it died"), 1, "it died\n"),
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
    ],
)
def test_errors_become_a_status_and_one_line(
    error: BaseException,
    status: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(options: object) -> int:
        raise error

    monkeypatch.setattr(listing, "run", fail)
    assert main(["list", "methods"]) == status
    assert capsys.readouterr() == ("", line)


def test_a_mistake_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "run", lambda _: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        main(["list", "methods"])


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m tlvsft list methods | true; exit ${{PIPESTATUS[0]}}"
    finished = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")


def test_a_home_that_cannot_be_used_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "occupied").write_text("a file")
    monkeypatch.setenv("TLVSFT_HOME", str(tmp_path / "occupied"))
    assert main(["list", "comparisons"]) == 2
    assert "TLVSFT_HOME" in capsys.readouterr().err


def test_own_data_of_a_browser_is_the_machines_but_not_a_shared_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TLVSFT_HOME", str(tmp_path))
    name = keep_texts(tmp_path, "m" * 32).name
    command = ["compare", "--dataset", name, "--labels", "31"]
    assert main(command) == 2
    assert "31 labels don't fit" in capsys.readouterr().err
    assert main([*command, "--text-column", "text"]) == 2
    assert "columns of its own" in capsys.readouterr().err
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    assert main(command) == 2
    assert capsys.readouterr().err == "That dataset isn't there any more: upload it again.\n"
