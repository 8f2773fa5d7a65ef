"""A comparison as one HTML file: no script, no remote asset, light and dark, and fit to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tlvsft import __version__
from tlvsft.catalog.paths import ASSETS
from tlvsft.comparison import PairedPrediction
from tlvsft.comparison.command_line import command_line
from tlvsft.comparison.decisions import describe_decision
from tlvsft.comparison.figures import percent
from tlvsft.comparison.movements import describe_moves
from tlvsft.config import SIDES
from tlvsft.report.charts import Line, line_chart
from tlvsft.report.contents import Story, read_story
from tlvsft.report.evidence import CAUTION, draw_evidence
from tlvsft.report.gathering import gather_evidence
from tlvsft.report.markup import Markup, element
from tlvsft.report.origins import Origin, backbone_origin, data_origin, licence_words
from tlvsft.report.styles import FIGURE_STYLES
from tlvsft.report.tables import (
    agreement_table,
    class_table,
    config_table,
    curve_table,
    differences_table,
    moves_table,
    outcome_table,
    side_heads,
    table,
)
from tlvsft.report.versions import library_versions, machine_words
from tlvsft.report.words import comparison_title, count_words, data_title, seed_words, side_titles

if TYPE_CHECKING:
    from tlvsft.runs.store import Store

STYLES = [ASSETS / "css" / "report.css", *FIGURE_STYLES]
SHOWN_DISAGREEMENTS = 24
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Even if a text could become markup, a browser would run and fetch nothing."""
_WINNERS = {"left": "The left side wins.", "right": "The right side wins.", "tie": "Too close to call."}


def report_html(store: Store, comparison_id: str) -> str:
    """The report of a comparison that is over; one that was stopped gives what there is.

    Raises:
        InvalidInput: There is no such comparison.
    """
    story = read_story(store, comparison_id)
    title = f"{comparison_title(story.config)}: {' against '.join(side_titles(story.config).values())}"
    return html_page(title, [part for part in _sections(store, story, title) if part is not None])


def html_page(title: str, parts: Sequence[Markup]) -> str:
    """A whole file: its styles are in it, and a policy that lets nothing else in."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Markup("\n".join(sheet.read_text(encoding="utf-8") for sheet in STYLES))),
    )
    body = element("body", element("main", *parts))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _sections(store: Store, story: Story, title: str) -> list[Markup | None]:
    return [
        _heading(story, title),
        _verdict(story),
        _section("Outcome", outcome_table(story)),
        _curves(story),
        _section("What differs", differences_table(story)),
        _evidence(store, story),
        _moves(story),
        _predictions(story),
        _disagreements(story),
        _setup(story),
        _origins(story),
        _foot(story),
    ]


def _section(heading: str, *parts: Markup | None) -> Markup:
    return element("section", element("h2", heading), *parts)


def _evidence(store: Store, story: Story) -> Markup | None:
    """What stands beside the verdict; a comparison that didn't finish has none."""
    found = gather_evidence(store, story.comparison.id)
    return _section("Evidence", element("p", CAUTION), *draw_evidence(found, opened=True)) if found else None


def _heading(story: Story, title: str) -> Markup:
    config = story.config
    when = datetime.fromtimestamp(story.comparison.created_at).astimezone()
    left, right = side_heads(story)
    what = "perplexity of the words" if story.predicts_words else "accuracy"
    noise = f" {percent(config.label_noise)} of the labels were made wrong on purpose." if config.label_noise else ""
    fair = "Both saw the same examples in the same order."
    return element(
        "header",
        element("h1", title),
        element("p", element("time", when.strftime("%d %B %Y, %H:%M %Z"), datetime=when.isoformat()), class_="facts"),
        element(
            "p",
            "Two ways of adapting the same pretrained model, ", element("b", config.backbone), ", to the same data, ",
            element("b", data_title(config)), f" ({count_words(config)}, {seed_words(config)}): left ", left,
            ", right ", right, f". {fair} What counts is the {what} on a test split, used once, at the end.{noise}",
        ),
    )  # fmt: skip


def _verdict(story: Story) -> Markup:
    verdict = story.verdict
    if verdict is None:
        return _section("Verdict", element("p", story.why_no_verdict, class_="verdict"))
    figures, sources = describe_decision(verdict)
    return _section(
        "Verdict",
        element("p", element("b", _WINNERS[verdict.winner], class_=verdict.winner), class_="winner"),
        element("p", verdict.statement, class_="verdict"),
        element("h3", "How this was decided"),
        element("p", figures, class_="facts"),
        element("p", sources, class_="facts"),
    )


