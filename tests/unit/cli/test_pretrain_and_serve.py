"""`pretrain` and `serve` hand over to their rooms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tlvsft.cli import main


def test_pretraining_gets_the_folders_and_its_result_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[tuple[str, dict[str, Any]]] = []

    def pretrain(recipe: str, **settings: Any) -> Path:
        calls.append((recipe, settings))
        return tmp_path / "result"

    monkeypatch.setattr("tlvsft.pretraining.pretrain", pretrain)
    assert main(["pretrain", "glyphs", "--data", str(tmp_path), "--output", str(tmp_path / "new")]) == 0
    assert calls == [("glyphs", {"data": tmp_path, "output": tmp_path / "new", "on_exported": None})]
    assert capsys.readouterr().out == f"{tmp_path / 'result'}\n"


def test_an_interrupted_pretraining_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pretrain(*_: Any, **__: Any) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr("tlvsft.pretraining.pretrain", pretrain)
    assert main(["pretrain", "wiki-gpt", "--data", str(tmp_path)]) == 130
    assert "same command" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pretrain", "glyph", "--data", "."], "did you mean 'glyphs'"),
        (["pretrain", "glyphs", "--data", "no/such/folder"], "'no/such/folder' is no folder"),
        (["serve", "--port", "0"], "--port must be from 1"),
        (["serve", "--port", "70000"], "--port must be from 1"),
        (["serve", "--port", "web"], "whole number"),
    ],
)
def test_bad_input_is_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_serving_gets_host_and_port(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr("tlvsft.ui.serve", lambda **settings: calls.append(settings))
    assert main(["serve", "--host", "0.0.0.0", "--port", "8000"]) == 0  # noqa: S104
    assert calls == [{"host": "0.0.0.0", "port": 8000, "open_browser": False}]  # noqa: S104
