"""Where the page gets a recording from: one small answer, made once, by a name that is in the list of recordings."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tlvsft.comparison.recording_reader import load_recording
from tlvsft.errors import InvalidInput
from tlvsft.ui.film import make_film

REPLAY_PATH = "tlvsft/replays"
_KEPT = 16


def replay_route() -> Route:
    """Where it stands; recordings come with the app, so everybody may see them."""
    return Route(f"/{REPLAY_PATH}/{{name}}", _answer, methods=["GET"])


async def _answer(request: Request) -> Response:
    try:
        body = await run_in_threadpool(packed_film, request.path_params["name"])
    except InvalidInput as error:
        return JSONResponse({"error": str(error)}, status_code=HTTPStatus.NOT_FOUND)
    headers = {"cache-control": "no-cache", "content-encoding": "gzip", "vary": "accept-encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        body = gzip.decompress(body)
        del headers["content-encoding"]
    return Response(body, media_type="application/json", headers=headers)


@lru_cache(_KEPT)
def packed_film(name: str) -> bytes:
    """A recording as the page plays it: JSON, gzipped.

    Raises:
        InvalidInput: There is no such recording, or its file is damaged.
    """
    film = make_film(name, load_recording(name))
    return gzip.compress(json.dumps(film, separators=(",", ":"), allow_nan=False).encode(), mtime=0)
