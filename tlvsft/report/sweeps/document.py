"""A sweep as one HTML file: no script, no remote asset, light and dark, and fit to be printed."""

from __future__ import annotations

from datetime import datetime

from tlvsft import __version__
from tlvsft.report.document import html_page
from tlvsft.report.markup import Markup, element
from tlvsft.report.sweeps import TITLES, sweep_drawing, sweep_reading
from tlvsft.report.sweeps.line import sweep_command_line
from tlvsft.report.sweeps.words import about_sweep, done_words
from tlvsft.report.versions import library_versions, machine_words
from tlvsft.report.words import dataset_title
from tlvsft.sweeps import SweepResults


def sweep_html(results: SweepResults) -> str:
    """The report of a sweep as far as it is."""
    config, progress = results.config, results.progress
    data = dataset_title(config.dataset.name)
    title = f"{TITLES[config.kind]}: {data}"
    when = datetime.fromtimestamp(progress.created_at).astimezone()
    begun = element("time", when.strftime("%d %B %Y, %H:%M %Z"), datetime=when.isoformat())
    parts = [
        element(
            "header",
            element("h1", title),
            element("p", begun, class_="facts"),
            element(
                "p", "The same pretrained model, ", element("b", config.backbone), ", on the same data, ",
                element("b", data), f", trained again and again: {about_sweep(config)}; {done_words(progress)}. "
                "What counts is the accuracy on a test split, used once in each run, at its end.",
            ),
        ),
        element("section", element("h2", "What it shows"), element("p", sweep_reading(results), class_="verdict")),
        element("section", element("h2", TITLES[config.kind]), sweep_drawing(results, opened=True)),
        element(
            "section", element("h2", "The same again"),
            element("pre", element("code", sweep_command_line(config))),
        ),
        _foot(results),
    ]  # fmt: skip
    return html_page(title, parts)


def _foot(results: SweepResults) -> Markup:
    versions = ", ".join(f"{name} {number}" for name, number in library_versions().items())
    return element(
        "footer",
        element("p", f"Sweep {results.progress.sweep_id}."),
        element("p", f"This report was written by tlvsft {__version__} on {machine_words()}, with {versions}."),
    )
