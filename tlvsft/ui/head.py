"""The head of the page's HTML, as tabs, crawlers and installed apps read it, and the skip link below it.

Gradio's template says there that the page is gradio's, with a picture from elsewhere, and has no setting for it. What
`launch(head=…)` adds comes by script, which no crawler runs. So the answer to `GET /` is rewritten on its way out.
"""

from __future__ import annotations

import re

from gradio.route_utils import get_root_url
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tlvsft.ui.installing import MANIFEST_PATH, NAME, PAPER, PICTURES_PATH
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.texts import QUESTION, TITLE
from tlvsft.ui.theme import EVERYONE_SCRIPTS, script_tags

SOCIAL_SIZE = (1200, 630)
SOCIAL_WORDS = "The page after a comparison: two learning curves, and the verdict in a sentence."
MAIN_PART = "stories"
"""Where the skip link leads: the first part of the page after its header."""
_META = re.compile(r'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')
_MANIFEST_LINK = re.compile(r'<link rel="manifest"[^>]*>')
_BODY_BEGINS = "<gradio-app"


def head_middleware() -> Middleware:
    """What rewrites the head, for `app_kwargs`."""
    return Middleware(HeadRewriter)


class HeadRewriter:
    """Rewrites the page's HTML, and lets everything else pass as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or not _is_page(scope):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def rewrite(message: Message) -> None:
            if message["type"] == "http.response.start":
                held.append(message)
                return
            held.append(message)
            if not message.get("more_body", False):
                for piece in _rewritten(held, Request(scope)):
                    await send(piece)

        await self._app(scope, receive, rewrite)


def _is_page(scope: Scope) -> bool:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return path in {"", "/"} and scope["method"] in {"GET", "HEAD"}


def _rewritten(held: list[Message], request: Request) -> list[Message]:
    """An answer as it leaves: HTML with another head, anything else as it came."""
    start, *pieces = held
    headers = dict(start["headers"])
    if not headers.get(b"content-type", b"").startswith(b"text/html"):
        return held
    page = b"".join(piece.get("body", b"") for piece in pieces).decode()
    root = get_root_url(request, route_path="/", root_path=request.scope.get("root_path"))
    body = rewrite_page(page, root=root).encode()
    headers[b"content-length"] = str(len(body)).encode()
    return [{**start, "headers": list(headers.items())}, {"type": "http.response.body", "body": body}]


def rewrite_page(page: str, *, root: str) -> str:
    """Gradio's page with a head of our own.

    Args:
        page: Its HTML.
        root: Its address as the visitor sees it, without a slash at the end.
    """
    before, script, after = page.partition("<script")
    before = _META.sub("", before)
    after = _MANIFEST_LINK.sub("", after, count=1).replace(_BODY_BEGINS, f"{skip_link_html()}{_BODY_BEGINS}", 1)
    return f"{before}{head_html(root)}{script}{after}"


def head_html(root: str) -> Markup:
    """Title, description, icons, manifest, and what is shown where somebody shares the address.

    Addresses are relative, for the page may stand below a proxy's path; crawlers want whole ones.
    """
    width, height = SOCIAL_SIZE
    shared = {
        "og:type": "website", "og:site_name": NAME, "og:title": TITLE, "og:description": QUESTION, "og:url": f"{root}/",
        "og:image": f"{root}/{PICTURES_PATH}/social.jpg", "og:image:type": "image/jpeg", "og:image:width": str(width),
        "og:image:height": str(height), "og:image:alt": SOCIAL_WORDS,
    }  # fmt: skip
    colors = [
        element("meta", name="theme-color", content=color, media=f"(prefers-color-scheme: {scheme})")
        for scheme, color in PAPER.items()
    ]
    return join(
        [
            element("title", TITLE),
            element("meta", name="description", content=QUESTION),
            *colors,
            element("link", rel="icon", href=f"{PICTURES_PATH}/favicon.ico", sizes="32x32"),
            element("link", rel="icon", href=f"{PICTURES_PATH}/favicon.svg", type="image/svg+xml"),
            element("link", rel="apple-touch-icon", href=f"{PICTURES_PATH}/apple-touch-icon.png"),
            element("link", rel="manifest", href=MANIFEST_PATH),
            *[element("meta", property=name, content=words) for name, words in shared.items()],
            element("meta", name="twitter:card", content="summary_large_image"),
            Markup(script_tags(*EVERYONE_SCRIPTS)),
        ]
    )


def skip_link_html() -> Markup:
    """The first stop of Tab, past the header; and the line in which a screen reader is told how training goes."""
    link = element("a", "Skip to the stories", href=f"#{MAIN_PART}", class_="skip-link", data_skip_to=MAIN_PART)
    return join([link, element("p", "", class_="reader-only", role="status", data_told_aloud=True)])
