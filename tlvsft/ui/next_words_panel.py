"""How three models go on with a prompt: the untouched one and both variants, words with probabilities and a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tlvsft.comparison.figures import percent
from tlvsft.config import Side
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.services import NextWords

SAMPLE_PROMPTS = ("this book is", "the author", "i could not", "the ending")
WORDS_SHOWN = 8
CONTINUATION_CHARACTERS = 600
_SIGNS = {"\n": "↵ new line", "\t": "⇥ tab", "": "␣ space"}
_NOTE = "Continuations: sampled, seed 0, same for all three."


@dataclass(frozen=True, kw_only=True)
class Column:
    """One model's answer.

    Attributes:
        place: Whose it is: `before` is the untouched model.
        title: What its column is called.
        facts: How far it has been trained, in words.
        answer: `None` while there is none.
        reason: Why there is none.
    """

    place: Literal["before"] | Side
    title: str
    facts: str
    answer: NextWords | None = None
    reason: str = ""


def prompts_html() -> Markup:
    """The section's heading, and a few prompts that are ready to be clicked."""
    chips = [
        element("button", f"{prompt} …", type="button", class_="chip small", data_prompt=prompt, translate="no")
        for prompt in SAMPLE_PROMPTS
    ]
    heading = element("h2", "What comes next?")
    return join([heading, element("div", *chips, class_="chips", role="group", aria_label="Ready-made prompts")])


def next_words_html(prompt: str, columns: Sequence[Column], *, complaint: str = "") -> Markup:
    """The three columns; what will stand there while there is nothing to show."""
    if complaint:
        return element("p", complaint, class_="empty next-words-empty", role="alert")
    if not prompt.strip():
        empty = "Type the beginning of a sentence: the most probable next words of three models will stand here."
        return element("p", empty, class_="empty next-words-empty")
    shown = element("div", *[_column(prompt, column) for column in columns], class_="next-words")
    return join([shown, element("p", _NOTE, class_="facts")])


def _column(prompt: str, column: Column) -> Markup:
    title = element("h3", element("span", class_="dot", aria_hidden="true"), column.title)
    heading = element("div", title, element("p", column.facts, class_="facts"), class_="next-words-heading")
    if column.answer is None:
        body = element("p", column.reason, class_="empty")
    else:
        words = [element("li", *_word(word, share)) for word, share in column.answer.words[:WORDS_SHOWN]]
        label = f"Most probable next words, {column.title}"
        body = join([element("ol", *words, class_="word-list", aria_label=label), _continuation(prompt, column.answer)])
    return element("section", heading, body, class_=f"next-words-column {column.place}")


def _word(word: str, share: float) -> tuple[Markup, Markup, Markup]:
    bar = element("span", element("i", style=f"width: {100 * share:.1f}%"), class_="bar", aria_hidden="true")
    return (
        element("span", word_title(word), translate="no" if word.strip() else None, class_="word"),
        bar,
        element("span", percent(share), class_="share"),
    )


def _continuation(prompt: str, answer: NextWords) -> Markup:
    sampled = element("span", answer.continuation[:CONTINUATION_CHARACTERS], class_="sampled")
    return element(
        "p", element("span", prompt.strip(), class_="given"), " ", sampled, class_="continuation", translate="no"
    )


def word_title(word: str) -> str:
    """A word as it is shown: without the space before it, and visible where it is nothing but white space."""
    bare = word.strip()
    return bare or _SIGNS.get(word.strip(" "), "␣ space")
