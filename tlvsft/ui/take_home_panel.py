"""The card "Take it home": what can be had of the comparison on the screen, how large it is, or why it can't be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tlvsft.comparison.figures import size
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.report import Offer
from tlvsft.report.offers import Kind
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.texts import side_names

INTRODUCTION = "Everything is made when you ask for it, and is deleted here ten minutes later."
EMPTY = "When a comparison is over, its report, its numbers, the trained models and a program will be here to download."
_TITLES: dict[Kind, str] = {
    "report": "Report",
    "numbers": "Numbers",
    "model": "Trained models",
    "script": "Programs in plain PyTorch",
}
_WORDS: dict[Kind, str] = {
    "report": "One HTML file with curves, tables, verdict, predictions and the whole setup. Opens anywhere.",
    "numbers": "The same as JSON, step by step: what the command line writes.",
    "model": "Weights as safetensors with a card; transformers loads them with from_pretrained.",
    "script": "Trains the same again and compares the numbers. The zip contains the data that was used.",
}


@dataclass(frozen=True, kw_only=True)
class Status:
    """What became of the last click.

    Attributes:
        state: `making`, `ready` or `failed`.
        words: One line.
        address: Of the file, once it is ready.
        name: What the file is called.
    """

    state: Literal["making", "ready", "failed"]
    words: str
    address: str = ""
    name: str = ""


def take_home_html(
    comparison: ComparisonRecord | None, offers: Sequence[Offer], *, status: Status | None = None
) -> Markup:
    """The card.

    Args:
        comparison: The one on the screen.
        offers: What can be had of it; nothing before it is over.
        status: What became of the last click.
    """
    heading = element("h2", "Take it home")
    if comparison is None or not offers:
        return element(
            "section", heading, element("p", EMPTY, class_="empty"), _status(status), class_="card take-home"
        )
    items = [_item(comparison, kind, [offer for offer in offers if offer.kind == kind]) for kind in _TITLES]
    return element(
        "section",
        heading,
        element("p", INTRODUCTION, class_="facts"),
        element("div", *items, class_="take-home-items"),
        _status(status),
        class_="card take-home",
    )


def thing_words(config: ComparisonConfig, offer: Offer) -> str:
    """What an offer is called inside a sentence, e.g. `model of Linear probe, seed 2`."""
    if offer.side is None:
        return _TITLES[offer.kind].lower()
    seed = f", seed {offer.seed}" if config.seeds > 1 else ""
    return f"{'model' if offer.kind == 'model' else 'program'} of {side_names(config)[offer.side]}{seed}"


def _item(comparison: ComparisonRecord, kind: Kind, offers: Sequence[Offer]) -> Markup:
    if kind in {"report", "numbers"}:
        rows = [_single(comparison, offers[0])]
    else:
        rows = [_row(comparison, side, [offer for offer in offers if offer.side == side]) for side in SIDES]
    words = element("p", _WORDS[kind], class_="facts")
    return element("div", element("h3", _TITLES[kind]), words, *rows, class_="take-home-item")


def _single(comparison: ComparisonRecord, offer: Offer) -> Markup:
    if offer.refusal is not None:
        return element("p", offer.refusal, class_="refusal")
    return element("p", _button(comparison, offer, "Download"), class_="take-home-row")


def _row(comparison: ComparisonRecord, side: Side, offers: Sequence[Offer]) -> Markup:
    """One side: a button for each seed, or why there is none."""
    dot = element("span", class_="dot", aria_hidden="true")
    name = element("b", dot, side_names(comparison.config)[side])
    refusals = list(dict.fromkeys(offer.refusal for offer in offers if offer.refusal is not None))
    had = [offer for offer in offers if offer.refusal is None]
    several = comparison.config.seeds > 1
    buttons = [_button(comparison, offer, f"Seed {offer.seed}" if several else "Download") for offer in had]
    sizes = [_about(offer, several=several) for offer in had if offer.size_bytes]
    return element(
        "div",
        name,
        *buttons,
        element("span", sizes[0], class_="facts") if sizes else None,
        element("span", " ".join(refusals), class_="refusal") if refusals else None,
        class_=f"take-home-row {side}",
    )


def _about(offer: Offer, *, several: bool) -> str:
    """How large a zip will be."""
    data = " and the data" if offer.kind == "script" else ""
    return f"about {size(offer.size_bytes or 0)}{' each' if several else ''}{data}"


def _button(comparison: ComparisonRecord, offer: Offer, label: str) -> Markup:
    return element(
        "button",
        label,
        aria_label=f"{label}: {thing_words(comparison.config, offer)}",
        type="button",
        class_="quiet",
        data_kind=offer.kind,
        data_side=offer.side,
        data_seed=offer.seed,
        data_comparison=comparison.id,
    )


def _status(status: Status | None) -> Markup:
    """Always there, so that a screen reader hears when it changes."""
    if status is None:
        return element("p", class_="take-home-status", role="status")
    words: list[Markup | str] = [status.words]
    if status.state == "ready":
        link = element("a", status.name, href=status.address, download=status.name, data_fresh=True, translate="no")
        words = [status.words, " ", link]
    return element("p", join(words), class_=f"take-home-status {status.state}", role="status", tabindex="-1")