def _curves(story: Story) -> Markup:
    loss = line_chart(
        _lines(story, "loss"), title="Loss over steps", y_title="loss", from_zero=not story.predicts_words
    )
    score_title = "validation perplexity" if story.predicts_words else "validation accuracy"
    score = line_chart(
        _lines(story, "score"),
        title=f"{score_title.capitalize()} over steps",
        y_title=score_title,
        per_cent=not story.predicts_words,
        from_zero=False,
    )
    left, right = side_heads(story)
    key = element(
        "p", left, " · ", right, " · line with marks: validation · dashed: training, mean since the point before",
        class_="facts",
    )  # fmt: skip
    several = " Each seed has a line of its own." if story.config.seeds > 1 else ""
    note = element("p", f"The tables below have the very numbers of the curves.{several}", class_="facts")
    figures = element("div", element("figure", loss), element("figure", score), class_="figures")
    return _section("Curves", key, figures, note, *[curve_table(story, seed) for seed in story.config.all_seeds()])


def _lines(story: Story, what: str) -> list[Line]:
    lines = []
    for (side, _), run in story.runs.items():
        if what == "loss":
            trained = [(point.step, point.train_loss) for point in run.points if point.train_loss is not None]
            lines.append(Line(side=side, points=trained, style="faint"))
            lines.append(Line(side=side, points=[(point.step, point.val_loss) for point in run.points], style="bold"))
        else:
            scored = [(point.step, point.score) for point in run.points if point.score is not None]
            lines.append(Line(side=side, points=scored, style="bold"))
    return lines


def _moves(story: Story) -> Markup | None:
    moves = moves_table(story)
    if moves is None:
        return None
    moved = {side: story.runs[side, story.config.seed].moved for side in SIDES}
    words = describe_moves(story.names, {side: found.movements if found else () for side, found in moved.items()})
    return _section("What moved", element("p", words), moves)


def _predictions(story: Story) -> Markup | None:
    if story.agreement is None:
        return None
    seed = f" Both models are those of seed {story.config.seed}." if story.config.seeds > 1 else ""
    note = element("p", f"How both answer the same test examples.{seed}", class_="facts")
    return _section("Predictions", note, agreement_table(story, story.agreement), class_table(story))


def _disagreements(story: Story) -> Markup | None:
    """Test examples of which exactly one side is right, or on which they are wrong in different ways."""
    rows = [row for row in story.predictions if row.left_probabilities.argmax() != row.right_probabilities.argmax()]
    if not story.predictions:
        return None
    if not rows:
        return _section("Where they disagree", element("p", "On no example that was kept for display."))
    shown = rows[:SHOWN_DISAGREEMENTS]
    cells = [[f"{row.index + 1:,}", _content(row), *_answers(story, row)] for row in shown]
    count = f"{len(shown)} of {len(rows):,} examples" if len(rows) > len(shown) else f"All {len(rows):,} examples"
    caption = (
        f"{count} of which the two say different things, out of {len(story.predictions):,} that are kept for display"
    )
    return _section(
        "Where they disagree",
        table(["example", "", "true class", *side_heads(story)], cells, caption=caption, class_="wide"),
    )


def _content(row: PairedPrediction) -> Markup:
    if row.example.image is not None and row.example.image.startswith("data:image/png;base64,"):
        return element("img", src=row.example.image, alt=f"Test example {row.index + 1}", class_="example")
    return element("span", row.example.text or "")


def _answers(story: Story, row: PairedPrediction) -> list[Markup | str]:
    answers: list[Markup | str] = [_class_name(story, row.true_label)]
    for probabilities in (row.left_probabilities, row.right_probabilities):
        number = int(probabilities.argmax())
        sign = "✓ " if number == row.true_label else "✗ "
        answers.append(f"{sign}{_class_name(story, number)} ({percent(float(probabilities[number]))})")
    return answers


def _class_name(story: Story, number: int) -> str:
    return story.class_names[number] if number < len(story.class_names) else str(number)


def _setup(story: Story) -> Markup:
    return _section(
        "Setup",
        config_table(story),
        element("p", "The same on the command line:"),
        element("pre", element("code", command_line(story.config))),
    )


def _origins(story: Story) -> Markup:
    sources = [
        _origin("Backbone", backbone_origin(story.config.backbone)),
        _origin("Data", data_origin(story.config.dataset.name)),
    ]
    notes = [element("li", note) for note in story.notes()]
    return _section(
        "Sources and notes",
        element("ul", *sources),
        element("p", "What the runs noted:") if notes else None,
        element("ul", *notes) if notes else None,
    )


def _origin(what: str, origin: Origin) -> Markup:
    return element("li", element("b", f"{what}: {origin.name}. "), f"{origin.words} {licence_words(origin)}")


def _foot(story: Story) -> Markup:
    versions = ", ".join(f"{name} {number}" for name, number in library_versions().items())
    computed = next(
        (note for note in story.notes() if note.startswith("Computed in ")), "Computed in float32 on the CPU."
    )
    return element(
        "footer",
        element("p", f"Comparison {story.comparison.id}. {computed}"),
        element("p", f"This report was written by tlvsft {__version__} on {machine_words()}, with {versions}."),
    )
