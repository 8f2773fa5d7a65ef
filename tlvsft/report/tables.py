"""The report's tables: outcome, curves in numbers, differences, what moved, predictions, configuration."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from tlvsft.catalog.methods import get_method
from tlvsft.comparison import block_title, describe_differences
from tlvsft.comparison.figures import MISSING, operations, percent, perplexity, seconds, size
from tlvsft.comparison.movements import norm_words, share_words
from tlvsft.config import SIDES, Side
from tlvsft.report.contents import Agreement, Point, RunStory, Story
from tlvsft.report.markup import Child, Markup, element, join
from tlvsft.report.words import decimal, side_titles

if TYPE_CHECKING:
    from tlvsft.events import BlockMovement, RunFinished

MOST_CLASSES = 60
_SIGNS = {"held": "✓ ", "failed": "≠ ", None: ""}


def table(head: Sequence[Child], rows: Sequence[Sequence[Child]], *, caption: str, class_: str = "") -> Markup:
    """A table whose first column names the rows; what has no heading gets an empty cell, which nobody announces."""
    heads = [element("th", cell, scope="col") if cell else element("td") for cell in head]
    body = [
        element("tr", element("th", cells[0], scope="row"), *[element("td", cell) for cell in cells[1:]])
        for cells in rows
    ]
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *heads)),
            element("tbody", *body),
            class_=class_ or None,
        ),
        class_="scroll",
        role="region",
        aria_label=caption,
        tabindex="0",
    )


def side_heads(story: Story) -> list[Markup]:
    """Both sides' names with their marks."""
    titles = side_titles(story.config)
    return [element("span", sign_of(side), titles[side], class_=side) for side in SIDES]


def sign_of(side: Side) -> Markup:
    """The mark of a side's curves."""
    return element("span", "● " if side == "left" else "◆ ", aria_hidden="true")


def outcome_table(story: Story) -> Markup:
    """What the tests found, and what it took."""
    rows = _word_rows(story) if story.predicts_words else _class_rows(story)
    rows += [
        _row(story, "Time in all", lambda finish: finish.cost_s, seconds),
        _row(story, "Time of training alone", lambda finish: finish.train_s, seconds),
        _row(story, "FLOPs of training", lambda finish: finish.train_flops, operations),
        _row(story, "Peak memory", lambda finish: finish.peak_memory_bytes, size),
        _row(story, "Steps", lambda finish: finish.steps, lambda value: f"{value:,.0f}"),
        ["Trained parameters", *[_parameters(story.side(side)) for side in SIDES]],
        ["Frozen weights intact", *[_intact(story.finishes(side)) for side in SIDES]],
        ["State", *[", ".join(dict.fromkeys(run.record.state for run in story.side(side))) for side in SIDES]],
    ]
    means = f"Means over {story.config.seeds} seeds; in brackets each seed" if story.config.seeds > 1 else "The outcome"
    return table(["", *side_heads(story)], rows, caption=means)


def _class_rows(story: Story) -> list[list[Child]]:
    return [
        _row(story, "Test accuracy", lambda finish: finish.test_accuracy, percent),
        _row(story, "Macro-F1", lambda finish: finish.test_macro_f1, decimal),
    ]


def _word_rows(story: Story) -> list[list[Child]]:
    return [
        _row(story, "Perplexity on the test texts", lambda finish: finish.perplexity, perplexity),
        _row(story, "… of the untouched model", lambda finish: finish.perplexity_before, perplexity),
        _row(story, "Perplexity on general English", lambda finish: finish.source_perplexity_after, perplexity),
        _row(story, "… of the untouched model", lambda finish: finish.source_perplexity_before, perplexity),
    ]


def _row(
    story: Story, name: str, read: Callable[[RunFinished], float | None], write: Callable[[float], str]
) -> list[Child]:
    return [name, *[_mean(story.finishes(side), read, write) for side in SIDES]]


def _mean(
    finishes: Sequence[RunFinished], read: Callable[[RunFinished], float | None], write: Callable[[float], str]
) -> str:
    values = [value for finish in finishes if (value := read(finish)) is not None]
    if not values:
        return MISSING
    each = f" ({', '.join(map(write, values))})" if len(values) > 1 else ""
    return write(fmean(values)) + each


def _parameters(runs: Sequence[RunStory]) -> str:
    started = next((run.started for run in runs if run.started), None)
    if started is None:
        return MISSING
    share = started.trainable_parameters / max(started.total_parameters, 1)
    return f"{started.trainable_parameters:,} of {started.total_parameters:,} ({share_words(share)})"


def _intact(finishes: Sequence[RunFinished]) -> str:
    intact = {finish.frozen_intact for finish in finishes}
    if not finishes:
        return MISSING
    if intact == {None}:
        return "nothing was frozen"
    drifted = max(finish.drifted_norms for finish in finishes)
    broken = f"no: {drifted} BatchNorm layers have other statistics" if drifted else "no"
    return broken if False in intact else "yes, bit for bit"


