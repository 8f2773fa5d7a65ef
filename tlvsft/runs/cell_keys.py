"""What a cell's result hangs on, in one key: equal keys mean that training again would give the same.

That is the config, the code that trains, the libraries, the processor with its precision and threads, and what data and
backbone hold where their names don't say that for good. Times hang on no more than that, so they may be shared, too.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tlvsft import __version__
from tlvsft.config import RunConfig

_LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "pillow", "scikit-learn", "datasets", "peft")
_ROOMS = ("training", "tasks", "evaluation", "backbones", "datasets")
_CATALOGUES = ("methods.py", "backbones.py", "datasets.py", "ladder.py")
"""The code that has a say in a run's figures; what the catalogue says to people has none."""
_VARIABLES = ("TLVSFT_DEVICE", "TLVSFT_PRECISION")
_PROCESSOR_FACTS = Path("/proc/cpuinfo")
_PROCESSOR_LINES = ("model name", "flags", "Features", "CPU implementer", "CPU part")
"""What decides the precision and the order of sums. Source: man 5 proc_cpuinfo, on x86 and on ARM."""
_GPU = Path("/proc/driver/nvidia/version")
_KEY_CHARACTERS = 40


def cell_key(run: RunConfig, *, threads: int, fingerprints: Sequence[str] = ()) -> str:
    """The key of a run.

    Args:
        run: What is trained.
        threads: Cores that it may use: they decide the order of sums, and how long it takes.
        fingerprints: What data and backbone hold, where their names don't say that for good.
    """
    facts = {
        "run": run.to_dict(),
        "threads": threads,
        "fingerprints": list(fingerprints),
        "program": _program(),
        "machine": {**_machine(), **{name: os.environ.get(name, "") for name in _VARIABLES}},
    }
    return _digest(json.dumps(facts, sort_keys=True))


def fingerprint_files(files: Sequence[Path], *, root: Path) -> str:
    """A hash of files: their names below `root`, and all that is in them.

    Raises:
        OSError: One of them can't be read.
    """
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(root).as_posix()}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()


@cache
def _program() -> dict[str, str]:
    """This program and its libraries; other code is another program, whatever version it says it is."""
    package = Path(__file__).resolve().parents[1]
    files = [file for room in _ROOMS for file in (package / room).rglob("*.py")]
    files += [package / "catalog" / name for name in _CATALOGUES]
    found = {"tlvsft": __version__, "code": fingerprint_files(files, root=package)}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def _machine() -> dict[str, str]:
    """The processor, and whether there is a GPU, without asking torch, which the web process doesn't load."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": platform.processor(),
        "facts": _digest("\n".join(_processor_lines())),
        "gpu": _digest(_GPU.read_text(encoding="utf-8")) if _GPU.exists() else "",
    }


def _processor_lines() -> list[str]:
    """What the first core says of itself; nothing where the system doesn't tell."""
    try:
        first_core = _PROCESSOR_FACTS.read_text(encoding="utf-8").partition("\n\n")[0]
    except OSError:
        return []
    return [line for line in first_core.splitlines() if line.startswith(_PROCESSOR_LINES)]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_CHARACTERS]
