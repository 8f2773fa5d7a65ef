from __future__ import annotations

from pathlib import Path

import pytest

from tlvsft.runs.home import default_home, on_shared_host


def test_the_environment_chooses_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TLVSFT_HOME", str(tmp_path))
    assert default_home() == tmp_path


def test_without_a_choice_the_platform_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TLVSFT_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_home().name == "tlvsft"
    assert default_home().is_absolute()


@pytest.mark.parametrize(
    ("variables", "shared"),
    [
        ({}, False),
        ({"SPACE_ID": "a/b"}, True),
        ({"TLVSFT_SHARED_HOST": "1"}, True),
        ({"TLVSFT_SHARED_HOST": "0"}, False),
    ],
)
def test_what_makes_a_host_shared(variables: dict[str, str], shared: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SPACE_ID", "TLVSFT_SHARED_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert on_shared_host() is shared
