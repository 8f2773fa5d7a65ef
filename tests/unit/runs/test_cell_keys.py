from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.runs.plans import run_config
from tlvsft.config import DatasetConfig, VariantConfig
from tlvsft.runs import cell_keys
from tlvsft.runs.cell_keys import cell_key, fingerprint_files

RUN = run_config(50)


def test_the_same_run_has_the_same_key() -> None:
    assert cell_key(RUN, threads=1, fingerprints=("a",)) == cell_key(run_config(50), threads=1, fingerprints=("a",))


@pytest.mark.parametrize(
    "other",
    [
        replace(RUN, labels=51),
        replace(RUN, labels=None),
        replace(RUN, seed=1),
        replace(RUN, epochs=2),
        replace(RUN, backbone="y"),
        replace(RUN, dataset=DatasetConfig(name="d", text_column="review")),
        replace(RUN, variant=VariantConfig(method="partial", frozen_blocks=())),
        replace(RUN, variant=VariantConfig(method="full", rate_factor=2.0)),
    ],
)
def test_whatever_is_trained_otherwise_has_another_key(other: object) -> None:
    assert cell_key(RUN, threads=1) != cell_key(other, threads=1)  # type: ignore[arg-type]


def test_threads_data_precision_libraries_and_code_have_a_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TLVSFT_PRECISION", raising=False)
    plain = cell_key(RUN, threads=1)
    others = {cell_key(RUN, threads=2), cell_key(RUN, threads=1, fingerprints=("other data",))}
    monkeypatch.setenv("TLVSFT_PRECISION", "bfloat16")
    others.add(cell_key(RUN, threads=1))
    monkeypatch.delenv("TLVSFT_PRECISION")
    monkeypatch.setattr(cell_keys, "_program", lambda: {"torch": "0"})
    others.add(cell_key(RUN, threads=1))
    assert len(others) == 4
    assert plain not in others


def test_the_code_that_trains_is_part_of_the_program() -> None:
    program = cell_keys._program()
    assert {"tlvsft", "code", "torch", "transformers", "numpy"} <= set(program)


def test_every_catalogue_that_has_a_say_is_there(repository: Path) -> None:
    for name in cell_keys._CATALOGUES:
        assert (repository / "tlvsft" / "catalog" / name).is_file()
    for room in cell_keys._ROOMS:
        assert list((repository / "tlvsft" / room).rglob("*.py"))


def test_files_are_known_by_names_and_contents(tmp_path: Path) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    files[0].write_text("ab", encoding="utf-8")
    files[1].write_text("c", encoding="utf-8")
    first = fingerprint_files(files, root=tmp_path)
    assert fingerprint_files(files[::-1], root=tmp_path) == first
    files[0].write_text("a", encoding="utf-8")
    files[1].write_text("bc", encoding="utf-8")
    assert fingerprint_files(files, root=tmp_path) != first  # the same letters, shared out otherwise
    files[0].write_text("ab", encoding="utf-8")
    files[1].write_text("c", encoding="utf-8")
    assert fingerprint_files(files, root=tmp_path) == first
    assert fingerprint_files([files[1].rename(tmp_path / "d"), files[0]], root=tmp_path) != first
