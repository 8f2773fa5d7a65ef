"""The report: one file that says everything, runs nothing, fetches nothing, and takes no text for markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.unit.language_runs import LANGUAGE_CONFIG, record_language_runs
from tlvsft.config import ComparisonConfig, DatasetConfig
from tlvsft.events import RunFailed
from tlvsft.report import report_html
from tlvsft.report.document import STYLES
from tlvsft.runs.artifacts import save_examples
from tlvsft.runs.records import Example
from tlvsft.runs.store import Store

RecordComparison = Callable[..., str]
ANSWERS = {("left", 0): [True, False, True, False, True], ("right", 0): [True, True, False, False, True]}
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


class Parts(HTMLParser):
    """The tags and the attributes of a page, and whether every tag is closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"meta", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parse(report: str) -> Parts:
    parts = Parts()
    parts.feed(report)
    assert parts.open == []
    return parts


def _styles() -> str:
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in STYLES)


def words_of(report: str) -> str:
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", report, flags=re.DOTALL).split())


def test_it_says_what_was_found(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    report = report_html(store, record_comparison(digits_config, ANSWERS))
    words = words_of(report)
    for said in ("Digits from 50 labels: Linear probe against Full fine-tuning", "Too close to call.", "60.0 %"):
        assert said in words
    for said in ("yes, bit for bit", "Only a drill.", "both are wrong 1 20.0 %", "95 % interval", "glyphs-resnet"):
        assert said in words
    for said in ("How this was decided Exact McNemar test: 5 test examples, one seed.", "Sources: McNemar 1947"):
        assert said in words
    for said in (
        "tlvsft compare --preset digits",
        "Licence: apache-2.0.",
        "Licence: CC BY 4.0.",
        "transformers",
        "1.500",
    ):
        assert said in words
    assert "All 2 examples of which the two say different things" in words


def test_nothing_in_it_runs_or_fetches_anything(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    report = report_html(store, record_comparison(digits_config, ANSWERS))
    parts = parse(report)
    assert not {"script", "link", "iframe", "object", "a"} & set(parts.tags)
    assert not [name for name, _ in parts.attributes if name.startswith("on")]
    assert not [
        value for name, value in parts.attributes if name in {"src", "href"} and not str(value).startswith("data:")
    ]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in parts.attributes
    assert not re.search(r"https?://|@import|url\(", _styles())


def test_texts_stay_texts(store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison) -> None:
    config = replace(digits_config, dataset=DatasetConfig(name=f"/data/{HOSTILE}", label_column=HOSTILE), preset=None)
    comparison_id = record_comparison(config, ANSWERS)
    folder = store.comparison_folder(comparison_id)
    shown = [
        Example(index=1, label=0, text=HOSTILE),
        Example(index=2, label=0, image=f'javascript:"{HOSTILE}'),
    ]
    save_examples(folder, shown, class_names=tuple("0123456789"))
    report = report_html(store, comparison_id)
    parts = parse(report)
    assert "script" not in parts.tags
    assert "img" not in parts.tags
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in report


def test_a_comparison_that_failed_gives_what_there_is(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    comparison_id = record_comparison(digits_config, {("left", 0): [True, False]})
    right = store.comparison(comparison_id).run("right")
    store.end_run(right.id, "failed", event=RunFailed(message="Out of memory."))
    words = words_of(report_html(store, comparison_id))
    assert "There is no verdict: a run was failed before both sides had been tested." in words
    assert "50.0 %" in words
    assert "Predictions" not in words


def test_several_seeds_are_means_with_each_seed_beside_them(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    answers = ANSWERS | {("left", 1): [True] * 5, ("right", 1): [False] * 5}
    report = report_html(store, record_comparison(replace(digits_config, seeds=2), answers))
    words = words_of(report)
    assert "80.0 % (60.0 %, 100.0 %)" in words
    assert "The curves of seed 1 in numbers" in words
    assert "Both models are those of seed 0." in words


def test_language_models_are_told_in_perplexities(store: Store) -> None:
    words = words_of(
        report_html(store, record_language_runs(store, LANGUAGE_CONFIG, {("left", 0): 70.0, ("right", 0): 68.0}))
    )
    assert "Perplexity on general English" in words
    assert "Where they disagree" not in words


def test_it_is_small(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison, tmp_path: Path
) -> None:
    report = report_html(store, record_comparison(digits_config, ANSWERS))
    assert len(report.encode()) < 60_000


@pytest.mark.parametrize("scheme", ["prefers-color-scheme: dark", "@media print"])
def test_it_is_made_for_the_dark_and_for_paper(scheme: str) -> None:
    assert scheme in _styles()
