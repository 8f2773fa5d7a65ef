"""A recording as the page plays it: the same figures, points, bars and words as a live comparison has."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tlvsft.comparison.recorder import make_recording
from tlvsft.comparison.recording_reader import recording_names
from tlvsft.comparison.recordings import RecordedExample, Recording
from tlvsft.config import ComparisonConfig
from tlvsft.events import BlockStatus
from tlvsft.runs.store import Store
from tlvsft.ui import ladder_panel, replay_route
from tlvsft.ui.answer_cards import Said, said_html
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.film import MOST_FRAMES, make_film
from tlvsft.ui.live_panels import ProgressRow, row_html
from tlvsft.ui.replay_panels import badge_html, describe_day, ladder_html, offer_html, stage_html
from tlvsft.ui.setup import setup_of_story


@pytest.fixture
def recording(store: Store, digits_config: ComparisonConfig, record_comparison: Callable[..., str]) -> Recording:
    answers = {("left", 0): [True, False] * 20, ("right", 0): [True] * 40}
    made = make_recording(store, record_comparison(digits_config, answers))
    later = replace(made.runs[1], started_s=0.5)
    machine = replace(made.machine, cpu="Abacus 9", cores=2)
    return replace(made, made_on="2026-11-26", machine=machine, runs=(made.runs[0], later))


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[replay_route.replay_route()]))


def test_frames_bring_every_point_once_and_in_time(recording: Recording) -> None:
    film = make_film("digits", recording)
    assert film["lasts_s"] == 3.5  # the right side began half a second later
    assert film["frames"][0]["at"] == 0
    assert len(film["frames"]) == 36
    seen: dict[str, list[Any]] = {}
    cursors: dict[str, int] = {}
    for frame in film["frames"]:
        for run, chunk in frame.get("runs", {}).items():
            assert chunk["after"] == cursors.get(run, 0)
            cursors[run] = chunk["cursor"]
            seen.setdefault(run, []).extend((frame["at"], *row) for row in chunk["steps"])
    assert seen == {
        "recording-digits-left-0": [(0.5, 1, 0.5, 10, 2.0), (0.9, 2, 0.9, 20, 1.0)],
        "recording-digits-right-0": [(1.0, 1, 0.5, 10, 2.0), (1.4, 2, 0.9, 20, 1.0)],
    }
    traced = {trace["meta"]["run"] for trace in film["figures"]["loss"]["data"]}
    assert traced == set(seen)


def test_bars_words_and_ladders_are_those_of_that_moment(recording: Recording) -> None:
    frames = make_film("digits", recording)["frames"]
    assert frames[0]["rows"]["left"]["words"] == "step 0 of 2 · 0.0 s"
    assert frames[5]["rows"]["left"] == {"done": 50, "words": "step 1 of 2 · 0.5 s"}
    assert frames[-1]["rows"]["left"] == {"done": 100, "words": "done in 1.0 s"}
    assert "first points" in frames[0]["summary"]
    assert frames[-1]["summary"].startswith("Validation accuracy: Linear probe 50.0 %")
    assert "90" in frames[0]["ladders"]["left"]
    assert "<button" not in frames[0]["ladders"]["left"]
    assert [at for at, frame in enumerate(frames) if "ladders" in frame] == [0, 5]


def test_recorded_rungs_look_as_live_ones() -> None:
    blocks = (
        BlockStatus(name="embedding", parameters=900_000, state="frozen"),
        BlockStatus(name="0", parameters=30_000, state="adapts", adapter_parameters=300),
        BlockStatus(name="head", parameters=2_570, state="new"),
    )
    live = ladder_panel.ladder_html(setup_of_story("digits"), "left", stamp=1, now=blocks)
    recorded = ladder_html(RunProgress(blocks=blocks), "left")
    look = re.compile(r'class="(rung [^"]*)" style="--bar: (\d+)%"[^>]*>(.*?)</(?:button|div)>')
    assert look.findall(recorded) == look.findall(live)
    assert [bar for _, bar, _ in look.findall(recorded)] == ["14", "50", "100"]


def test_recorded_bars_are_live_ones_by_another_name(recording: Recording) -> None:
    shown = ProgressRow(done=0, words="")
    row = row_html("left", name="Linear probe", shown=shown, label="Recorded progress")
    assert row in stage_html(recording)
    assert row.replace("Recorded progress", "Progress") == row_html("left", name="Linear probe", shown=shown)


def test_recorded_answers_look_as_live_ones(recording: Recording) -> None:
    example = RecordedExample(
        text=None,
        image="data:image/png;base64,AA==",
        truth="a_b",
        left="a_b",
        left_share=0.876,
        right="c",
        right_share=0.5,
    )
    outcome = make_film("digits", replace(recording, examples=(example,)))["outcome"]
    assert said_html("left", "Linear probe", Said(title="a b", confidence="0.88", is_right=True)) in outcome
    assert said_html("right", "Full fine-tuning", Said(title="c", confidence="0.50", is_right=False)) in outcome


@pytest.mark.parametrize(("data", "classes"), [("digits", "card answers drawings"), ("my/photographs", "card answers")])
def test_only_recorded_drawings_are_shown_as_ink_on_paper(recording: Recording, data: str, classes: str) -> None:
    example = RecordedExample(
        text=None, image="data:image/png;base64,AA==", truth="a", left="a", left_share=0.5, right="b", right_share=0.5
    )
    config = replace(recording.config, dataset=replace(recording.config.dataset, name=data))
    film = make_film("digits", replace(recording, config=config, examples=(example,)))
    assert f'class="{classes}"' in film["outcome"]


def test_a_long_recording_has_a_bounded_number_of_frames(recording: Recording) -> None:
    slow = [replace(run, started_s=500.0) for run in recording.runs]
    film = make_film("digits", replace(recording, runs=tuple(slow)))
    assert len(film["frames"]) == MOST_FRAMES + 1


def test_it_is_called_a_recording_wherever_it_is_seen(recording: Recording) -> None:
    film = make_film("digits", recording)
    words = "Recording made on 26 November 2026 on Abacus 9, 2 cores: nothing is trained now"
    for part in (badge_html(recording), film["stage"], film["outcome"]):
        assert words in part
    assert html.escape(recording.verdict.statement) in film["outcome"]
    assert "right wins" in film["outcome"]
    assert "100.0 %" in film["outcome"]  # the numbers
    assert film["winner"] == "right"


def test_what_a_recording_says_is_text(recording: Recording) -> None:
    evil = "<img src=x onerror=alert(1)>"
    example = RecordedExample(text=evil, image=None, truth=evil, left=evil, left_share=0.5, right="b", right_share=0.5)
    machine = replace(recording.machine, cpu=evil, versions={evil: evil})
    verdict = replace(recording.verdict, statement=evil)
    film = make_film("digits", replace(recording, machine=machine, verdict=verdict, examples=(example,)))
    assert "<img" not in film["outcome"] + film["stage"]
    assert film["outcome"].count("&lt;img") >= 4


def test_a_day_is_written_as_people_do() -> None:
    assert describe_day("2026-01-02") == "2 January 2026"
    assert describe_day("0000-99-99") == "0000-99-99"


def test_the_offer_knows_which_stories_can_be_played() -> None:
    assert f'data-recordings="{" ".join(recording_names())}"' in offer_html()


@pytest.mark.parametrize("name", recording_names())
def test_the_route_answers_once_and_small(name: str, client: TestClient) -> None:
    reply = client.get(f"/tlvsft/replays/{name}")
    assert reply.status_code == 200
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.json()["name"] == name
    assert len(replay_route.packed_film(name)) < 100_000
    plain = client.get(f"/tlvsft/replays/{name}", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == json.loads(gzip.decompress(replay_route.packed_film(name)))


@pytest.mark.parametrize("name", ["nothing", "digits.json", "%2e%2e%2fpasswd"])
def test_the_route_knows_names_only(name: str, client: TestClient) -> None:
    reply = client.get(f"/tlvsft/replays/{name}")
    assert reply.status_code == 404
    assert client.post("/tlvsft/replays/digits").status_code == 405
