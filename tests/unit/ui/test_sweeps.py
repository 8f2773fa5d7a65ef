"""The section of sweeps: what fills its fields, what it answers, and what may be done with whose sweep."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import gradio as gr
import pytest

from tests.unit.own_datasets import keep_texts
from tests.unit.sweep_store import compute, fail_next
from tests.unit.ui.test_run_handlers import ME, click, form
from tlvsft.config import DatasetConfig
from tlvsft.errors import InvalidInput
from tlvsft.report.sweeps.looks import USUAL_SIDES
from tlvsft.runs.sweeps import Sweeps
from tlvsft.sweeps import complete_sweep, submit_sweep
from tlvsft.ui.services import Services
from tlvsft.ui.setup import Setup, setup_of_story
from tlvsft.ui.setup_layout import build_setup
from tlvsft.ui.sweep_asking import (
    NOT_ON_THE_PAGE,
    Choices,
    choices_of_form,
    config_of_choices,
    form_mark,
    read_asked,
    read_label_counts,
    sides_of,
)
from tlvsft.ui.sweep_handlers import SweepHandlers
from tlvsft.ui.sweep_layout import build_sweeps
from tlvsft.ui.take_home_route import find_ready
from tlvsft.ui.visitor import Visitor

YOU = "y" * 32
DIGITS = setup_of_story("digits")
FEW = {
    "backbone": "glyphs-resnet", "dataset": "digits", "methods": ["linear_probe", "full"], "labels": "10, 20",
    "seeds": "1", "epochs": None,
}  # fmt: skip


@pytest.fixture
def sweeps(services: Services) -> SweepHandlers:
    async def build() -> SweepHandlers:
        with gr.Blocks():
            setup, panel, visitor = build_setup(DIGITS), build_sweeps(), gr.BrowserState({})
        return SweepHandlers(services=services, setup=setup, panel=panel, visitor=visitor)

    return asyncio.run(build())


def kept(owner: str = ME) -> dict[str, str]:
    return Visitor(owner=owner).to_dict()


def ask(sweeps: SweepHandlers, setup: Setup = DIGITS, *, owner: str = ME, **sent: object) -> dict[str, Any]:
    return sweeps.on_asked(click(**{"asked": 1, "kind": "labels"} | sent), kept(owner), *form(setup))


def ask_typed(sweeps: SweepHandlers, **changes: object) -> dict[str, Any]:
    choices = FEW | changes
    return ask(sweeps, source="choices", form=form_mark(DIGITS), choices=choices)


def do(sweeps: SweepHandlers, action: str, *, owner: str = ME, **sent: object) -> dict[str, Any]:
    return sweeps.on_click(click(do=action, **sent), kept(owner))


def start(sweeps: SweepHandlers, *, owner: str = ME, kind: str = "labels", **changes: object) -> str:
    answer = do(sweeps, "start", owner=owner, kind=kind, choices=FEW | changes)
    assert "said" not in answer, answer
    return str(answer["show"])


def test_the_fields_are_filled_from_the_form(sweeps: SweepHandlers) -> None:
    answer = ask(sweeps)
    assert 'value="10, 20, 50, 100, 200, 500, all"' in answer["choices"]
    for method in ("linear_probe", "full", "from_scratch", "random_features"):
        assert f'value="{method}" checked' in answer["choices"]
    assert 'value="lora">' in answer["choices"]
    assert answer["of"] == {"backbone": "glyphs-resnet", "dataset": "digits", "epochs": None}
    assert "84 runs: about" in answer["estimate"]
    assert "python -m tlvsft sweep labels" in answer["line"]
    assert (answer["problem"], answer["shown"], answer["every_ms"], answer["list"]) == ("", None, 0, "")
    assert "Start the sweep" in answer["launch"]
    assert "disabled" not in answer["launch"]


def test_depth_takes_the_labels_of_the_form(sweeps: SweepHandlers) -> None:
    answer = ask(sweeps, replace(DIGITS, labels=70), kind="depth")
    assert 'name="sweep-labels" value="70"' in answer["choices"]
    assert "30 runs: about" in answer["estimate"]
    every = ask(sweeps, replace(DIGITS, labels=DIGITS.data.train_size), kind="depth")
    assert 'name="sweep-labels" value="all"' in every["choices"]


def test_both_methods_of_the_form_are_in_it_and_have_the_sides_colours() -> None:
    setup = setup_of_story("book-genres")
    lora = replace(setup, left=replace(setup.left, method="lora"))
    assert "lora" in choices_of_form("labels", lora).methods
    config = config_of_choices(choices_of_form("labels", lora), owner=ME)
    assert sides_of(lora, config) == {"lora": "left", "full": "right"}
    assert sides_of(None, config) == USUAL_SIDES
    assert sides_of(replace(lora, right=lora.left), config) == USUAL_SIDES


def test_next_words_have_no_sweep(sweeps: SweepHandlers) -> None:
    answer = ask(sweeps, setup_of_story("adapt-to-book-reviews"))
    assert "needs classes" in answer["problem"]
    assert (answer["choices"], answer["line"]) == ("", "")
    assert "disabled" in answer["launch"]


def test_what_was_typed_stays_until_the_form_is_another(sweeps: SweepHandlers) -> None:
    answer = ask_typed(sweeps)
    assert "choices" not in answer
    assert answer["estimate"].startswith("4 runs: about")
    other = replace(DIGITS, right=replace(DIGITS.right, method="lp_ft"))
    filled = ask(sweeps, other, source="choices", form=form_mark(DIGITS), choices=FEW)
    assert 'value="lp_ft" checked' in filled["choices"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": "ten"}, "'ten' is no number of labels"),
        ({"labels": ""}, "Give one number of labels or more"),
        ({"labels": "5"}, "choose from 10"),
        ({"labels": "20, 20"}, "is there twice"),
        ({"labels": "9999999"}, "choose from 10"),
        ({"seeds": "many"}, "Seeds must be a whole number"),
        ({"seeds": "0"}, "seeds must be from 1 to 20"),
        ({"methods": []}, "Choose a method"),
        ({"dataset": "/etc"}, NOT_ON_THE_PAGE),
        ({"backbone": "../../secret"}, NOT_ON_THE_PAGE),
        ({"dataset": "own:" + "a" * 32}, "isn't"),
    ],
)
def test_what_can_not_work_is_said_in_one_line(sweeps: SweepHandlers, changes: dict[str, object], words: str) -> None:
    answer = ask_typed(sweeps, **changes)
    assert words in answer["problem"]
    assert "\n" not in answer["problem"]
    assert "disabled" in answer["launch"]
    started = do(sweeps, "start", kind="labels", choices=FEW | changes)
    assert words in started["said"]


def test_numbers_of_labels_are_read_however_they_are_separated() -> None:
    assert read_label_counts(" 10,20;  50 ALL ") == (10, 20, 50, None)
    with pytest.raises(InvalidInput, match="no number of labels"):
        read_label_counts("10, -5")


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"asked": "x", "choices": 5, "kind": ["depth"], "shown": None},
        {"source": "x"},
        {"source": []},
        {"source": {}},
        {"asked": True},
        {"shown": "\ud800"},
    ],
)
def test_anything_could_come_from_a_browser(sent: dict[str, object]) -> None:
    asked = read_asked(sent)
    assert (asked.number, asked.kind, asked.source, asked.choices) == (0, "labels", "form", None)


@pytest.mark.parametrize("name", ["\ud800", "../../etc/passwd", "a" * 10_000, "", 7, [], None, "'; DROP TABLE sweeps"])
def test_ids_that_are_none_are_answered_in_one_line(sweeps: SweepHandlers, name: object) -> None:
    assert "There is no sweep" in do(sweeps, "delete", sweep=name)["said"]
    assert ask(sweeps, shown=name, delete=name)["shown"] is None


def test_a_sweep_is_shown_as_it_comes(sweeps: SweepHandlers, services: Services) -> None:
    sweep_id = start(sweeps)
    answer = ask(sweeps, shown=sweep_id, source="choices", form=form_mark(DIGITS), choices=FEW)
    assert "Cancel" in answer["launch"]
    assert "Nothing has finished yet" in answer["shown"]["reading"]
    assert answer["every_ms"] > 0
    compute(services.store, sweep_id, count=2)
    stamp = answer["shown"]["stamp"]
    poll = ask(sweeps, shown=sweep_id, stamp=stamp, only_shown=True)
    assert "choices" not in poll
    assert "list" not in poll
    assert "2 of 4 runs" in poll["shown"]["progress"]
    assert "<svg" in poll["shown"]["figure"]
    again = ask(sweeps, shown=sweep_id, stamp=poll["shown"]["stamp"], only_shown=True)
    assert "figure" not in again["shown"]
    compute(services.store, sweep_id)
    whole = ask(sweeps, shown=sweep_id, source="choices", form=form_mark(DIGITS), choices=FEW)
    assert whole["shown"]["told"].startswith("The sweep has finished")
    assert whole["every_ms"] == 0
    assert "So far" not in whole["shown"]["reading"]
    assert "all known already" in whole["estimate"]
    assert "disabled" in whole["launch"]  # there is nothing left to do


def test_cancel_and_resume_stand_in_the_same_place(sweeps: SweepHandlers, services: Services) -> None:
    sweep_id = start(sweeps)
    compute(services.store, sweep_id, count=1)
    assert do(sweeps, "stop", sweep=sweep_id)["show"] == sweep_id
    stopped = ask(sweeps, shown=sweep_id, source="choices", form=form_mark(DIGITS), choices=FEW)
    assert "Cancelled: 1 of 4 runs" in stopped["shown"]["progress"]
    assert 'data-do="resume"' in stopped["launch"]
    assert "1 known already" in stopped["estimate"]
    assert do(sweeps, "resume", sweep=sweep_id)["show"] == sweep_id
    assert "Cancel" in ask(sweeps, shown=sweep_id)["launch"]
    compute(services.store, sweep_id)
    assert ask(sweeps, shown=sweep_id)["shown"]["told"].startswith("The sweep has finished")


def test_with_other_choices_another_one_can_be_started(sweeps: SweepHandlers) -> None:
    sweep_id = start(sweeps)
    do(sweeps, "stop", sweep=sweep_id)
    other = ask(sweeps, shown=sweep_id, source="choices", form=form_mark(DIGITS), choices=FEW | {"labels": "50"})
    assert 'data-do="start"' in other["launch"]


def test_failed_runs_are_named_and_can_be_tried_again(sweeps: SweepHandlers, services: Services) -> None:
    sweep_id = start(sweeps)
    fail_next(services.store, sweep_id, "Out of memory: <b>try</b> fewer.")
    compute(services.store, sweep_id)
    answer = ask(sweeps, shown=sweep_id, source="choices", form=form_mark(DIGITS), choices=FEW)
    assert "3 of 4 runs, 1 failed" in answer["shown"]["progress"]
    assert "Out of memory: &lt;b&gt;try" in answer["shown"]["figure"]
    assert "Try the failed runs again" in answer["launch"]


def test_whoever_opens_the_page_finds_what_is_on_its_way(sweeps: SweepHandlers) -> None:
    sweep_id = start(sweeps, kind="depth", methods=["full"], labels="20")
    found = ask(sweeps)
    assert found["shown"]["id"] == sweep_id
    assert found["kind"] == "depth"
    assert 'name="sweep-labels" value="20"' in found["choices"]
    looked_elsewhere = ask(sweeps, form="-")
    assert looked_elsewhere["shown"] is None


def test_the_newest_that_fits_the_form_is_shown(sweeps: SweepHandlers, services: Services) -> None:
    sweep_id = start(sweeps)
    compute(services.store, sweep_id)
    assert ask(sweeps)["shown"]["id"] == sweep_id
    assert ask(sweeps, setup_of_story("book-genres"))["shown"] is None
    assert ask(sweeps, kind="depth")["shown"] is None


def test_another_form_brings_another_sweep_unless_one_is_on_its_way(sweeps: SweepHandlers, services: Services) -> None:
    sweep_id, genres = start(sweeps), setup_of_story("book-genres")
    sent = {"shown": sweep_id, "source": "sweep", "form": form_mark(DIGITS)}
    assert ask(sweeps, genres, **sent)["shown"]["id"] == sweep_id
    compute(services.store, sweep_id)
    followed = ask(sweeps, genres, **sent)
    assert followed["shown"] is None
    assert followed["of"]["dataset"] == "book-genres"
    few = replace(DIGITS, labels=20)  # the same data: it stays
    assert ask(sweeps, few, **sent)["shown"]["id"] == sweep_id


def test_an_earlier_one_is_opened_with_its_own_settings(sweeps: SweepHandlers, services: Services) -> None:
    sweep_id = start(sweeps, labels="30, 40")
    compute(services.store, sweep_id)
    opened = ask(sweeps, setup_of_story("book-genres"), shown=sweep_id, source="sweep")
    assert 'value="30, 40"' in opened["choices"]
    assert "of the sweep below" in opened["choices"]
    assert opened["of"]["dataset"] == "digits"
    assert f'data-show="{sweep_id}" aria-current="true"' in opened["list"]


def test_one_with_depths_of_its_own_goes_on_with_them(sweeps: SweepHandlers, services: Services) -> None:
    digits = DatasetConfig(name="digits")
    config = complete_sweep("depth", backbone="glyphs-resnet", dataset=digits, labels=(20,), depths=(0, 5), seeds=1)
    sweep_id = submit_sweep(services.queue, config, owner=ME)
    do(sweeps, "stop", sweep=sweep_id)
    opened = ask(sweeps, shown=sweep_id, source="sweep")
    assert opened["source"] == "sweep"
    assert 'data-do="resume"' in opened["launch"]
    assert opened["estimate"].startswith("6 runs")
    assert "--depths 0,5" in opened["line"]


def test_own_data_is_swept_by_its_owner_alone(
    sweeps: SweepHandlers, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLVSFT_HOME", str(services.store.home))
    mine = keep_texts(services.store.home, ME, "<b>Mine</b>")
    setup = replace(setup_of_story("book-genres"), dataset=mine.name, labels=30, owner=ME)
    answer = ask(sweeps, setup)
    assert '<span translate="no">&lt;b&gt;Mine&lt;/b&gt;</span>' in answer["choices"]
    assert 'value="5, 10, 20, all"' in answer["choices"]
    assert "PATH_TO_YOUR_DATA" in answer["line"]
    assert "Write the path of your file" in answer["line"]
    choices = FEW | {"backbone": "wiki-gpt", "dataset": mine.name}
    assert "said" not in do(sweeps, "start", kind="labels", choices=choices)
    assert "isn't" in do(sweeps, "start", owner=YOU, kind="labels", choices=choices)["said"]


def test_nobody_sees_or_touches_another_ones(
    sweeps: SweepHandlers, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep_id = start(sweeps)
    assert ask(sweeps, owner=YOU)["list"] == ""
    assert ask(sweeps, owner=YOU, shown=sweep_id)["shown"] is None
    for action in ("stop", "resume", "delete", "download"):
        assert "There is no sweep" in do(sweeps, action, owner=YOU, sweep=sweep_id, file="csv")["said"]
    assert not ask(sweeps, shown=sweep_id)["shown"]["over"]
    config = complete_sweep("labels", backbone="glyphs-resnet", dataset=DatasetConfig(name="digits"), labels=(10,))
    of_the_machine = submit_sweep(services.queue, config, owner=None)
    assert of_the_machine in ask(sweeps)["list"]
    assert f'data-delete="{of_the_machine}"' not in ask(sweeps)["list"]
    assert ask(sweeps, delete=of_the_machine)["question"] == ""
    assert "delete it there" in do(sweeps, "delete", sweep=of_the_machine)["said"]
    monkeypatch.setenv("SPACE_ID", "somebody/space")
    assert of_the_machine not in ask(sweeps)["list"]


def test_it_is_asked_before_one_is_deleted(sweeps: SweepHandlers, services: Services) -> None:
    sweep_id = start(sweeps)
    assert "Delete Label efficiency" in ask(sweeps, delete=sweep_id)["question"]
    deleted = do(sweeps, "delete", sweep=sweep_id)  # it is on its way: it is cancelled first
    assert (deleted["show"], deleted["said"]) == ("", "Deleted.")
    assert Sweeps(services.store.database).list_visible(viewer=ME) == []


@pytest.mark.parametrize("kind", ["csv", "json", "html"])
def test_files_are_made_anew_when_more_has_finished(sweeps: SweepHandlers, services: Services, kind: str) -> None:
    sweep_id = start(sweeps)
    compute(services.store, sweep_id, count=1)
    first = do(sweeps, "download", sweep=sweep_id, file=kind)["file"]
    assert first["name"].endswith(f".{kind}")
    assert do(sweeps, "download", sweep=sweep_id, file=kind)["file"] == first
    compute(services.store, sweep_id)
    second = do(sweeps, "download", sweep=sweep_id, file=kind)["file"]
    assert second["href"] != first["href"]
    ready = find_ready(services, second["href"].rsplit("/", 1)[1])
    assert ready is not None
    if kind == "json":
        assert json.loads(ready.path.read_text(encoding="utf-8"))["finished"] == 4
    do(sweeps, "delete", sweep=sweep_id)
    assert find_ready(services, ready.key) is None


@pytest.mark.parametrize("kind", ["csv", "json", "html"])
def test_files_can_be_had_on_a_shared_host(
    sweeps: SweepHandlers, services: Services, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACE_ID", "somebody/space")
    sweep_id = start(sweeps)
    compute(services.store, sweep_id, count=1)
    made = do(sweeps, "download", sweep=sweep_id, file=kind)["file"]
    assert find_ready(services, made["href"].rsplit("/", 1)[1]) is not None


def test_nonsense_is_refused(sweeps: SweepHandlers) -> None:
    sweep_id = start(sweeps)
    for sent in ({"do": "explode", "sweep": sweep_id}, {"do": "start"}, {"do": "download", "sweep": sweep_id}, {}):
        assert "said" in sweeps.on_click(click(**sent), kept())


def test_a_store_that_fails_is_one_line(sweeps: SweepHandlers, services: Services) -> None:
    services.store.close()
    for file in services.store.home.glob("tlvsft.sqlite3*"):
        file.unlink()
    (services.store.home / "tlvsft.sqlite3").mkdir()
    answer = ask(sweeps)
    assert answer["problem"]
    assert (answer["asked"], answer["shown"]) == (1, None)


def test_choices_are_those_of_a_config() -> None:
    choices = choices_of_form("labels", DIGITS)
    assert isinstance(choices, Choices)
    config = config_of_choices(choices, owner=ME)
    assert config.methods == ("linear_probe", "full", "from_scratch", "random_features")
    assert config.labels == (10, 20, 50, 100, 200, 500, None)
