"""The list of comparisons: what it shows, finds, asks and does, and the card of the comparison on the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr
import pytest

from tests.unit.ui.test_run_handlers import ME, click, form
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.runs.store import Store
from tlvsft.ui import history_outcomes, submitting
from tlvsft.ui.history_handlers import ALL_FOUND, Asked, HistoryHandlers, read_asked
from tlvsft.ui.history_panel import GONE_TITLE, ROW_ACTIONS, ROWS_ON_A_PAGE, question_html
from tlvsft.ui.own_setup_panel import own_setup_value
from tlvsft.ui.run_handlers import RunHandlers
from tlvsft.ui.setup import setup_of_story
from tlvsft.ui.visitor import Visitor

YOU = "y" * 32
ANSWERS = {("left", 0): [True] * 4, ("right", 0): [True, False, True, True]}
Finish = Callable[..., None]


@pytest.fixture
def history(handlers: RunHandlers) -> HistoryHandlers:
    return HistoryHandlers(handlers)


@pytest.fixture
def finished(store: Store, digits_config: ComparisonConfig, finish_runs: Finish) -> str:
    """A finished comparison of mine."""
    comparison_id = store.add_comparison(digits_config, owner=ME)
    finish_runs(store, comparison_id, ANSWERS)
    return comparison_id


def asked(**options: Any) -> Asked:
    return Asked(**({"number": 1, "words": "", "page": 0, "chosen": (), "delete": ()} | options))


def ask(history: HistoryHandlers, *, owner: str = ME, viewing: str = "", **options: Any) -> dict[str, Any]:
    return history.answer(Visitor(owner=owner, viewing=viewing), asked(**options))


def do(history: HistoryHandlers, kept: dict[str, str], **sent: object) -> Any:
    return history.on_click(click(**sent), kept, *form(setup_of_story("digits")))


def mine(viewing: str = "") -> dict[str, str]:
    return Visitor(owner=ME, viewing=viewing).to_dict()


def test_a_row_says_what_it_was_and_how_it_ended(history: HistoryHandlers, finished: str) -> None:
    answer = ask(history, viewing=finished)
    for words in (
        "Digits from 50 labels",
        "Linear probe vs Full fine-tuning",
        "50 labels, seed 0",
        "100.0 % vs 75.0 %",
        "too close to call",
        'aria-current="true"',
        f'data-comparison="{finished}"',
        f'data-choose="{finished}"',
    ):
        assert words in answer["rows"], words
    assert answer["words"] == "1 comparison."
    assert (answer["asked"], answer["pending"], answer["gone"], answer["pager"]) == (1, False, "", "")
    assert all(f'data-{action.name}="{finished}"' in answer["rows"] for action in ROW_ACTIONS)


def test_language_models_are_listed_by_their_perplexity(
    history: HistoryHandlers, store: Store, words_config: ComparisonConfig, train_words: Finish
) -> None:
    train_words(store.add_comparison(words_config, owner=ME))
    answer = ask(history)
    assert "perplexity 71.0 vs 68.0" in answer["rows"]
    assert "wins" not in answer["rows"]  # the files that a verdict is read from aren't there
    assert not answer["pending"]


def test_what_isnt_finished_has_a_badge(
    history: HistoryHandlers, store: Store, digits_config: ComparisonConfig
) -> None:
    waiting = store.add_comparison(digits_config, owner=ME)
    rows = ask(history)["rows"]
    assert "is-queued" in rows
    assert "waiting" in rows
    assert "data-rerun" not in rows  # it is on its way
    store.request_stop(waiting)
    assert "is-stopped" in ask(history)["rows"]
    store.add_comparison(digits_config, owner=None)
    rows = ask(history)["rows"]
    assert "command line" in rows
    assert rows.count("data-delete=") == 1  # the command line's isn't deleted here


def test_nobody_sees_another_visitors(history: HistoryHandlers, finished: str) -> None:
    answer = ask(history, owner=YOU, viewing=finished, chosen=(finished,), words="digits")
    assert (answer["rows"], answer["everything"], answer["setups"]) == ("", 0, None)
    assert "will be listed here" in answer["words"]
    assert "There is no comparison" in ask(history, owner=YOU, delete=(finished,))["problem"]
    theirs = Visitor(owner=YOU).to_dict()
    for sent in ({"delete": [finished]}, {"rerun": finished}):
        updates = do(history, theirs, **sent)
        assert "There is no comparison" in updates[history.runs.results.history]["said"]
    assert GONE_TITLE in do(history, theirs, comparison=finished)[history.runs.race.heading]
    assert history.runs.services.store.comparison(finished).is_finished


def test_pages_hold_ten_and_stay_in_bounds(
    history: HistoryHandlers, store: Store, digits_config: ComparisonConfig
) -> None:
    for _ in range(ROWS_ON_A_PAGE + 3):
        store.add_comparison(digits_config, owner=ME)
    first = ask(history)
    assert first["rows"].count("<li") == ROWS_ON_A_PAGE
    assert first["words"] == "13 comparisons, 1–10 below."
    assert 'data-page="1"' in first["pager"]
    last = ask(history, page=99)
    assert (last["page"], last["rows"].count("<li")) == (1, 3)
    assert last["words"] == "13 comparisons, 11–13 below."


def test_a_search_says_what_it_found(history: HistoryHandlers, finished: str, store: Store) -> None:
    assert ask(history, words="genres")["words"].startswith("No comparison matches “genres”. Search for")
    assert ask(history, words="genres")["rows"] == ""
    assert ask(history, words="digits probe")["words"] == "1 of 1 comparison matches “digits probe”."
    store.add_comparison(setup_of_story("book-genres").config(), owner=ME)
    assert ask(history, words="genres")["words"] == "1 of 2 comparisons matches “genres”."


def test_unknown_names_are_listed_opened_and_escaped(
    history: HistoryHandlers, store: Store, digits_config: ComparisonConfig, finish_runs: Finish
) -> None:
    odd = replace(
        digits_config,
        preset="forgotten",
        backbone="x<script>",
        dataset=DatasetConfig(name="own:<img onerror=1>"),
        left=VariantConfig(method="linear_probe", start="abcdefghijklmnop-left"),
    )
    known = store.add_comparison(odd, owner=ME)
    finish_runs(store, known, ANSWERS)
    rows = ask(history)["rows"]
    assert "<img" not in rows
    assert "<script" not in rows
    updates = do(history, mine(), comparison=known)
    assert "own data, deleted" in updates[history.runs.race.heading]
    assert history.runs.setup.dataset not in updates  # it can't be chosen in the form, which stays as it is
    value = history.on_setup(mine(known), *form(setup_of_story("digits")))[history.runs.race.own]
    assert "can't be chosen above" in value["words"]
    assert "<img" not in value["setups"]


def test_it_reopens_with_its_own_config_and_says_what_was_changed_since(
    history: HistoryHandlers, store: Store, digits_config: ComparisonConfig
) -> None:
    config = replace(digits_config, labels=70, seed=4, preset=None)
    known = store.add_comparison(config, owner=ME)
    updates = do(history, mine(), comparison=known)
    assert updates[history.runs.setup.labels]["value"] == 70
    assert updates[history.runs.setup.seed] == 4
    assert updates[history.runs.visitor]["viewing"] == known
    setup = replace(setup_of_story("digits"), labels=70, seed=4)
    same = history.on_setup(mine(known), *form(setup))[history.runs.race.own]
    assert same["words"].endswith("The setup above is the same.")
    assert same["summary"].startswith("This setup and the one above: 0 of ")
    assert "No setting differs" in same["setups"]
    assert "data-comparison" not in same["actions"]
    edited = history.on_setup(mine(known), *form(replace(setup, labels=80, seed=5)))[history.runs.race.own]
    assert edited["words"].endswith("The setup above was changed since:")
    assert edited["details"] == "Training examples 70 → 80; Seed 4 → 5."
    assert f'data-comparison="{known}"' in edited["actions"]
    assert edited["setups"].count("is-different") == 2
    assert history.on_setup(mine(), *form(setup))[history.runs.race.own] == {"shown": False}
    broken = history.on_setup(mine(known), "glyphs-resnet", "digits", None, *form(setup)[3:])[history.runs.race.own]
    assert broken["words"].endswith("can't be read just now.")


@pytest.mark.parametrize("story", ["digits", "three-tasks", "adapt-to-book-reviews", "cold-head"])
def test_right_after_the_start_nothing_was_changed(history: HistoryHandlers, story: str) -> None:
    setup = setup_of_story(story)
    visitor = submitting.start_comparison(history.runs.services, setup.config(), owner=ME)
    last = history.runs.services.store.comparison(visitor.following or visitor.viewing)
    value = own_setup_value(last, setup)
    assert value["words"].endswith("The setup above is the same."), value["details"]


def test_several_seeds_are_told(history: HistoryHandlers, store: Store, digits_config: ComparisonConfig) -> None:
    known = store.comparison(store.add_comparison(replace(digits_config, seeds=3), owner=None))
    value = own_setup_value(known, setup_of_story("digits"))
    assert value["words"].endswith("The setup above is the same.")
    assert value["details"] == "The page trains one seed, this comparison has 3."


def test_two_setups_side_by_side(
    history: HistoryHandlers, store: Store, digits_config: ComparisonConfig, finished: str
) -> None:
    other = store.add_comparison(replace(digits_config, labels=90, preset=None), owner=ME)
    one = ask(history, chosen=(finished,))
    assert "choose a second one" in one["setups"]["words"]
    two = ask(history, chosen=(finished, other, "unknown"))
    assert two["chosen"] == [finished, other]
    assert two["setups"]["words"].startswith("Two setups: 2 of ")
    assert two["setups"]["html"].count("is-different") == 2
    assert two["rows"].count(" checked") == 2


def test_run_again_starts_the_stored_setup_not_the_forms(
    history: HistoryHandlers, store: Store, digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submitting, "DOUBLE_CLICK_S", 0.0)
    config = replace(digits_config, labels=70, seed=4, seeds=2, preset=None)
    known = store.add_comparison(config, owner=None)
    store.request_stop(known)
    updates = do(history, mine(), rerun=known)
    started = store.comparison(updates[history.runs.visitor]["viewing"])
    assert (started.config, started.owner) == (config, ME)
    assert started.id != known
    assert updates[history.runs.setup.labels]["value"] == 70


def test_what_cant_be_run_again_says_why(
    history: HistoryHandlers, store: Store, digits_config: ComparisonConfig
) -> None:
    onwards = replace(digits_config, right=VariantConfig(method="full", start="abcdefghijklmnop-left"), preset=None)
    known = store.add_comparison(onwards, owner=ME)
    store.request_stop(known)
    updates = do(history, mine(), rerun=known)
    assert "abcdefghijklmnop" in updates[history.runs.results.history]["said"]
    assert "abcdefghijklmnop" in updates[history.runs.race.complaint]
    assert len(store.comparisons(owner=ME)) == 1


def test_the_same_again_says_whether_it_is_bit_identical(
    history: HistoryHandlers, store: Store, digits_config: ComparisonConfig, finished: str, finish_runs: Finish
) -> None:
    again = store.add_comparison(digits_config, owner=ME)
    values = form(setup_of_story("digits"))
    assert "bit for bit" in history.on_setup(mine(again), *values)[history.runs.race.own]["repeat"]
    finish_runs(store, again, ANSWERS)
    for _ in range(2):
        repeat = history.on_setup(mine(again), *values)[history.runs.race.own]["repeat"]
        assert "The same setup and seed as Digits from 50 labels (" in repeat
        assert "Bit-identical" in repeat
    assert history.on_setup(mine(finished), *values)[history.runs.race.own]["repeat"] == ""


def test_deleting_asks_first(history: HistoryHandlers, store: Store, finished: str) -> None:
    answer = ask(history, delete=(finished,))
    assert answer["ids"] == [finished]
    assert "Delete Digits from 50 labels (" in answer["question"]
    assert 'role="alertdialog"' in answer["question"]
    assert store.comparison(finished).is_finished
    updates = do(history, mine(), delete=[finished])
    assert updates[history.runs.results.history]["said"] == "Deleted."
    assert history.runs.race.heading not in updates  # something else is on the screen
    assert ask(history)["everything"] == 0


def test_what_was_on_the_screen_leaves_a_clear_empty_page(history: HistoryHandlers, finished: str) -> None:
    updates = do(history, mine(finished), delete=[finished])
    assert GONE_TITLE in updates[history.runs.race.heading]
    assert updates[history.runs.visitor]["viewing"] == ""
    assert "will stand here" in updates[history.runs.results.numbers]
    assert updates[history.runs.race.curves]["comparison"] == ""


def test_another_tab_that_shows_it_hears_of_it(history: HistoryHandlers, store: Store, finished: str) -> None:
    do(history, mine(), delete=[finished])
    assert ask(history, viewing=finished)["gone"] == finished
    heard = history.runs.on_news(mine(finished), {}, *form(setup_of_story("digits")))
    assert GONE_TITLE in heard[history.runs.race.heading]
    reloaded = history.runs.on_load(mine(finished))
    assert GONE_TITLE in reloaded[history.runs.race.heading]
    assert reloaded[history.runs.visitor]["viewing"] == ""


def test_all_that_are_over_are_those_that_were_found(
    history: HistoryHandlers, store: Store, digits_config: ComparisonConfig, finished: str
) -> None:
    running, other = (
        store.add_comparison(config, owner=ME) for config in (digits_config, setup_of_story("book-genres").config())
    )
    store.request_stop(other)
    found = ask(history, delete=ALL_FOUND, words="digits")
    assert found["ids"] == [finished]
    assert "1 comparison stays" in found["question"]
    everything = ask(history, delete=ALL_FOUND)
    assert everything["ids"] == [other, finished]
    assert "Delete 2 comparisons that are over?" in everything["question"]
    do(history, mine(), delete=everything["ids"])
    assert [record.id for record in store.comparisons(owner=ME)] == [running]
    assert "None of these can be deleted" in ask(history, delete=ALL_FOUND)["problem"]
    assert "stop it first" in ask(history, delete=(running,))["problem"]


def test_a_question_tells_of_those_that_started_from_it() -> None:
    html = question_html(["<b>this</b>"], descendants=2)
    assert "2 other comparisons started from its weights" in html
    assert "<b>this" not in html


def test_verdicts_are_weighed_once_and_a_few_at_a_time(
    history: HistoryHandlers, finished: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_outcomes, "VERDICTS_WITHIN_S", -1.0)
    answer = ask(history)
    assert answer["pending"]
    assert "too close to call" not in answer["rows"]
    assert "100.0 % vs 75.0 %" in answer["rows"]
    monkeypatch.setattr(history_outcomes, "VERDICTS_WITHIN_S", 1.0)
    assert not ask(history)["pending"]
    monkeypatch.setattr(history_outcomes, "read_verdict", None)
    assert "too close to call" in ask(history)["rows"]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"asked": "1", "words": 7, "page": -1, "chosen": "abc", "delete": {"a": 1}},
        {"asked": None, "words": None, "page": 1.5, "chosen": [1, None, ["x"]], "delete": [3]},
        {"page": 10**30, "words": "x" * 10**6, "chosen": ["a"] * 100, "delete": "everything"},
    ],
)
def test_whatever_a_browser_sends_is_read(history: HistoryHandlers, finished: str, sent: dict[str, Any]) -> None:
    updates = history.on_asked(click(**sent), mine())
    assert updates[history.runs.results.history]["everything"] == 1


def test_what_the_script_sends_is_read() -> None:
    sent = {"asked": 3, "words": "  a   b ", "page": 2, "chosen": ["x", "y", "z"], "delete": ["d", "d"]}
    assert read_asked(sent) == Asked(number=3, words="a b", page=2, chosen=("x", "y"), delete=("d",))
    assert read_asked({"delete": "all"}).delete == ALL_FOUND


def test_the_lists_script_is_on_the_page_and_gets_no_data_in_its_template(page: gr.Blocks) -> None:
    panels = [block for block in page.blocks.values() if getattr(block, "elem_id", None) in {"history", "own-setup"}]
    assert len(panels) == 2
    assert not any("${" in str(panel.html_template) for panel in panels)
