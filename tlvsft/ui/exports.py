"""What is made to be taken home: on demand, one thing at a time, kept for a few minutes under a key, then deleted.

The rule: a file is there for `KEPT_S` seconds after it was made, at most `MOST_KEPT` of them; all are gone when the
server ends, and what a server that was killed left behind goes when the next one makes something, after a day.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path

from tlvsft.comparison.projecting import wants_tsne
from tlvsft.errors import RunError
from tlvsft.report.building import Package, build_as_process, build_file, package_name
from tlvsft.report.sweeps.files import SweepPackage, sweep_file_name, write_sweep_file
from tlvsft.runs.launcher import start_process
from tlvsft.runs.store import Store
from tlvsft.ui.projector import compute_in_process

EXPORTS_FOLDER = "exports"
KEPT_S = 600.0
MOST_KEPT = 20
MOST_WAITING = 4
"""So many may wait while something is being made; others are asked to come again."""
BUILD_LIMIT_S = 300.0
_LEFT_BEHIND_S = 86_400.0
_KEY_BYTES = 24
_LIGHT = ("report", "numbers")

Thing = Package | SweepPackage
"""What can be taken home: something of a comparison, or of a sweep."""
Build = Callable[[Store, Thing, Path], None]


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A file that can be fetched.

    Attributes:
        key: 192 random bits: whoever has them may fetch it, for as long as it is there.
        name: What it is called when it is saved.
        made_at: By the monotonic clock.
    """

    package: Thing
    key: str
    path: Path
    name: str
    size_bytes: int
    made_at: float


class Exports:
    """Makes packages and keeps them for a while. Thread-safe.

    Args:
        build: Makes one file; raises an error of `tlvsft.errors` if that doesn't work.
        clock: Seconds.
    """

    def __init__(self, *, build: Build | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._build = build or build_package
        self._clock = clock
        self._ready: dict[str, Ready] = {}
        self._lock = threading.Lock()
        self._building = threading.Lock()
        self._waiting = 0
        self._folder: Path | None = None

    def make(self, store: Store, package: Thing) -> Ready:
        """Makes a package, or finds it where it was made a moment ago. Whoever asks may see what it is of.

        Raises:
            InvalidInput: It can't be had; the message says why.
            RunError: It can't be made, or too many others wait.
        """
        with self._lock:
            if self._waiting > MOST_WAITING:
                raise RunError("Others are taking things home just now: try again in a minute.")
            self._waiting += 1
        try:
            with self._building:
                return self._find_made(package) or self._make(store, package)
        finally:
            with self._lock:
                self._waiting -= 1

    def find(self, key: str) -> Ready | None:
        """The file of a key; `None` if there is none (any more)."""
        self._delete_old()
        with self._lock:
            return self._ready.get(key)

    def close(self) -> None:
        """Deletes everything; harmless when repeated."""
        with self._lock:
            self._ready.clear()
            folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _find_made(self, package: Thing) -> Ready | None:
        """What was made before and is there for at least half of its time."""
        self._delete_old()
        with self._lock:
            fresh = [ready for ready in self._ready.values() if self._clock() - ready.made_at < KEPT_S / 2]
        return next((ready for ready in fresh if ready.package == package), None)

    def _make(self, store: Store, package: Thing) -> Ready:
        key, name = secrets.token_urlsafe(_KEY_BYTES), _name(store, package)
        folder = self._open_folder(store) / secrets.token_hex(8)
        folder.mkdir()
        target = folder / name
        with ExitStack() as undone:
            undone.callback(shutil.rmtree, folder, ignore_errors=True)
            self._build(store, package, target)
            size_bytes = target.stat().st_size
            undone.pop_all()  # it is whole: the folder stays
        ready = Ready(package=package, key=key, path=target, name=name, size_bytes=size_bytes, made_at=self._clock())
        with self._lock:
            self._ready[key] = ready
        self._delete_old()
        return ready

    def _open_folder(self, store: Store) -> Path:
        """This server's folder, which nobody else on this machine can read; old ones of others go."""
        with self._lock:
            if self._folder is None:
                parent = store.home / EXPORTS_FOLDER
                parent.mkdir(parents=True, exist_ok=True)
                for other in parent.iterdir():
                    if time.time() - other.stat().st_mtime > _LEFT_BEHIND_S:
                        shutil.rmtree(other, ignore_errors=True)
                self._folder = Path(tempfile.mkdtemp(dir=parent))
            return self._folder

    def _delete_old(self) -> None:
        with self._lock:
            newest_first = sorted(self._ready.values(), key=lambda ready: -ready.made_at)
            old = [ready for ready in newest_first if self._clock() - ready.made_at > KEPT_S]
            old += newest_first[MOST_KEPT:]
            for ready in old:
                self._ready.pop(ready.key, None)
        for ready in old:
            shutil.rmtree(ready.path.parent, ignore_errors=True)


def _name(store: Store, package: Thing) -> str:
    """What its file is called."""
    return sweep_file_name(store, package) if isinstance(package, SweepPackage) else package_name(store, package)


def build_package(store: Store, package: Thing, target: Path) -> None:
    """Makes one file: here, or a model and a program, which need torch, in a process of their own.

    Raises:
        InvalidInput: It can't be had; the message says why.
        RunError: It can't be made.
    """
    if isinstance(package, SweepPackage):
        write_sweep_file(store, package, target)
        return
    if package.kind in _LIGHT:
        if wants_tsne(store, store.comparison(package.comparison_id)):
            compute_in_process(store, package.comparison_id)
        build_file(store, package, target)
        return
    ours, theirs = Pipe()
    process = start_process(build_as_process, store.home, package, target, theirs, name="tlvsft-export")
    theirs.close()
    try:
        if not ours.poll(BUILD_LIMIT_S):
            raise RunError(f"It wasn't ready within {BUILD_LIMIT_S / 60:.0f} minutes: try again when less is running.")
        complaint = ours.recv()
    except EOFError as error:
        raise RunError("The process that makes it ended, perhaps for lack of memory: try again.") from error
    finally:
        ours.close()
        process.kill()
        process.join()
        process.close()
    if complaint:
        raise RunError(complaint)
