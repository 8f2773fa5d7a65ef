"""Libraries keep quiet, and what the user has set stays."""

from __future__ import annotations

import os
import subprocess
import sys

from tlvsft.quiet import LIBRARY_SETTINGS


def settings_after(**environment: str) -> list[str]:
    names = [*LIBRARY_SETTINGS, "PYTHONWARNINGS"]
    clean = {name: value for name, value in os.environ.items() if name not in names}
    code = f"import os; from tlvsft.quiet import silence_libraries as s; s(); print(*(os.environ[n] for n in {names}))"
    finished = subprocess.run(
        [sys.executable, "-c", code], env={**clean, **environment}, capture_output=True, text=True, check=True
    )
    return finished.stdout.split()


def test_settings_reach_the_environment_and_so_the_workers() -> None:
    assert settings_after() == [*LIBRARY_SETTINGS.values(), "ignore"]


def test_the_users_own_settings_stay() -> None:
    assert settings_after(TRANSFORMERS_VERBOSITY="debug")[0] == "debug"
