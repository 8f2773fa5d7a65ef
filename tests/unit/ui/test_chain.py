"""The three tasks: which comparisons belong together, what each step says, and where we are."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.presets import PRESETS
from tlvsft.config import ComparisonConfig
from tlvsft.ui.chain import ChainProgress, find_chain, read_chain, read_pretraining
from tlvsft.ui.chain_panel import chain_html, where_we_are
from tlvsft.ui.chain_steps import steps_so_far
from tlvsft.ui.services import Services
from tlvsft.ui.visitor import Visitor

ME, YOU = "m" * 32, "y" * 32
CONFIGS = [PRESETS[name].comparison_config() for name in ("adapt-to-book-reviews", "three-tasks")]
Train = Callable[..., None]


@pytest.fixture
def chain(services: Services) -> tuple[str, ...]:
    return services.queue.submit_chain(CONFIGS, owner=ME)


def read(services: Services, viewing: str = "") -> ChainProgress:
    found = read_chain(services, Visitor(owner=ME, viewing=viewing))
    assert found is not None
    return found


def states(services: Services) -> list[str]:
    return [step.state for step in steps_so_far(read(services))]


def finish_last(services: Services, finish_runs: Callable[..., None], comparison_id: str) -> None:
    answers = {("left", 0): [True, False] * 20, ("right", 0): [True, True] * 20}
    finish_runs(services.store, comparison_id, answers)


def test_both_of_its_comparisons_lead_to_the_chain(services: Services, chain: tuple[str, ...]) -> None:
    for viewing in (*chain, ""):
        found = find_chain(services.store, Visitor(owner=ME, viewing=viewing))
        assert found is not None
        assert (found.ids, found.adapted, found.detour) == (chain, "left", "right")
    assert find_chain(services.store, Visitor(owner=YOU, viewing=chain[1])) is None


def test_the_viewed_chain_goes_before_the_newest(services: Services, chain: tuple[str, ...]) -> None:
    newer = services.queue.submit_chain(CONFIGS, owner=ME)
    assert read(services).chain.ids == newer
    assert read(services, viewing=chain[0]).chain.ids == chain


def test_other_comparisons_are_no_chain(services: Services, words_config: ComparisonConfig) -> None:
    services.queue.submit(words_config, owner=ME)
    services.queue.submit(PRESETS["book-reviews"].comparison_config(), owner=ME)
    assert read_chain(services, Visitor(owner=ME)) is None


def test_where_we_are(
    services: Services, chain: tuple[str, ...], train_words: Train, finish_runs: Callable[..., None]
) -> None:
    assert states(services) == ["done", "waiting", "waiting"]
    assert where_we_are(steps_so_far(read(services))) == "Waiting for step 2 of 3 to start."
    train_words(chain[0], finish=False)
    assert states(services) == ["done", "running", "waiting"]
    assert where_we_are(steps_so_far(read(services))) == "Now: step 2 of 3."
    services.store.request_stop(chain[1])
    assert states(services) == ["done", "running", "ended"]


def test_a_finished_chain_says_what_the_detour_bought_and_cost(
    services: Services, chain: tuple[str, ...], train_words: Train, finish_runs: Callable[..., None]
) -> None:
    train_words(chain[0])
    finish_last(services, finish_runs, chain[1])
    found = read(services)
    _, adaptation, last = steps_so_far(found)
    assert where_we_are(steps_so_far(found)) == "All 3 steps are done."
    assert adaptation.rows[0] == ("Test texts", "142.0 → 71.0 (−50 %)", "142.0 → 68.0 (−52 %)")
    assert adaptation.sentence == (
        "Perplexity on general English changed by +20 % with partly frozen, by +60 % with full fine-tuning."
    )
    assert last.names == ("straight from step 1", "by way of step 2")
    assert last.rows[0] == ("Right", "50.0 %", "100.0 %")
    assert last.rows[2] == ("With adaptation", "1.0 s", "33.0 s")  # 30 s of adaptation before its own 3 s
    assert last.sentence.startswith("The detour bought +50.0 points (95 % interval +")
    assert last.sentence.endswith("for 30.0 s of adaptation.")


def test_live_numbers_begin_with_the_untouched_model(
    services: Services, chain: tuple[str, ...], train_words: Train
) -> None:
    train_words(chain[0], finish=False)
    adaptation = steps_so_far(read(services))[1]
    assert adaptation.rows[0] == ("Validation texts", "140.0 → 100.0 (−29 %)", "140.0 → 100.0 (−29 %)")
    assert "Partly frozen after 40 steps" in adaptation.sentence


def test_the_section_can_be_walked_through(services: Services, chain: tuple[str, ...], train_words: Train) -> None:
    assert "will say here" in chain_html(None)
    assert 'data-action="run-chain"' in chain_html(None)
    train_words(chain[0], finish=False)
    html = chain_html(read(services, viewing=chain[0]), viewing=chain[0])
    assert html.count('aria-current="step"') == 2  # the step that runs, and the button of the one on the screen
    assert f'data-comparison="{chain[1]}"' in html
    assert "is-viewed" in html
    assert "is-viewed" not in chain_html(read(services), viewing="another")


def test_pretraining_is_read_from_the_file_beside_the_weights() -> None:
    known = read_pretraining("wiki-gpt")
    assert known is not None
    written = json.loads((BACKBONES["wiki-gpt"].path / "training.json").read_text(encoding="utf-8"))
    assert known.perplexity == written["metrics"]["perplexity"]
    assert known.tokens == written["examples_seen"]
    assert read_pretraining("glyphs-resnet") is None
    assert read_pretraining("/my/own/model") is None
