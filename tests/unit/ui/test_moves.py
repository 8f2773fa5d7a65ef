"""What moves and what differs, on the page: from events to panels, and no data becomes markup."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.ui.test_panels import NASTY, STARTED
from tlvsft.config import SIDES, ComparisonConfig, VariantConfig
from tlvsft.events import (
    BlockMovement,
    BlockSimilarity,
    BlocksMoved,
    Evaluated,
    RepresentationsCompared,
    RunFinished,
    StepTaken,
)
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.records import ComparisonRecord
from tlvsft.runs.store import Store
from tlvsft.ui.differences_panel import differences_html
from tlvsft.ui.evidence import gather_evidence
from tlvsft.ui.feed import Feed, RunProgress
from tlvsft.ui.markup import Markup
from tlvsft.ui.moves_panel import EMPTY_SENTENCE, moves_value
from tlvsft.ui.news import describe_progress
from tlvsft.ui.services import Services

NAMES = ("embedding", *"0123", "head")


def moved(step: int, change: float) -> BlocksMoved:
    movements = tuple(
        BlockMovement(name=name, weight_change=0.5 if name == "head" else change, gradient_norm=float("inf"))
        for name in NAMES
    )
    return BlocksMoved(step=step, epoch=0.5, elapsed_s=1.25, examples=8 * step, movements=movements)


def finished(accuracy: float) -> RunFinished:
    return RunFinished(
        steps=40, frozen_intact=None, test_accuracy=accuracy, test_macro_f1=0.5, elapsed_s=2.5, train_s=1.0,
        examples_per_s=500.0, peak_memory_bytes=2**28,
    )  # fmt: skip


def record(store: Store, config: ComparisonConfig, *, finish: bool = True, owner: str | None = None) -> str:
    """A comparison whose left side moved only its head."""
    comparison_id = store.add_comparison(config, owner=owner)
    for run in store.comparison(comparison_id).runs:
        store.begin_run(run.id, ProcessIdentity.own())
        change = 0.0 if run.side == "left" else 0.041
        step = StepTaken(step=1, epoch=0.5, elapsed_s=1.0, train_loss=2.0, examples=8)
        seen = Evaluated(step=1, epoch=0.5, elapsed_s=1.5, val_loss=0.5, val_accuracy=0.5, examples=8)
        store.append_events(run.id, [STARTED, step, moved(1, change), seen])
        if finish:
            store.end_run(run.id, "finished", event=finished(0.8 if run.side == "left" else 0.9))
    return comparison_id


def look(store: Store, comparison_id: str) -> tuple[ComparisonRecord, dict[str, RunProgress]]:
    comparison, feed = store.comparison(comparison_id), Feed(store)
    return comparison, {run.id: feed.progress(run.id) for run in comparison.runs}


def evidence_html(services: Services, comparison_id: str, *, owner: str | None = None, waiting: bool = False) -> Markup:
    comparison, progress = look(services.store, comparison_id)
    others = services.store.comparisons(owner=owner)
    return differences_html(gather_evidence(services, comparison, progress, others=others), waiting=waiting)


def test_moves_come_with_the_points_and_again_after_a_reload(store: Store, digits_config: ComparisonConfig) -> None:
    run = store.comparison(record(store, digits_config)).run("right").id
    fresh, known = Feed(store), Feed(store)
    known.progress(run)
    for feed in (fresh, known):
        assert feed.progress(run).moved == moved(1, 0.041)
        chunk = json.loads(feed.points(run, after=0))
        assert len(chunk["steps"]) == len(chunk["evaluations"]) == 1
        ((step, seconds, examples, blocks),) = chunk["moves"]
        assert (step, seconds, examples) == (1, 1.25, 8)
        assert list(blocks) == list(NAMES)
        assert (blocks["3"], blocks["head"]) == ([0.041, None], [0.5, None])
    assert json.loads(fresh.points(run, after=chunk["cursor"]))["moves"] == []


def test_similarities_come_with_the_points_and_have_their_sentence(
    store: Store, digits_config: ComparisonConfig
) -> None:
    comparison_id = record(store, digits_config, finish=False)
    run = store.comparison(comparison_id).run("right").id
    ckas = {"embedding": 1.0, "0": 0.9999999, "1": 0.9, "2": None, "3": 0.51234567}
    similarities = tuple(BlockSimilarity(name=name, cka=cka) for name, cka in ckas.items())
    feed = Feed(store)
    after = feed.progress(run).cursor
    event = RepresentationsCompared(step=1, epoch=0.5, elapsed_s=1.25, examples=8, similarities=similarities)
    store.append_events(run, [event])
    for known in (feed, Feed(store)):
        assert known.progress(run).compared == event
        chunk = json.loads(known.points(run, after=after))
        told = {"embedding": 1, "0": 0.999999, "1": 0.9, "2": None, "3": 0.512346}
        assert chunk["similarities"] == [[1, 1.25, 8, told]]
        assert chunk["moves"] == []
    sentence = "Full fine-tuning differs most from the pretrained backbone in block 3 (CKA 0.51)."
    assert describe_progress(*look(store, comparison_id))["likeness"] == sentence
    assert moves_value(*look(store, comparison_id))["likeness"] == sentence


def test_without_similarities_it_says_why(store: Store, digits_config: ComparisonConfig) -> None:
    running = describe_progress(*look(store, record(store, digits_config, finish=False)))
    assert "after the first validation" in str(running["likeness"])
    assert "from before representations" in moves_value(*look(store, record(store, digits_config)))["likeness"]


def test_the_panel_has_a_place_for_each_block_before_anything_moves(
    store: Store, digits_config: ComparisonConfig
) -> None:
    empty = moves_value(None, {})
    assert [block["name"] for block in empty["blocks"]] == list(NAMES)
    assert (empty["comparison"], empty["sentence"], empty["likeness"]) == ("", EMPTY_SENTENCE, EMPTY_SENTENCE)
    comparison, progress = look(store, store.add_comparison(digits_config, owner=None))
    planned = moves_value(comparison, progress)
    assert [block["left"]["words"] for block in planned["blocks"]] == [*["frozen"] * 5, "new"]
    assert [block["right"]["words"] for block in planned["blocks"]] == [*["trains"] * 5, "new"]


def test_an_unknown_backbone_has_panels_once_it_is_loaded(store: Store, digits_config: ComparisonConfig) -> None:
    config = replace(digits_config, backbone="/somewhere/else")
    comparison, progress = look(store, store.add_comparison(config, owner=None))
    assert moves_value(comparison, progress)["blocks"] == []
    assert len(moves_value(*look(store, record(store, config)))["blocks"]) == len(NAMES)


def test_the_sentence_comes_with_the_poll(store: Store, digits_config: ComparisonConfig) -> None:
    told = describe_progress(*look(store, record(store, digits_config, finish=False)))
    assert told["moves"] == "Full fine-tuning moved embedding most, by 4.1 %; linear probe moved only its head."
    waiting = describe_progress(*look(store, store.add_comparison(digits_config, owner=None)))
    assert waiting["moves"] == "What moves is known after the first step."


def test_runs_from_before_are_said_to_be(
    store: Store, finish_runs: Callable[..., None], digits_config: ComparisonConfig
) -> None:
    comparison_id = store.add_comparison(digits_config, owner=None)
    finish_runs(store, comparison_id, {(side, 0): [True, False] for side in SIDES})
    assert "from before" in moves_value(*look(store, comparison_id))["sentence"]


def test_claims_stand_alone_until_the_end(store: Store, services: Services, digits_config: ComparisonConfig) -> None:
    empty = differences_html(None)
    assert empty.count("<tr>") == 7
    assert empty.count('class="empty"') == 6
    assert "each claim gets its evidence" in empty
    on_its_way = evidence_html(services, record(store, digits_config, finish=False), waiting=True)
    assert on_its_way.count('class="empty"') == 6
    assert "when both have been tested" in on_its_way


def test_evidence_stands_beside_the_claims(store: Store, services: Services, digits_config: ComparisonConfig) -> None:
    html = evidence_html(services, record(store, digits_config))
    assert 'class="empty"' not in html
    assert "5 of 5 backbone blocks changed" in html
    assert re.search(r"Of \d claims that could be checked here, \d were borne out \(✓\) and \d were not \(≠\)\.", html)
    assert "Both minimise the same loss: cross-entropy over 2 classes" in html
    assert 'href="https://arxiv.org/abs/1810.04805"' in html


def test_other_numbers_of_labels_come_from_what_the_visitor_may_see(
    store: Store, services: Services, digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    mine = record(store, digits_config, owner="me")
    record(store, replace(digits_config, labels=20, seed=3), owner="me")
    record(store, replace(digits_config, labels=30), owner="somebody else")
    record(store, replace(digits_config, labels=40, right=VariantConfig(method="lora")), owner="me")
    html = evidence_html(services, mine, owner="me")
    assert re.findall(r"<li>(\d+) labels:", html) == ["20", str(digits_config.labels)]


def test_methods_on_the_screen_name_the_columns(
    store: Store, services: Services, digits_config: ComparisonConfig
) -> None:
    config = replace(digits_config, left=VariantConfig(method="partial"), right=VariantConfig(method="partial"))
    html = evidence_html(services, record(store, config))
    assert html.count("Partly frozen (left)") >= 1
    assert "the chosen blocks are frozen" in html


def test_no_name_becomes_markup(store: Store, services: Services, digits_config: ComparisonConfig) -> None:
    config = replace(digits_config, backbone=NASTY, dataset=replace(digits_config.dataset, name=NASTY))
    assert NASTY not in evidence_html(services, record(store, config))
