"""Datasets from the Hub: a tiny Hub on this machine, and no Hub at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tlvsft.errors import DatasetError

Load = Callable[..., Any]
WriteCsv = Callable[..., Path]

PATIENCE_S = 60
NOWHERE = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""
SCRIPT = """
import sys
from tlvsft.config import DatasetConfig
from tlvsft.datasets import load_labelled_data
from tlvsft.errors import DatasetError
from tlvsft.quiet import silence_libraries

silence_libraries()
try:
    data = load_labelled_data(DatasetConfig(name=sys.argv[1]))
    print(len(data.train), len(data.validation), len(data.test), *data.class_names)
except DatasetError as error:
    print("DatasetError:", error)
"""


@pytest.fixture
def hub(tmp_path: Path, write_csv: WriteCsv) -> Iterator[str]:
    """The address of a Hub that has one dataset, `someone/reviews`."""
    for split in ("train", "test"):
        write_csv(f"files/{split}.csv")
    program = Path(__file__).with_name("fake_hub.py")
    command = [sys.executable, str(program), "someone/reviews", str(tmp_path / "files")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def load_from(endpoint: str, name: str, tmp_path: Path, repository: Path) -> str:
    """What a new process prints that loads `name`; the Hub's address is read when its library is imported."""
    settings = {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_OFFLINE": "0",
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, name],
        env={**os.environ, **settings},
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_a_hub_id_is_read_and_then_kept(hub: str, tmp_path: Path, repository: Path) -> None:
    expected = "34 6 40 bad good"
    assert load_from(hub, "someone/reviews", tmp_path, repository) == expected
    assert load_from(NOWHERE, "someone/reviews", tmp_path, repository) == expected


def test_an_id_that_the_hub_lacks_is_refused(hub: str, tmp_path: Path, repository: Path) -> None:
    said = load_from(hub, "someone/else", tmp_path, repository)
    assert said.startswith("DatasetError: There is no dataset 'someone/else' on the Hub")


def test_several_datasets_under_one_id_are_refused(hub: str, tmp_path: Path, repository: Path) -> None:
    configs = "".join(f"- config_name: {name}\n  data_files: {name}.csv\n" for name in ("train", "test"))
    (tmp_path / "files" / "README.md").write_text(f"---\nconfigs:\n{configs}---\n", encoding="utf-8")
    said = load_from(hub, "someone/reviews", tmp_path, repository)
    assert said.startswith("DatasetError: Hub dataset 'someone/reviews' is several datasets in one")


def test_without_the_hub_the_refusal_is_one_quiet_line(tmp_path: Path, repository: Path) -> None:
    said = load_from(NOWHERE, "someone/else", tmp_path, repository)
    assert said.startswith("DatasetError: There is no file or folder 'someone/else', and the Hub can't be reached")
    assert "\n" not in said


def test_offline_an_unknown_id_is_refused_at_once(load: Load) -> None:
    started = monotonic()
    with pytest.raises(DatasetError, match="the Hub can't be reached"):
        load("someone/else")
    assert monotonic() - started < 5


@pytest.mark.parametrize("name", ["a--b", "x/a..b", "name.", "a/b.git"])
def test_an_id_that_cannot_be_one_is_refused(load: Load, name: str) -> None:
    with pytest.raises(DatasetError, match="no dataset on the Hub can have that id"):
        load(name)


@pytest.mark.parametrize("name", ["csv", "json", "webdataset", "text", "pandas"])
def test_a_format_is_no_dataset(load: Load, name: str) -> None:
    with pytest.raises(DatasetError, match="file format"):
        load(name)
