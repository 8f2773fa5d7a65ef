"""Where a page polls: a plain route beside gradio's, which answers from memory whenever it can.

A question comes with its key in a header, where no log and no history keeps it. Whatever has to be read is read in a
thread, so that a store that is busy holds nobody else up; the same question within a moment has the same answer.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tlvsft.config import SEEDS, SIDES
from tlvsft.errors import InvalidInput, StoreError
from tlvsft.ui.news import News, Question
from tlvsft.ui.services import Services
from tlvsft.ui.watching import NEWS_PATH, read_watched

KEY_HEADER = b"x-tlvsft-key"
MOST_CURSORS = len(SIDES) * SEEDS.high
SHARED_S = 0.1
"""So long an answer serves everybody who asks the same."""
_QUERY_BYTES = 2_000
_RUN_NAME = re.compile(r"(left|right)-\d{1,10}", re.ASCII)
_CURSOR = re.compile(r"\d{1,12}", re.ASCII)


class _Refused(Exception):
    """A question that isn't answered."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class _Shared:
    """An answer that is there or on its way."""

    asked_at: float
    task: asyncio.Future[bytes]


class NewsRoute:
    """Answers GET requests. It runs in the server's event loop."""

    def __init__(self, services: Services) -> None:
        self._keys = services.keys
        self._news = News(services=services)
        self._answers: OrderedDict[Question, _Shared] = OrderedDict()

    def route(self) -> Route:
        """Where it stands."""
        return Route(f"/{NEWS_PATH}/{{watched}}", self)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answers one request; of a refusal, in one line of JSON."""
        try:
            status, body = HTTPStatus.OK, await self._answer(self._read(scope))
        except _Refused as refusal:
            status, body = refusal.status, _complaint(str(refusal))
        except InvalidInput as error:
            status, body = HTTPStatus.NOT_FOUND, _complaint(str(error))
        except StoreError as error:
            status, body = HTTPStatus.SERVICE_UNAVAILABLE, _complaint(str(error))
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status.value, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _read(self, scope: Scope) -> Question:
        if scope["method"] != "GET":
            raise _Refused(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET is answered here.")
        watched = read_watched(scope["path_params"]["watched"])
        if watched is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "There is no such comparison.")
        key = next((value for name, value in scope["headers"] if name == KEY_HEADER), b"")
        if not self._keys.fits(watched, key):
            raise _Refused(HTTPStatus.FORBIDDEN, "This key doesn't fit: reload the page.")
        return Question(watched, read_cursors(scope["query_string"]))

    async def _answer(self, question: Question) -> bytes:
        now = time.monotonic()
        self._forget_before(now - SHARED_S)
        shared = self._answers.get(question)
        if shared is None:
            task = asyncio.ensure_future(run_in_threadpool(self._news.answer, question))
            shared = self._answers[question] = _Shared(now, task)
        return await asyncio.shield(shared.task)  # a viewer who leaves doesn't take the others' answer along

    def _forget_before(self, time_s: float) -> None:
        while self._answers and next(iter(self._answers.values())).asked_at < time_s:
            self._answers.popitem(last=False)


def read_cursors(query: bytes) -> tuple[tuple[str, int], ...]:
    """How far the curves on a screen have come, from a query like `left-0=12&right-0=9`.

    Raises:
        _Refused: It is none.
    """
    if len(query) > _QUERY_BYTES:
        raise _Refused(HTTPStatus.REQUEST_URI_TOO_LONG, "The query is too long.")
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_CURSORS)
    except ValueError as error:
        raise _Refused(HTTPStatus.BAD_REQUEST, f"At most {MOST_CURSORS} cursors, one for each run.") from error
    if not all(_RUN_NAME.fullmatch(name) and _CURSOR.fullmatch(value) for name, value in pairs):
        raise _Refused(HTTPStatus.BAD_REQUEST, "A cursor is a run's name and a number, e.g. left-0=12.")
    return tuple((name, int(value)) for name, value in pairs)


def _complaint(message: str) -> bytes:
    return json.dumps({"error": message}).encode()
