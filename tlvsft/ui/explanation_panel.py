"""What carried both decisions: words and what leaving them out does, places and what covering them does."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence

from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.runs.inference import Explanation, PictureExplanation, TextExplanation, WordDrop
from tlvsft.ui.answer_cards import panel_classes
from tlvsft.ui.markup import Markup, element
from tlvsft.ui.sources import external_link
from tlvsft.ui.texts import class_title, side_names

FAINTEST = 0.005
"""A smaller change of a probability is nothing to show."""
_LEVELS = 4
_FULL_SCALE = 0.1
"""A change that is drawn thickest, unless another one is larger."""
_WITH_TAB_STOP = 8
_NAMED = 3
_HEADING = "What carried the decision"
_TO_COME = (
    "Why? at an example, or at the answers to your own, shows here which words, or which places of a picture, "
    "each variant's decision rests on."
)
_ROWS, _COLUMNS = ("upper", "middle", "lower"), ("left", "centre", "right")
_ZEILER = ("Zeiler & Fergus 2014", "https://arxiv.org/abs/1311.2901")
_LI = ("Li et al. 2016", "https://arxiv.org/abs/1612.08220")


def explanation_html(
    config: ComparisonConfig | None,
    explanations: Mapping[Side, Explanation],
    *,
    about: str = "",
    stamp: int = 0,
    complaint: str = "",
) -> Markup:
    """Both explanations side by side.

    Args:
        config: Of the comparison; `None` while nothing was asked.
        explanations: One for each side.
        about: What was decided about, in words.
        stamp: Makes an answer another one than the last, though it says the same.
        complaint: Why there is none.
    """
    heading = element("h2", _HEADING, tabindex="-1")
    busy = element("p", "Leaving things out, one at a time…", class_="busy facts", aria_hidden="true")
    if complaint or config is None:
        told = element("p", complaint or _TO_COME, class_="empty", role="alert" if complaint else None)
        return element("section", heading, told, busy, class_="card why", data_stamp=stamp)
    names = side_names(config)
    columns = [_column(side, names[side], explanations[side], scale=_scale(explanations)) for side in SIDES]
    note = _note(explanations["left"])
    both = element("div", *columns, class_="why-both")
    return element(
        "section", heading, element("p", about, class_="facts"), both, busy, note,
        class_=panel_classes(config, "why"), data_stamp=stamp,
    )  # fmt: skip


def describe_words(name: str, explained: TextExplanation) -> str:
    """Which words carried a decision most, in one sentence."""
    said = f"{name} says {class_title(explained.class_names[explained.predicted])} ({explained.probability:.2f})"
    strongest = max((abs(word.drop) for word in explained.words), default=0.0)
    if strongest < FAINTEST:
        return f"{said}, whichever word is left out: no single one moves that by more than {FAINTEST:.3f}."
    needed = _listed(explained, sorted(explained.words, key=lambda word: -word.drop), sign=1)
    against = _listed(explained, sorted(explained.words, key=lambda word: word.drop), sign=-1)
    parts = [f"it rests most on {needed}" if needed else "it rests on no single word"]
    parts += [f"most against it: {against}"] if against else []
    return f"{said}; {'; '.join(parts)}."


def describe_places(name: str, explained: PictureExplanation) -> str:
    """Which place of a picture carried a decision most, in one sentence."""
    said = f"{name} says {class_title(explained.class_names[explained.predicted])} ({explained.probability:.2f})"
    drop = max(max(row) for row in explained.drops)
    if drop < FAINTEST:
        return f"{said}, whichever place is covered: no single patch lowers that by more than {FAINTEST:.3f}."
    rest = max(0.0, explained.probability - drop)
    return f"{said}; covering a patch in {strongest_place(explained.drops)} lowers that most, to {rest:.2f}."


def strongest_place(drops: Sequence[Sequence[float]]) -> str:
    """Where covering lowers the probability most: `the upper left`, `the centre`."""
    _, row, column = max((drop, row, column) for row, line in enumerate(drops) for column, drop in enumerate(line))
    vertical = _ROWS[min(2, 3 * row // len(drops))]
    horizontal = _COLUMNS[min(2, 3 * column // len(drops[0]))]
    return "the centre" if (vertical, horizontal) == ("middle", "centre") else f"the {vertical} {horizontal}"


def _column(side: Side, name: str, explained: Explanation, *, scale: float) -> Markup:
    if isinstance(explained, TextExplanation):
        sentence = describe_words(name, explained)
        shown = element("p", *_marked(explained, scale), class_="marked-text", translate="no")
    else:
        sentence = describe_places(name, explained)
        shown = _picture(name, explained)
    title = element("h3", element("span", class_="dot", aria_hidden="true"), name)
    return element("div", title, shown, element("p", sentence, class_="why-words"), class_=f"why-column {side}")


def _marked(explained: TextExplanation, scale: float) -> list[Markup | str]:
    """The text, its words underlined: solid for what the decision needs, dashed for what spoke against it."""
    ranked = sorted(explained.words, key=lambda word: -abs(word.drop))
    focusable = {word.start for word in ranked[:_WITH_TAB_STOP]}
    pieces: list[Markup | str] = []
    at = 0
    for word in explained.words:
        pieces.append(explained.text[at : word.start])
        shown = explained.text[word.start : word.end]
        at = word.end
        if abs(word.drop) < FAINTEST:
            pieces.append(shown)
            continue
        level = min(_LEVELS, 1 + int(_LEVELS * abs(word.drop) / scale))
        without = f"without it {explained.probability - word.drop:.2f} ({_signed(-word.drop)})"
        pieces.append(
            element(
                "mark", shown, class_=f"word {'for' if word.drop > 0 else 'against'} level-{level}", data_drop=without,
                title=without, tabindex=0 if word.start in focusable else None,
            )
        )  # fmt: skip
    return [*pieces, explained.text[at:]]


def _picture(name: str, explained: PictureExplanation) -> Markup:
    shown = element("img", src=explained.picture, alt="", class_="example-image")
    mask = f"-webkit-mask-image: url({explained.heat}); mask-image: url({explained.heat})"
    heat = element("span", class_="heat", style=mask)
    where = strongest_place(explained.drops)
    drop = max(max(row) for row in explained.drops)
    words = f"strongest in {where}" if drop >= FAINTEST else "no place stands out"
    alone = element("img", src=explained.picture, alt="The picture as the models see it", class_="example-image")
    both = element("span", shown, heat, class_="overlay", role="img", aria_label=f"What {name} rests on: {words}")
    return element("div", alone, both, class_="pictures")


def _note(explained: Explanation) -> Markup:
    """How the explanation was made, from where, and what it can't tell."""
    if isinstance(explained, TextExplanation):
        method = "Each word was left out, once. Solid underline: the decision needs it; dashed: it speaks against it. "
        sources = ["Occlusion: ", external_link(*_ZEILER), "; erasure: ", external_link(*_LI), ". Words"]
        left = f" Of {explained.total_words:,} words the first {len(explained.words):,} were tried."
        more = left if len(explained.words) < explained.total_words else ""
    else:
        method = "A patch in the picture's median colour was moved over it. The stronger the colour, the less probable "
        method += "the answer while that place is covered. "
        sources, more = ["Occlusion: ", external_link(*_ZEILER), ". Places"], ""
    limits = (
        f" that stand in for each other hide each other, and this explains the model's answer, not the world.{more}"
    )
    return element("p", method, *sources, limits, class_="facts")


def _listed(explained: TextExplanation, words: Sequence[WordDrop], *, sign: int) -> str:
    told = [word for word in words[:_NAMED] if sign * word.drop >= FAINTEST]
    return ", ".join(f"“{_bare(explained, word)}” ({_signed(-word.drop)} without it)" for word in told)


def _bare(explained: TextExplanation, word: WordDrop) -> str:
    shown = explained.text[word.start : word.end]
    return shown.strip(string.punctuation + "“”‘’…—") or shown


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{abs(value):.2f}"


def _scale(explanations: Mapping[Side, Explanation]) -> float:
    """The change that is drawn thickest: the same for both sides."""
    drops = [abs(word.drop) for one in explanations.values() if isinstance(one, TextExplanation) for word in one.words]
    return max([_FULL_SCALE, *drops])
