"""While both learn: their answers to the same few validation examples, new at each evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlvsft.config import SIDES, Side
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.answer_cards import CARDS, Card, Said, card_html, empty_card_html, panel_classes, say
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.texts import class_title, predicts_words, side_names

HEADING = "Same examples, both answers"
_TO_COME = (
    "While both learn, their answers to a few validation examples stand here, new at each validation; "
    "at the end, to all test examples, with filters for where they disagree."
)


def first_seed(comparison: ComparisonRecord, progress: Mapping[str, RunProgress]) -> dict[Side, RunProgress]:
    """Where both runs of the first seed stand: theirs are the answers that are shown."""
    return {side: progress[comparison.run(side).id] for side in SIDES}


def sample_html(
    comparison: ComparisonRecord | None, progress: Mapping[str, RunProgress], *, explains: bool = False
) -> Markup:
    """The panel while there are no test answers: cards with the newest answers, or places for them.

    Args:
        comparison: The one on the screen.
        progress: Where its runs stand.
        explains: Whether both have left weights, so that they can be asked why.
    """
    runs = {} if comparison is None else first_seed(comparison, progress)
    sample = next((run.sample for run in runs.values() if run.sample), ())
    heading = element("h2", HEADING)
    if comparison is None or not sample:
        places = [empty_card_html() for _ in range(CARDS)]
        told = element("div", element("p", _TO_COME, class_="empty"), class_="answers-told")
        listing = element("ol", *places, class_="answer-list")
        return element("section", heading, told, listing, _foot(""), class_="card answers")
    said = {side: read_said(runs[side]) for side in SIDES}
    classes = _class_names(runs)
    names = side_names(comparison.config)
    cards = [
        Card(
            kind="validation", index=number, truth=class_title(classes[example.label]), text=example.text,
            image=example.image, said={side: said[side][number] for side in SIDES if said[side]},
        )
        for number, example in enumerate(sample)
    ]  # fmt: skip
    told = element("div", element("p", describe_sample(comparison, runs), class_="sample-words"), class_="answers-told")
    places = [empty_card_html() for _ in range(CARDS - len(cards))]
    listing = element(
        "ol", *[card_html(card, names, explains=explains) for card in cards], *places, class_="answer-list"
    )
    style = panel_classes(comparison.config, "answers")
    foot = _foot(_source(comparison))
    return element("section", heading, told, listing, foot, class_=style, data_sample=comparison.id)


def read_said(run: RunProgress) -> list[Said]:
    """A run's newest answers, in words; none before its first evaluation."""
    if run.answered is None or run.started is None:
        return []
    pairs = zip(run.answered.answers, run.sample, strict=True)
    return [say(answer.probability, answer.predicted, shown.label, run.started.class_names) for answer, shown in pairs]


def sample_news(comparison: ComparisonRecord, progress: Mapping[str, RunProgress]) -> dict[str, Any] | None:
    """What the poll tells of it: each side's answers as `[class, confidence, right or wrong]`, and the sentence."""
    if predicts_words(comparison.config) or comparison.is_finished:
        return None
    runs = first_seed(comparison, progress)
    if all(run.answered is None for run in runs.values()):
        return None
    rows = {side: [[said.title, said.confidence, said.word] for said in read_said(runs[side])] for side in SIDES}
    return {"rows": rows, "words": describe_sample(comparison, runs)}


def describe_sample(comparison: ComparisonRecord, runs: Mapping[Side, RunProgress]) -> str:
    """How many of the examples each has right, after how many steps."""
    names = side_names(comparison.config)
    parts = []
    for side in SIDES:
        said, answered = read_said(runs[side]), runs[side].answered
        if answered is None:
            parts.append(f"{names[side]} has not answered yet")
            continue
        right = sum(answer.is_right for answer in said)
        parts.append(f"{names[side]} has {right} of {len(said)} right after {answered.step:,} steps")
    return "; ".join(parts) + "."


def _class_names(runs: Mapping[Side, RunProgress]) -> tuple[str, ...]:
    return next(run.started.class_names for run in runs.values() if run.started is not None and run.sample)


def _source(comparison: ComparisonRecord) -> str:
    config = comparison.config
    shown = f"Validation examples, drawn by seed {config.seed}, the same for both"
    if comparison.is_over:
        return f"{shown}; the last answers before it ended. The test examples stay unused."
    return f"{shown}; updated at each validation. The test examples take their place at the end."


def _foot(words: str) -> Markup:
    """As high as the foot of the panel that will take this one's place."""
    pager, summary = element("div", class_="pager"), element("p", words, class_="facts answers-summary")
    return join([pager, summary])
