"""What a browser needs to install the page as an app: a manifest, icons, and a line for when the server is away.

Gradio has a manifest, too, without icons that can be installed; ours stands under the same name and is found first.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from tlvsft.catalog.paths import ASSETS
from tlvsft.ui.texts import QUESTION, TITLE

NAME = "tlvsft"
PAPER = {"light": "#f5f6f8", "dark": "#0e141a"}
"""The page's ground (`--paper` in `assets/css/tokens.css`), for what stands around the page."""
MANIFEST_PATH = "manifest.json"
PICTURES_PATH = "tlvsft/pictures"
OFFLINE_PATH = "tlvsft/offline"
WORKER_PATH = "tlvsft-worker.js"
"""At the root: a worker looks after the folder that it lies in."""
PICTURES = {
    "favicon.svg": "image/svg+xml",
    "favicon.ico": "image/x-icon",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
    "icon-maskable-512.png": "image/png",
    "apple-touch-icon.png": "image/png",
    "social.jpg": "image/jpeg",
}
_FRESH = {"cache-control": "no-cache"}
_KEPT = {"cache-control": "max-age=3600"}


def installing_routes() -> list[Route]:
    """Where all of it stands."""
    return [
        Route(f"/{MANIFEST_PATH}", _answer_manifest, methods=["GET"]),
        Route(f"/{PICTURES_PATH}/{{name}}", _answer_picture, methods=["GET"]),
        Route(f"/{WORKER_PATH}", _answer_worker, methods=["GET"]),
        Route(f"/{OFFLINE_PATH}", _answer_offline, methods=["GET"]),
    ]


def describe_app() -> dict[str, object]:
    """The web app manifest. All addresses are relative to it, so that it also works below a proxy's path.

    Source: https://www.w3.org/TR/appmanifest/
    """
    return {
        "name": TITLE,
        "short_name": NAME,
        "description": QUESTION,
        "lang": "en",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "theme_color": PAPER["light"],
        "background_color": PAPER["light"],
        "categories": ["education"],
        "icons": [
            _icon("icon-192.png", "192x192"),
            _icon("icon-512.png", "512x512"),
            _icon("icon-maskable-512.png", "512x512", purpose="maskable"),
            _icon("favicon.svg", "any"),
        ],
    }


def _icon(name: str, sizes: str, *, purpose: str = "any") -> dict[str, str]:
    return {"src": f"{PICTURES_PATH}/{name}", "sizes": sizes, "type": PICTURES[name], "purpose": purpose}


async def _answer_manifest(_request: Request) -> Response:
    return JSONResponse(describe_app(), media_type="application/manifest+json", headers=_FRESH)


async def _answer_picture(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in PICTURES:
        return JSONResponse({"error": "There is no such picture."}, status_code=HTTPStatus.NOT_FOUND)
    return FileResponse(ASSETS / "pictures" / name, media_type=PICTURES[name], headers=_KEPT)


async def _answer_worker(_request: Request) -> Response:
    return FileResponse(ASSETS / "app" / "worker.js", media_type="text/javascript", headers=_FRESH)


async def _answer_offline(_request: Request) -> Response:
    return FileResponse(ASSETS / "app" / "offline.html", media_type="text/html", headers=_FRESH)
