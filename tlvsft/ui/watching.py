"""What a page watches by polling, and who may: a comparison, the rest of its chain, and a key for exactly these."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

NEWS_PATH = "tlvsft/news"
_WATCHED = re.compile(r"[a-z2-7]{16}(\+[a-z2-7]{16})?")
_SECRET_BYTES = 32
_KEY_CHARACTERS = 32


@dataclass(frozen=True)
class Watched:
    """What a page watches.

    Attributes:
        comparison_id: The comparison on the screen.
        other_id: The other one of its chain, which the page follows from state to state; empty for none.
    """

    comparison_id: str
    other_id: str = ""

    def __str__(self) -> str:
        return "+".join(self.ids)

    @property
    def ids(self) -> tuple[str, ...]:
        """The comparisons."""
        return (self.comparison_id, self.other_id) if self.other_id else (self.comparison_id,)


def read_watched(text: str) -> Watched | None:
    """The inverse of `str`; `None` if the text is no such thing."""
    return Watched(*text.split("+")) if _WATCHED.fullmatch(text) else None


@dataclass(frozen=True)
class NewsKeys:
    """Makes and checks keys. Whoever was shown a comparison gets its key; nobody can make one up.

    The secret lives as long as the server: after a restart the page asks for a new key by itself.
    """

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(_SECRET_BYTES), repr=False)

    def key(self, watched: Watched) -> str:
        """The key for what a page watches."""
        return hmac.new(self.secret, str(watched).encode(), hashlib.sha256).hexdigest()[:_KEY_CHARACTERS]

    def fits(self, watched: Watched, key: bytes) -> bool:
        """Whether a key is the one."""
        return hmac.compare_digest(self.key(watched).encode(), key)
