"""Every kind of evidence has a reader, a drawing, a sentence and JSON; what isn't there is left out."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tlvsft.comparison.evidence import READERS, describe_evidence, read_evidence
from tlvsft.config import ComparisonConfig
from tlvsft.report.evidence import DRAWINGS, NOT_DRAWN, Drawing, draw_evidence
from tlvsft.report.markup import Markup, element
from tlvsft.runs.store import Store

RecordComparison = Callable[..., str]
ANSWERS = {("left", 0): [True, False, True, False, True], ("right", 0): [True, True, False, False, True]}
DOCS = Path(__file__).parents[4] / "docs" / "evidence.md"


def test_each_kind_is_read_and_documented() -> None:
    headings = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert set(READERS) <= set(DRAWINGS)
    for name in DRAWINGS:
        assert any(f"`{name}`" in heading for heading in headings), name


def test_each_kind_has_a_sentence_a_figure_and_json(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    evidence = read_evidence(store, record_comparison(digits_config, ANSWERS))
    assert "frozen" in evidence
    described = describe_evidence(evidence)
    assert json.loads(json.dumps(described, allow_nan=False)).keys() == evidence.keys()
    parts = draw_evidence(evidence, opened=True)
    assert len(parts) == len(evidence)
    for (name, found), part in zip(evidence.items(), parts, strict=True):
        assert found.sentence
        assert not found.sentence.endswith("..")
        assert f'id="evidence-{name}"' in part
        assert "<details" in part
        assert " open" in part.split(">", 1)[0]
        assert all(not (isinstance(value, float) and math.isnan(value)) for value in found.to_dict().values())


def test_a_comparison_that_is_not_finished_has_none(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    assert read_evidence(store, record_comparison(digits_config, {("left", 0): [True]})) == {}


def test_what_was_pruned_is_left_out(
    store: Store,
    digits_config: ComparisonConfig,
    record_comparison: RecordComparison,
) -> None:
    comparison_id = record_comparison(digits_config, ANSWERS)
    for run in store.comparison(comparison_id).runs:
        for file in store.run_folder(run.id).glob("*.npz"):
            file.write_bytes(b"damaged")
    assert "frozen" in read_evidence(store, comparison_id)


@pytest.mark.parametrize("opened", [True, False])
def test_parts_are_open_on_paper_only(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison, *, opened: bool
) -> None:
    parts = draw_evidence(read_evidence(store, record_comparison(digits_config, ANSWERS)), opened=opened)
    assert all(part.startswith("<details open") is opened for part in parts)


def test_a_figure_that_can_not_be_drawn_hides_no_other(
    store: Store,
    digits_config: ComparisonConfig,
    record_comparison: RecordComparison,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def breaks(_: object) -> Markup:
        raise OverflowError("cannot convert float infinity to integer")

    evidence = read_evidence(store, record_comparison(digits_config, ANSWERS))
    monkeypatch.setitem(DRAWINGS, "cost", Drawing(title="What did it cost?", draw=breaks))
    parts = dict(zip(evidence, draw_evidence(evidence, opened=True), strict=True))
    assert [name for name, part in parts.items() if element("p", NOT_DRAWN, class_="empty") in part] == ["cost"]
    assert "float infinity" in caplog.text
