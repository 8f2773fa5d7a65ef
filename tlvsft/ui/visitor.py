"""Who looks at the page: an opaque token that lives in the browser, and the comparison that it looks at."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,64}")
_TOKEN_BYTES = 24


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """One browser.

    Attributes:
        owner: Its token: 192 random bits, which nobody else can guess. Comparisons started on the page belong to it.
        viewing: Id of the comparison on the screen; empty for none.
        following: Id of the comparison that takes its place on the screen as soon as it starts; empty for none.
    """

    owner: str
    viewing: str = ""
    following: str = ""

    def to_dict(self) -> dict[str, str]:
        """What the browser keeps."""
        return asdict(self)


def read_visitor(kept: object) -> Visitor:
    """The visitor that a browser says it is; a new one if it says nothing that could be a token."""
    data: Mapping[str, Any] = kept if isinstance(kept, Mapping) else {}
    owner = data.get("owner")
    if not isinstance(owner, str) or not _TOKEN.fullmatch(owner):
        return Visitor(owner=secrets.token_urlsafe(_TOKEN_BYTES))
    return Visitor(owner=owner, viewing=_text(data.get("viewing")), following=_text(data.get("following")))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
