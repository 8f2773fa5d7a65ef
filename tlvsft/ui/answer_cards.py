"""One example on a card: what it is, what is true of it, and what both variants say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tlvsft.catalog.datasets import DATASETS
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.ui.markup import Markup, element, join, sign
from tlvsft.ui.texts import class_title

CARDS = 8
"""So many are shown at once."""
UNKNOWN = "–"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a variant says of an example, in words.

    Attributes:
        title: The class's display name.
        confidence: Its probability, with two decimals.
    """

    title: str
    confidence: str
    is_right: bool

    @property
    def word(self) -> str:
        """`right` or `wrong`."""
        return "right" if self.is_right else "wrong"


@dataclass(frozen=True, kw_only=True)
class Card:
    """An example with both answers.

    Attributes:
        kind: `test` or `validation`: which split it is from.
        index: Its place there, or among those that are shown of it.
        said: Empty for a side that hasn't answered yet.
        group: The kind of example that it is; empty where the data doesn't tell kinds apart.
    """

    kind: str
    index: int
    truth: str
    said: Mapping[Side, Said]
    text: str | None = None
    image: str | None = None
    group: str = ""

    @property
    def mark(self) -> str:
        """What a click on its buttons sends."""
        return f"{self.kind}-{self.index}"


def panel_classes(config: ComparisonConfig, name: str) -> str:
    """Style classes of a panel: drawings, bright on black, are shown as ink on paper, photographs as they are."""
    is_drawn = config.dataset.name in DATASETS and DATASETS[config.dataset.name].path is None
    return f"card {name} drawings" if is_drawn else f"card {name}"


def say(probability: float, predicted: int, true_label: int, class_names: Sequence[str]) -> Said:
    """A variant's answer in words."""
    return say_class(probability, class_names[predicted], is_right=predicted == true_label)


def say_class(probability: float, name: str, *, is_right: bool) -> Said:
    """The same where the class is known by its name."""
    return Said(title=class_title(name), confidence=f"{probability:.2f}", is_right=is_right)


def card_html(card: Card, names: Mapping[Side, str], *, explains: bool) -> Markup:
    """A card; with `explains` its buttons ask what carried the decision, and put a text into the visitor's box."""
    truth = element(
        "p", "is ", element("b", card.truth, translate="no"),
        element("span", f" · {card.group}", translate="no") if card.group else None, class_="truth",
    )  # fmt: skip
    lines = [said_html(side, names[side], card.said.get(side)) for side in SIDES]
    return element("li", _content(card), truth, *lines, _buttons(card) if explains else None, class_="answer")


def said_html(side: Side, name: str, said: Said | None) -> Markup:
    """A line of a card: what a variant says, how sure it is and whether that is right."""
    mark = "" if said is None else "✓" if said.is_right else "✗"
    word = "" if said is None else said.word
    return element(
        "p",
        element("span", class_="dot", aria_hidden="true"),
        element("span", f"{name} says ", class_="reader-only"),
        element("b", UNKNOWN if said is None else said.title, translate="no"),
        element("span", "" if said is None else said.confidence, class_="confidence"),
        sign(mark),
        element("span", f"({word})" if word else "", class_="reader-only word"),
        class_=f"said {side} was-{word}" if word else f"said {side}",
    )


def empty_card_html() -> Markup:
    """Where a card will be."""
    return element("li", class_="answer is-empty", aria_hidden="true")


def _content(card: Card) -> Markup:
    if card.image is None:
        return element("p", card.text or "", class_="example-text", tabindex=0, translate="no")
    alt = f"{card.kind.capitalize()} image {card.index}, class {card.truth}"
    return element("div", element("img", src=card.image, alt=alt, class_="example-image"), class_="example-picture")


def _buttons(card: Card) -> Markup:
    about = f"{card.kind} example {card.index}"
    why = element(
        "button", "Why?", type="button", class_="quiet small", data_why=card.mark, aria_label=f"Why? About {about}"
    )
    copied = element(
        "button", "Change it", type="button", class_="quiet small", data_copy=card.mark,
        aria_label=f"Put {about} into the box above, to change it", title="Put it into the box above, and ask both",
    )  # fmt: skip
    return element("div", join([why, copied] if card.image is None else [why]), class_="answer-buttons")
