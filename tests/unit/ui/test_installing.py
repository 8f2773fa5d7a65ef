"""What a browser is handed to install the page: a manifest, its icons, a worker that keeps next to nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tlvsft.catalog.paths import ASSETS
from tlvsft.ui.head import SOCIAL_SIZE
from tlvsft.ui.installing import OFFLINE_PATH, PICTURES, WORKER_PATH, describe_app, installing_routes

PICTURE_FOLDER = ASSETS / "pictures"
LARGEST_PICTURE_BYTES = 150_000


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=installing_routes()), raise_server_exceptions=False) as opened:
        yield opened


def test_the_manifest_has_what_makes_a_page_installable(client: TestClient) -> None:
    reply = client.get("/manifest.json")
    assert reply.headers["content-type"].startswith("application/manifest+json")
    manifest = reply.json()
    assert manifest == describe_app()
    assert manifest["display"] == "standalone"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}


def test_its_addresses_also_work_below_a_proxys_path() -> None:
    manifest = describe_app()
    icons = manifest["icons"]
    assert isinstance(icons, list)
    for address in (manifest["start_url"], manifest["scope"], *[icon["src"] for icon in icons]):
        assert not str(address).startswith("/")
        assert "://" not in str(address)


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_is_there_small_and_of_its_kind(client: TestClient, name: str) -> None:
    reply = client.get(f"/tlvsft/pictures/{name}")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == PICTURES[name]
    assert len(reply.content) < LARGEST_PICTURE_BYTES


@pytest.mark.parametrize("name", ["page.png", "../css/tokens.css", "..%2fcss%2ftokens.css", ""])
def test_nothing_else_is_handed_out(client: TestClient, name: str) -> None:
    assert client.get(f"/tlvsft/pictures/{name}").status_code == 404


@pytest.mark.parametrize(("name", "size"), [
    ("icon-192.png", (192, 192)), ("icon-512.png", (512, 512)), ("icon-maskable-512.png", (512, 512)),
    ("apple-touch-icon.png", (180, 180)), ("social.jpg", SOCIAL_SIZE),
])  # fmt: skip
def test_pictures_have_the_size_that_is_said(name: str, size: tuple[int, int]) -> None:
    with Image.open(PICTURE_FOLDER / name) as picture:
        assert picture.size == size


def test_the_fallback_icon_has_the_sizes_that_tabs_and_desktops_want() -> None:
    with Image.open(PICTURE_FOLDER / "favicon.ico") as icon:
        assert {(16, 16), (32, 32), (48, 48)} <= icon.info["sizes"]


def test_a_mask_may_cut_the_corners_of_the_icon_that_allows_it() -> None:
    with Image.open(PICTURE_FOLDER / "icon-maskable-512.png") as opened:
        icon = opened.convert("RGBA")
    assert icon.getextrema()[3] == (255, 255)  # opaque
    ground = icon.getpixel((0, 0))
    safe = 0.4 * 512  # the radius of what is always seen; https://www.w3.org/TR/appmanifest/#icon-masks
    marks = [
        (x, y) for x in range(0, 512, 4) for y in range(0, 512, 4) if icon.getpixel((x, y)) != ground
    ]  # fmt: skip
    assert marks
    assert all((x - 256) ** 2 + (y - 256) ** 2 <= safe**2 for x, y in marks)


def test_the_worker_keeps_the_offline_page_and_nothing_else(client: TestClient) -> None:
    reply = client.get(f"/{WORKER_PATH}")
    assert reply.headers["cache-control"] == "no-cache"
    script = reply.text
    assert re.findall(r"cache\.(?:add|put|addAll)\(([^;]*)\);", script) == ['new Request(PAGE, { cache: "reload" })']
    assert f'PAGE = "{OFFLINE_PATH}"' in script


def test_the_offline_page_needs_nothing_from_the_server_that_is_away(client: TestClient) -> None:
    page = client.get(f"/{OFFLINE_PATH}").text
    assert "python app.py" in page
    assert not re.search(r"\b(?:src|href)=|url\(|@import", page)


def test_the_icons_are_made_from_the_sign() -> None:
    """Its two colours are the variants'."""
    sign = (PICTURE_FOLDER / "favicon.svg").read_text(encoding="utf-8").lower()
    tokens = Path(ASSETS / "css" / "tokens.css").read_text(encoding="utf-8")
    for side in ("left", "right"):
        found = re.search(rf"--{side}: (#[0-9a-f]{{6}})", tokens)
        assert found
        assert found[1] in sign
