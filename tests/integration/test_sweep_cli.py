"""`sweep` as users run it: its own process, real backbone, real data; stopped half-way, and going on."""

from __future__ import annotations

import json
import signal
from contextlib import closing
from pathlib import Path

import pytest

from tests.conditions import wait_until
from tests.integration.test_cli import PATIENCE_S, started, tlvsft
from tlvsft.runs.cells import Cells
from tlvsft.runs.store import Store

SWEEP = ("sweep", "labels", "--labels", "10,500", "--methods", "linear_probe", "--epochs", "60", "--seeds", "2")
"""Two short runs and two that take seconds: time to press Ctrl-C in between."""


def finished_cells(store: Store) -> dict[str, tuple[float | None, dict[str, object]]]:
    """For each finished cell, when it was begun and what it measured."""
    with store.database.reading() as connection:
        rows = connection.execute("SELECT key FROM cells WHERE state = 'finished'").fetchall()
    cells = [Cells(store.database).find(row["key"]) for row in rows]
    return {cell.key: (cell.started_at, dict(cell.result)) for cell in cells if cell is not None}


def test_ctrl_c_keeps_what_has_finished_and_the_same_command_goes_on(tmp_path: Path) -> None:
    with closing(Store(tmp_path)) as store:
        with started(*SWEEP, "--json", "-", home=tmp_path) as process:
            wait_until(lambda: finished_cells(store), timeout_s=PATIENCE_S)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, stdout) == (130, "")
        assert "Traceback" not in stderr
        assert stderr.splitlines()[-1].endswith("the same command goes on.")
        kept = finished_cells(store)
        assert 1 <= len(kept) < 4

        again = tlvsft(*SWEEP, "--json", "-", "--csv", str(tmp_path / "runs.csv"), home=tmp_path)
        assert again.returncode == 0, again.stderr
        document = json.loads(again.stdout)
        assert (document["state"], document["finished"]) == ("finished", 4)
        assert f"4 runs, {len(kept)} of them computed before" in again.stderr
        now = finished_cells(store)
        assert {key: now[key] for key in kept} == kept  # begun once, and never again
    assert len((tmp_path / "runs.csv").read_text(encoding="utf-8").splitlines()) == 5
    (listed,) = json.loads(tlvsft("list", "sweeps", "--json", "-", home=tmp_path).stdout)["sweeps"]
    assert (listed["id"], listed["state"]) == (document["sweep_id"], "finished")


@pytest.mark.parametrize(
    ("rows", "reason"), [("text,label\n", "no examples"), ("words,label\na,b\nc,d\n", "no column 'text'")]
)
def test_a_file_that_cannot_be_swept_is_one_line(tmp_path: Path, rows: str, reason: str) -> None:
    (tmp_path / "reviews.csv").write_text(rows, encoding="utf-8")
    refused = tlvsft("sweep", "depth", "--dataset", str(tmp_path / "reviews.csv"), home=tmp_path / "home")
    assert (refused.returncode, refused.stdout) == (2, "")
    (line,) = refused.stderr.splitlines()
    assert reason in line
