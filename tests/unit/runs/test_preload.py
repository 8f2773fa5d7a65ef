from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest


def test_it_stops_loading_when_the_server_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = iter([10, 10, 1])
    loaded: list[str] = []
    import_module = importlib.import_module
    monkeypatch.delitem(sys.modules, "tlvsft.runs.preload", raising=False)
    with monkeypatch.context() as patch:
        patch.setattr(os, "getppid", lambda: next(parents))
        patch.setattr(importlib, "import_module", loaded.append)
        with pytest.raises(SystemExit):
            import_module("tlvsft.runs.preload")
    assert loaded == ["numpy"]


def test_all_that_it_names_exists() -> None:
    """In the fork server a missing module would only make workers slow, and nobody would notice."""
    from tlvsft.runs import preload

    assert set(preload._ENGINE) <= set(sys.modules)
    assert set(preload._LIBRARIES) <= set(sys.modules)
    for module, function, _ in preload._CACHED:
        assert callable(getattr(sys.modules[module], function))


def test_it_starts_no_thread(repository: Path) -> None:
    count = "import tlvsft.runs.preload, threading; print(threading.active_count())"
    counted = subprocess.run([sys.executable, "-c", count], cwd=repository, capture_output=True, text=True, check=True)
    assert counted.stdout.split() == ["1"]
