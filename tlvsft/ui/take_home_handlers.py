"""What happens when somebody takes something home: it is made, in its own time, and a link to it is given to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr

from tlvsft.comparison.figures import size
from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.report import Offer, can_take_home, find_offers
from tlvsft.report.building import Package
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.markup import Markup
from tlvsft.ui.services import Services
from tlvsft.ui.setup_handlers import read_click
from tlvsft.ui.take_home_panel import Status, take_home_html, thing_words
from tlvsft.ui.take_home_route import TAKE_HOME_PATH
from tlvsft.ui.visitor import read_visitor

_IN_ITS_OWN_TIME: dict[str, Any] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "trigger_mode": "once",
    "concurrency_limit": None,
}
"""It answers twice, so it stands in gradio's queue; a second click while something is being made is the same click."""


def connect_take_home(services: Services, *, visitor: gr.BrowserState, card: gr.HTML) -> None:
    """Makes the card's buttons work."""

    def on_take_home(event: gr.EventData, kept: Any) -> Iterator[Markup]:
        yield from take_home(services, kept, read_click(event))

    card.click(on_take_home, [visitor], [card], **_IN_ITS_OWN_TIME)


def show_take_home(services: Services, comparison: ComparisonRecord | None) -> Markup:
    """The card for the comparison on the screen, which its visitor may see."""
    return take_home_html(comparison, _offers(services, comparison))


def take_home(services: Services, kept: Any, click: Mapping[str, Any]) -> Iterator[Markup]:
    """The card while a package is being made, then with a link to it, or with why there is none."""
    comparison: ComparisonRecord | None = None
    offers: list[Offer] = []
    try:
        comparison = services.store.visible_comparison(str(click.get("comparison")), viewer=read_visitor(kept).owner)
        offers = _offers(services, comparison)
        offer = find_offer(offers, click)
        thing = thing_words(comparison.config, offer)
        making = Status(state="making", words=f"Making the {thing}: it takes a few seconds …")
        yield take_home_html(comparison, offers, status=making)
        package = Package(comparison_id=comparison.id, kind=offer.kind, side=offer.side, seed=offer.seed)
        ready = services.exports.make(services.store, package)
        done = Status(
            state="ready",
            words=f"The {thing} {'are' if offer.kind == 'numbers' else 'is'} ready ({size(ready.size_bytes)}):",
            address=f"{TAKE_HOME_PATH}/{ready.key}",
            name=ready.name,
        )
        yield take_home_html(comparison, offers, status=done)
    except TlvsftError as error:
        yield take_home_html(comparison, offers, status=Status(state="failed", words=str(error)))


def find_offer(offers: list[Offer], click: Mapping[str, Any]) -> Offer:
    """What was clicked; anything could come from a browser.

    Raises:
        InvalidInput: There is no such thing, or it can't be had.
    """
    wanted = (click.get("kind"), click.get("side"), click.get("seed"))
    found = next((offer for offer in offers if wanted == _address(offer)), None)
    if found is None:
        raise InvalidInput("There is nothing of this kind to take home: reload the page.")
    if found.refusal is not None:
        raise InvalidInput(found.refusal)
    return found


def _address(offer: Offer) -> tuple[str, str | None, str | None]:
    """An offer as a button's attributes name it."""
    return offer.kind, offer.side, None if offer.seed is None else str(offer.seed)


def _offers(services: Services, comparison: ComparisonRecord | None) -> list[Offer]:
    if comparison is None or not can_take_home(comparison):
        return []
    return find_offers(services.store, comparison)
