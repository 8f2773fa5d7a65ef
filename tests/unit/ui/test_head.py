"""The head of the page: what a tab, a crawler and an installed app read there, and that nothing else is touched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import gradio
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from tlvsft.ui.head import MAIN_PART, head_html, head_middleware, rewrite_page
from tlvsft.ui.texts import TITLE

TEMPLATE = Path(gradio.__file__).parent / "templates" / "frontend" / "index.html"
PAGE = TEMPLATE.read_text(encoding="utf-8")


async def _page(request: Request) -> Response:
    return HTMLResponse(PAGE) if "plain" not in request.query_params else PlainTextResponse(PAGE)


async def _other(_request: Request) -> Response:
    return HTMLResponse(PAGE)


@pytest.fixture
def client() -> Iterator[TestClient]:
    routes = [Route("/", _page), Route("/other", _other)]
    with TestClient(Starlette(routes=routes, middleware=[head_middleware()])) as opened:
        yield opened


def metas(page: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', page))


def test_gradios_own_words_are_gone_and_ours_are_there(client: TestClient) -> None:
    page = client.get("/").text
    before_scripts = page.partition("<script")[0]
    assert "radio" not in re.sub(r"{{.*?}}", "", before_scripts)
    assert page.count("<title>") == 1
    assert f"<title>{TITLE}</title>" in page
    assert page.count('rel="manifest"') == 1
    assert '<link rel="manifest" href="manifest.json">' in page


def test_what_is_shared_has_whole_addresses_as_the_visitor_sees_them(client: TestClient) -> None:
    found = metas(client.get("/", headers={"host": "example.org"}).text)
    assert found["og:url"] == "http://example.org/"
    assert found["og:image"] == "http://example.org/tlvsft/pictures/social.jpg"
    assert found["twitter:card"] == "summary_large_image"
    behind = {"x-forwarded-host": "example.org", "x-forwarded-proto": "https"}
    assert metas(client.get("/", headers=behind).text)["og:image"].startswith("https://example.org/")


def test_a_forged_host_can_write_no_markup() -> None:
    assert '"><script>' not in head_html('http://x"><script>alert(1)</script>')


def test_the_answer_is_as_long_as_it_says(client: TestClient) -> None:
    for question in (client.get("/"), client.get("/?presenter")):
        assert int(question.headers["content-length"]) == len(question.content)
    assert client.head("/").status_code == 200


def test_other_answers_pass_as_they_are(client: TestClient) -> None:
    assert client.get("/other").text == PAGE
    assert client.get("/?plain").text == PAGE


def test_the_skip_link_is_the_first_thing_in_the_body() -> None:
    body = rewrite_page(PAGE, root="http://localhost").partition("<body")[2]
    first = re.search(r"<(a|button|input|gradio-app)\b[^>]*>", body)
    assert first
    assert f'data-skip-to="{MAIN_PART}"' in first[0]


def test_no_address_in_it_is_elsewhere() -> None:
    page = rewrite_page(PAGE, root="http://localhost")
    loads = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert loads
    assert not [address for address in loads if "//" in address]
