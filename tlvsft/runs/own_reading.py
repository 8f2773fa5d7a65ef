"""Uploads are read in a process of their own each: whatever is in them, it can't harm or hold up the server."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from tlvsft.catalog.own import MOST_UNPACKED_BYTES, OwnDataset
from tlvsft.datasets.guessing import Choice
from tlvsft.datasets.intake import Examined, examine, save_upload
from tlvsft.datasets.own import clear_drafts
from tlvsft.errors import DatasetError, RunError, TlvsftError
from tlvsft.runs.launcher import start_process
from tlvsft.runs.processes import redirect_output

READ_TIMEOUT_S = 120.0
MOST_AT_ONCE = 2
WAIT_TIMEOUT_S = 60.0
MOST_WAITING = 6
"""So many may wait for that; others are asked to come again, so that no crowd takes all of the server's threads."""
MOST_MEMORY_BYTES = 3 * 2**30
"""What reading may take beyond what the process has when it begins."""
MOST_FILE_BYTES = 3 * MOST_UNPACKED_BYTES // 2
"""Largest file that reading may write: a copy for the library. A table that repeats itself unpacks to far more."""
LOG_FILE = "own-data.log"
_TOO_MUCH = "That file can't be read here, or is too much: save it again, or upload a part of it."
_BUSY = "Other files are being read just now: try again in a minute."
_places = threading.BoundedSemaphore(MOST_AT_ONCE)
_line = threading.BoundedSemaphore(MOST_AT_ONCE + MOST_WAITING)
_Answer = TypeVar("_Answer")


def examine_upload(home: Path, path: Path, *, choice: Choice | None = None) -> Examined:
    """Checks and reads an upload, and says what it holds; keeps nothing. Blocks meanwhile.

    Raises:
        DatasetError: It isn't taken, in one line.
        RunError: Too many others are being read.
    """
    return _in_process(home, examine, home, path, choice=choice)


def keep_upload(home: Path, owner: str, title: str, path: Path, *, choice: Choice | None = None) -> OwnDataset:
    """Checks and reads an upload and saves what it holds for its visitor. Blocks meanwhile.

    Raises:
        DatasetError: It isn't taken, in one line; nothing was kept.
        RunError: Too many others are being read.
    """
    return _in_process(home, save_upload, home, owner, title, path, choice=choice)


@contextmanager
def reading_place() -> Iterator[None]:
    """One of the few places at which data from outside is read at once. Blocks until one is free.

    Raises:
        RunError: Too many others are being read.
    """
    if not _line.acquire(blocking=False):
        raise RunError(_BUSY)
    try:
        if not _places.acquire(timeout=WAIT_TIMEOUT_S):
            raise RunError(_BUSY)
        try:
            yield
        finally:
            _places.release()
    finally:
        _line.release()


def _in_process(home: Path, work: Callable[..., _Answer], *arguments: Any, **options: Any) -> _Answer:
    with reading_place():
        return _ask(home, work, arguments, options)


def _ask(home: Path, work: Callable[..., _Answer], arguments: tuple[Any, ...], options: dict[str, Any]) -> _Answer:
    ours, theirs = Pipe(duplex=False)
    process = start_process(_answer, home, theirs, work, arguments, options, name="tlvsft-own-data")
    theirs.close()
    try:
        if not ours.poll(READ_TIMEOUT_S):
            raise DatasetError(_TOO_MUCH)
        answer = ours.recv()
    except (EOFError, OSError) as error:  # it died, for lack of memory perhaps
        raise DatasetError(_TOO_MUCH) from error
    finally:
        ours.close()
        process.kill()
        process.join()
        if process.pid is not None:
            clear_drafts(home, process.pid)
        process.close()
    if isinstance(answer, TlvsftError):
        raise answer
    return answer  # type: ignore[no-any-return]


def _answer(
    home: Path, connection: Connection, work: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]
) -> None:
    """What runs inside the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["TLVSFT_HOME"] = str(home)
    redirect_output(home / LOG_FILE)
    _be_modest()
    try:
        connection.send(work(*arguments, **options))
    except TlvsftError as error:
        connection.send(DatasetError(str(error)))
    except (MemoryError, RecursionError):
        connection.send(DatasetError(_TOO_MUCH))
    finally:
        connection.close()


def _be_modest() -> None:
    """Training goes first, and memory and files are bounded, where the system can do that."""
    if hasattr(os, "nice"):
        os.nice(5)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most_bytes = pages * resource.getpagesize() + MOST_MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
