"""Where a browser fetches what was made to be taken home: by a key that was given to it alone, for a few minutes."""

from __future__ import annotations

from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from tlvsft.errors import TlvsftError
from tlvsft.report.sweeps.files import SweepPackage
from tlvsft.sweeps import read_progress
from tlvsft.ui.exports import Ready
from tlvsft.ui.services import Services

TAKE_HOME_PATH = "tlvsft/take-home"
GONE = "This download is gone: make it again on the page."
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
}
"""Nobody else keeps it, and what is opened instead of saved runs nothing."""


def take_home_route(services: Services) -> Route:
    """Where it stands."""

    async def answer(request: Request) -> Response:
        ready = await run_in_threadpool(find_ready, services, request.path_params["key"])
        if ready is None:
            return PlainTextResponse(GONE, status_code=HTTPStatus.NOT_FOUND, headers=HEADERS)
        return FileResponse(ready.path, filename=ready.name, headers=HEADERS, media_type=_media_type(ready.name))

    return Route(f"/{TAKE_HOME_PATH}/{{key}}", answer, methods=["GET"])


def find_ready(services: Services, key: str) -> Ready | None:
    """The file of a key, as long as what it is of is there, too."""
    ready = services.exports.find(key)
    if ready is None or not ready.path.is_file():
        return None
    try:
        if isinstance(ready.package, SweepPackage):
            read_progress(services.store, ready.package.sweep_id, viewer=ready.package.viewer)
        else:
            services.store.comparison(ready.package.comparison_id)
    except TlvsftError:
        return None
    return ready


def _media_type(name: str) -> str:
    kinds = {
        ".html": "text/html; charset=utf-8",
        ".json": "application/json",
        ".zip": "application/zip",
        ".csv": "text/csv; charset=utf-8",
    }
    return next(kind for ending, kind in kinds.items() if name.endswith(ending))