def curve_table(story: Story, seed: int) -> Markup:
    """The points of both charts, of one seed."""
    runs = {side: story.runs[side, seed] for side in SIDES}
    points: dict[Side, dict[int, Point]] = {side: {point.step: point for point in runs[side].points} for side in SIDES}
    steps = sorted({step for known in points.values() for step in known})
    rows = [
        [f"{step:,}", *[cell for side in SIDES for cell in _point_cells(story, points[side].get(step))]]
        for step in steps
    ]
    score = "perplexity" if story.predicts_words else "accuracy"
    titles = side_titles(story.config)
    heads = [f"{titles[side]}: {what}" for side in SIDES for what in ("training loss", "validation loss", score)]
    return table(["step", *heads], rows, caption=f"The curves of seed {seed} in numbers", class_="numbers")


def _point_cells(story: Story, point: Point | None) -> list[str]:
    if point is None:
        return [MISSING] * 3
    score = perplexity(point.score) if story.predicts_words else percent(point.score)
    return [decimal(point.train_loss), decimal(point.val_loss), score]


def differences_table(story: Story) -> Markup:
    """What people claim, beside what this comparison shows of it."""
    methods = {side: get_method(story.config.variant(side).method) for side in SIDES}
    rows: list[list[Child]] = []
    for row in describe_differences(methods, story.shown()):
        found = [element("li", _SIGNS[finding.claim], finding.text) for finding in row.evidence]
        evidence = element("ul", *found) if found else element("p", "Nothing was measured.", class_="facts")
        rows.append([row.title, row.claims["left"], row.claims["right"], evidence])
    heads = [
        join(
            [
                element("span", methods[side].popular_name, class_=side),
                element("small", side_titles(story.config)[side]),
            ]
        )
        for side in SIDES
    ]
    caption = "✓ borne out here, ≠ not borne out here; what has no sign is a plain fact"
    return table(["", *heads, "Evidence here"], rows, caption=caption, class_="wide")


def moves_table(story: Story) -> Markup | None:
    """How far each block has come from where the run began (first seed); nothing where that wasn't measured."""
    moves = {side: _moves(story, side) for side in SIDES}
    names = list(dict.fromkeys(name for side in SIDES for name in moves[side]))
    if not names:
        return None
    rows = [[block_title(name), *[_describe(moves[side].get(name)) for side in SIDES]] for name in names]
    caption = (
        "How far a block's weights are from where the run began, as a share of their length (L2) there; "
        "in brackets the norm of the last gradient"
    )
    return table(["block", *side_heads(story)], rows, caption=caption)


def _moves(story: Story, side: Side) -> dict[str, BlockMovement]:
    moved = story.runs[side, story.config.seed].moved
    return {} if moved is None else {block.name: block for block in moved.movements}


def _describe(block: BlockMovement | None) -> str:
    if block is None or block.weight_change is None:
        return MISSING
    drifted = "; BatchNorm statistics, too" if block.statistics_change else ""
    return f"{share_words(block.weight_change)} ({norm_words(block.gradient_norm)}){drifted}"


def agreement_table(story: Story, agreement: Agreement) -> Markup:
    """Both right, one of them, none."""
    titles, total = side_titles(story.config), max(agreement.examples, 1)
    counts = [
        ("both are right", agreement.both),
        (f"only {titles['left']} is right", agreement.only_left),
        (f"only {titles['right']} is right", agreement.only_right),
        ("both are wrong", agreement.neither),
    ]
    rows = [[words, f"{count:,}", percent(count / total)] for words, count in counts]
    return table(["", "test examples", "share"], rows, caption=f"All {agreement.examples:,} test examples")


def class_table(story: Story) -> Markup | None:
    """How many of each class each side gets right (first seed); nothing where there are too many classes."""
    matrices = [finish.confusion_matrix for side in SIDES for finish in story.finishes(side)[:1]]
    if len(matrices) < len(SIDES) or None in matrices or not 0 < len(story.class_names) <= MOST_CLASSES:
        return None
    left, right = matrices
    if left is None or right is None or len(left) != len(story.class_names) or len(right) != len(left):
        return None
    rows = [
        [name, f"{sum(left[number]):,}", _share(left[number], number), _share(right[number], number)]
        for number, name in enumerate(story.class_names)
    ]
    return table(["class", "test examples", *side_heads(story)], rows, caption="Of each class, the share that is right")


def _share(row: Sequence[int], number: int) -> str:
    total = sum(row)
    return percent(row[number] / total) if total else MISSING


def config_table(story: Story) -> Markup:
    """Every setting: those of both sides, then what they share."""
    config = story.config.to_dict()
    sides = {side: config.pop(side) for side in SIDES}
    rows: list[list[Child]] = [[name, *[_setting(sides[side][name]) for side in SIDES]] for name in sides["left"]]
    shared: list[list[Child]] = [[name, _setting(value)] for name, value in _flatten(config)]
    return join(
        [
            table(["", *side_heads(story)], rows, caption="Settings of each side; – is the method's own"),
            table(["", "both"], shared, caption="Settings of both; – is the default"),
        ]
    )


def _flatten(config: dict[str, object]) -> list[tuple[str, object]]:
    flat: list[tuple[str, object]] = []
    for name, value in config.items():
        if isinstance(value, dict):
            flat += [(f"{name}: {inner}", deeper) for inner, deeper in value.items()]
        else:
            flat.append((name, value))
    return flat


def _setting(value: object) -> str:
    return MISSING if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
