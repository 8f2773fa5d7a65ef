"""Where an opened picture asks for its t-SNE: a plain route with the key that the page polls with (`news_route`)."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tlvsft.comparison.evidence import read_observed
from tlvsft.comparison.evidence.projection import read_projection
from tlvsft.errors import TlvsftError
from tlvsft.report.evidence.projection import projection_drawing
from tlvsft.report.markup import Markup
from tlvsft.runs.store import Store
from tlvsft.ui.news_route import KEY_HEADER
from tlvsft.ui.services import Services
from tlvsft.ui.watching import read_watched

PROJECTION_PATH = "tlvsft/projection"
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_KEPT = 16


def projection_route(services: Services) -> Route:
    """Where it stands. 200: the whole drawing, t-SNE in it; 202: ask again; 404: there is none."""

    async def answer(request: Request) -> Response:
        watched = read_watched(request.path_params["watched"])
        if watched is None:
            return _say(HTTPStatus.NOT_FOUND, "There is no such comparison.")
        key = request.headers.get(KEY_HEADER.decode(), "")
        if not services.keys.fits(watched, key.encode()):
            return _say(HTTPStatus.FORBIDDEN, "This key doesn't fit: reload the page.")
        try:
            return await run_in_threadpool(_answer, services, watched.comparison_id)
        except TlvsftError as error:
            return _say(HTTPStatus.NOT_FOUND, str(error))

    return Route(f"/{PROJECTION_PATH}/{{watched}}", answer, methods=["GET"])


def _answer(services: Services, comparison_id: str) -> Response:
    state = services.projector.ask(services.store, services.store.comparison(comparison_id))
    if state == "pending":
        return _say(HTTPStatus.ACCEPTED, "It is being computed.")
    drawing = _draw(services.store, comparison_id) if state == "ready" else None
    if drawing is None:
        return _say(HTTPStatus.NOT_FOUND, "There is no t-SNE of this comparison.")
    return Response(drawing, media_type="text/html", headers=_HEADERS)


@lru_cache(maxsize=_KEPT)
def _draw(store: Store, comparison_id: str) -> Markup | None:
    evidence = read_projection(read_observed(store, comparison_id))
    return None if evidence is None else projection_drawing(evidence)


def _say(status: HTTPStatus, words: str) -> Response:
    return PlainTextResponse(words, status_code=status, headers=_HEADERS)
