"""Files of activations: found again by their key, bounded, and never trusted when damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from tlvsft.training.activation_files import ActivationFiles

MEMORY = 10**9


@pytest.fixture
def files(tmp_path: Path) -> ActivationFiles:
    return ActivationFiles(tmp_path / "files")


def keep(files: ActivationFiles, key: str, *, value: float = 1.0, rows: int = 100) -> None:
    draft = files.begin((rows, 10))
    draft.values.fill_(value)
    files.keep(key, draft, computed_s=2.5)


def entries(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "files").iterdir()}


@pytest.mark.parametrize("memory_bytes", [MEMORY, 0])
def test_what_was_kept_is_found_in_memory_or_mapped(files: ActivationFiles, memory_bytes: int) -> None:
    keep(files, "a", value=3.0)
    found = files.find("a", memory_bytes=memory_bytes)
    assert found is not None
    assert torch.equal(found.values, torch.full((100, 10), 3.0))
    assert found.computed_s == 2.5
    assert files.find("b", memory_bytes=memory_bytes) is None


def test_a_mapped_file_cannot_be_changed_by_its_reader(files: ActivationFiles) -> None:
    keep(files, "a")
    found = files.find("a", memory_bytes=0)
    assert found is not None
    found.values.zero_()
    again = files.find("a", memory_bytes=0)
    assert again is not None
    assert bool((again.values == 1).all())


@pytest.mark.parametrize("name", ["values.npy", "facts.json"])
@pytest.mark.parametrize("content", [b"", b"rubbish", None])
def test_damaged_files_count_as_missing_and_are_replaced(
    files: ActivationFiles, tmp_path: Path, name: str, content: bytes | None
) -> None:
    keep(files, "a")
    path = tmp_path / "files" / "a" / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert files.find("a", memory_bytes=MEMORY) is None
    keep(files, "a", value=7.0)
    found = files.find("a", memory_bytes=MEMORY)
    assert found is not None
    assert float(found.values[0, 0]) == 7.0


def test_a_half_written_file_counts_as_missing(files: ActivationFiles, tmp_path: Path) -> None:
    keep(files, "a")
    path = tmp_path / "files" / "a" / "values.npy"
    content = bytearray(path.read_bytes())
    content[-64:] = bytes(64)
    path.write_bytes(content)
    assert files.find("a", memory_bytes=MEMORY) is None


def test_the_least_recently_used_make_room(tmp_path: Path) -> None:
    files = ActivationFiles(tmp_path / "files", limit_bytes=13_000)
    for age, key in ((300, "old"), (200, "used"), (100, "young")):
        keep(files, key)
        os.utime(tmp_path / "files" / key, (0, 1_000_000 - age))
    assert files.find("used", memory_bytes=MEMORY) is not None
    keep(files, "new")
    assert entries(tmp_path) == {"used", "young", "new"}


def test_a_discarded_draft_leaves_nothing(files: ActivationFiles, tmp_path: Path) -> None:
    draft = files.begin((10, 10))
    draft.values.fill_(5.0)
    draft.discard()
    assert entries(tmp_path) == set()
    assert float(draft.values.sum()) == 500.0


def test_two_that_keep_the_same_leave_one(files: ActivationFiles, tmp_path: Path) -> None:
    first, second = files.begin((4, 4)), files.begin((4, 4))
    for draft in (first, second):
        draft.values.fill_(2.0)
        files.keep("a", draft, computed_s=1.0)
    assert entries(tmp_path) == {"a"}
    assert files.find("a", memory_bytes=MEMORY) is not None


def test_they_lie_below_the_one_place_for_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLVSFT_HOME", str(tmp_path / "elsewhere"))
    keep(ActivationFiles(), "a")
    assert (tmp_path / "elsewhere" / "cache" / "activations" / "a" / "values.npy").is_file()
