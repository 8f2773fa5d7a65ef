"""The route that pages poll: what it answers, whom, and what it makes of nonsense."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.unit.ui.conftest import evaluated_words, finished_words, started_words, stepped_words
from tlvsft.config import ComparisonConfig
from tlvsft.errors import StoreError
from tlvsft.events import BlocksChanged, Noted, StepTaken
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store
from tlvsft.ui import news, news_route
from tlvsft.ui.news_route import MOST_CURSORS, NewsRoute
from tlvsft.ui.services import Services
from tlvsft.ui.views import curves_value, read_view
from tlvsft.ui.visitor import Visitor
from tlvsft.ui.watching import NewsKeys, Watched

ME, YOU = "m" * 32, "y" * 32
Train = Callable[..., None]


@pytest.fixture(autouse=True)
def _nothing_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question is answered from the store, however soon it comes."""
    monkeypatch.setattr(news, "READ_AGAIN_S", 0.0)
    monkeypatch.setattr(news_route, "SHARED_S", 0.0)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[NewsRoute(services).route()])) as opened:
        yield opened


@pytest.fixture
def training(services: Services, digits_config: ComparisonConfig) -> str:
    """A comparison of somebody's whose runs have each taken a step."""
    comparison_id = services.queue.submit(digits_config, owner=ME)
    for run in services.store.comparison(comparison_id).runs:
        services.store.begin_run(run.id, ProcessIdentity.own())
        services.store.append_events(run.id, [started_words(), step(1)])
    return comparison_id


@pytest.fixture
def words(services: Services, words_config: ComparisonConfig, train_words: Train) -> str:
    comparison_id = services.queue.submit(words_config, owner=ME)
    train_words(comparison_id, finish=False)
    return comparison_id


def step(number: int) -> StepTaken:
    return StepTaken(step=number, epoch=0.1, elapsed_s=number / 10, train_loss=0.5, examples=8 * number)


def shown_to(services: Services, viewer: str, comparison_id: str) -> dict[str, Any]:
    """What the page of a visitor is told about a comparison."""
    view = read_view(services, Visitor(owner=viewer, viewing=comparison_id))
    return curves_value(services, view, fresh=False)


def ask(client: TestClient, services: Services, comparison_id: str, query: str = "") -> dict[str, Any]:
    value = shown_to(services, ME, comparison_id)
    reply = client.get(f"/{value['news']}?{query}", headers={"X-Tlvsft-Key": value["key"]})
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def test_it_brings_the_points_after_the_cursors(client: TestClient, services: Services, training: str) -> None:
    first = ask(client, services, training)
    assert first["runs"]["left-0"] == {
        "after": 0,
        "cursor": 2,
        "more": False,
        "steps": [[1, 0.1, 8, 0.5]],
        "evaluations": [],
        "moves": [],
        "similarities": [],
    }
    services.store.append_events(f"{training}-left-0", [step(2), evaluated_words(2)])
    second = ask(client, services, training, "left-0=2&right-0=2")
    assert second["runs"]["left-0"]["steps"] == [[2, 0.2, 16, 0.5]]
    assert second["runs"]["left-0"]["evaluations"] == [[2, 1.0, 20, 4.92725, 138.0]]
    nothing_new = {"steps": [], "evaluations": [], "moves": [], "similarities": []}
    assert second["runs"]["right-0"] == {"after": 2, "cursor": 2, "more": False} | nothing_new


def test_it_says_in_words_where_the_runs_stand(client: TestClient, services: Services, training: str) -> None:
    answer = ask(client, services, training)
    assert answer["rows"]["left"]["done"] == 1
    assert answer["rows"]["left"]["words"].startswith("step 1 of 80")
    assert answer["summary"].startswith("Loading the backbone")
    assert answer["over"] is False


def test_steps_alone_leave_the_stamp_and_it_is_the_one_that_the_page_was_given(
    client: TestClient, services: Services, training: str
) -> None:
    known = shown_to(services, ME, training)["stamp"]
    assert ask(client, services, training)["stamp"] == known
    services.store.append_events(f"{training}-left-0", [step(number) for number in range(2, 40)])
    assert ask(client, services, training)["stamp"] == known


@pytest.mark.parametrize(
    "change",
    [
        lambda store, run: store.append_event(run, Noted(message="cut")),
        lambda store, run: store.append_event(run, BlocksChanged(step=1, blocks=started_words(frozen=False).blocks)),
        lambda store, run: store.end_run(run, "stopped"),
        lambda store, run: store.end_run(run, "failed", message="Out of memory."),
    ],
    ids=["note", "ladder", "stopped", "failed"],
)
def test_whatever_a_handler_must_show_changes_the_stamp(
    client: TestClient, services: Services, training: str, change: Callable[[Store, str], None]
) -> None:
    before = ask(client, services, training)["stamp"]
    change(services.store, f"{training}-left-0")
    after = ask(client, services, training)
    assert after["stamp"] != before
    assert after["stamp"] == shown_to(services, ME, training)["stamp"]


def test_the_place_in_the_queue_is_part_of_the_stamp(
    client: TestClient, services: Services, digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = services.queue.submit(digits_config, owner=ME)
    before = ask(client, services, waiting)["stamp"]
    monkeypatch.setattr(type(services.queue), "queue_place", lambda *_: 1)
    assert ask(client, services, waiting)["stamp"] != before


def test_a_newer_checkpoint_is_told_beside_the_stamp(client: TestClient, services: Services, words: str) -> None:
    before = ask(client, services, words)
    assert before["checkpoint"].startswith(words)
    services.store.append_events(f"{words}-left-0", [evaluated_words(60), stepped_words(61)])
    after = ask(client, services, words)
    assert after["checkpoint"] != before["checkpoint"]
    assert after["stamp"] == before["stamp"]


def test_it_is_over_with_its_last_run(client: TestClient, services: Services, words: str) -> None:
    services.store.end_run(f"{words}-left-0", "finished", event=finished_words("left"))
    assert ask(client, services, words)["over"] is False
    services.store.end_run(f"{words}-right-0", "finished", event=finished_words("right"))
    assert ask(client, services, words)["over"] is True


def test_a_chain_is_over_with_its_last_comparison(
    client: TestClient, services: Services, words: str, train_words: Train
) -> None:
    for side in ("left", "right"):
        services.store.end_run(f"{words}-{side}-0", "finished", event=finished_words(side))  # type: ignore[arg-type]
    config = replace(services.store.comparison(words).config, task="classification", preset=None)
    onwards = replace(
        config, left=replace(config.left, head=None), right=replace(config.right, head=None, start=f"{words}-left")
    )
    last = services.queue.submit(onwards, owner=ME)
    assert shown_to(services, ME, words)["news"].endswith(f"/{words}+{last}")
    waiting = ask(client, services, words)
    assert waiting["over"] is False
    assert set(waiting["runs"]) == {"left-0", "right-0"}
    services.store.begin_run(f"{last}-left-0", ProcessIdentity.own())
    begun = ask(client, services, words)
    assert begun["stamp"] != waiting["stamp"]
    services.store.append_event(f"{last}-left-0", evaluated_words(20))
    assert ask(client, services, words)["stamp"] != begun["stamp"]  # the three tasks show it
    services.store.request_stop(last)
    services.store.end_run(f"{last}-left-0", "stopped")
    assert ask(client, services, words)["over"] is True


def test_nobody_gets_a_key_for_what_they_may_not_see(services: Services, training: str) -> None:
    assert "key" in shown_to(services, ME, training)
    assert "key" not in shown_to(services, YOU, training)


def test_on_a_shared_host_the_command_lines_have_no_key(
    services: Services, digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_the_machine = services.store.add_comparison(digits_config, owner=None)
    assert "key" in shown_to(services, ME, of_the_machine)
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    assert "key" not in shown_to(services, ME, of_the_machine)


@pytest.mark.parametrize("key", ["", "0" * 32, "é", "x" * 5_000])
def test_a_wrong_key_opens_nothing(client: TestClient, services: Services, training: str, key: str) -> None:
    address = shown_to(services, ME, training)["news"]
    reply = client.get(f"/{address}", headers={"X-Tlvsft-Key": key.encode()})
    assert reply.status_code == 403
    assert set(reply.json()) == {"error"}
    assert client.get(f"/{address}").status_code == 403


def test_a_key_fits_one_comparison_and_one_server(
    client: TestClient, services: Services, training: str, digits_config: ComparisonConfig
) -> None:
    other = services.queue.submit(digits_config, owner=ME)
    for key in (services.keys.key(Watched(other)), NewsKeys().key(Watched(training))):
        assert client.get(f"/tlvsft/news/{training}", headers={"X-Tlvsft-Key": key}).status_code == 403
    assert training not in repr(services.keys)
    assert "secret" not in repr(services.keys)


@pytest.mark.parametrize("watched", ["x", "a" * 17, "A" * 16, "a" * 16 + "+", "..%2f..", "a" * 16 + "+" + "b" * 15])
def test_what_is_no_comparison_is_not_found(client: TestClient, watched: str) -> None:
    reply = client.get(f"/tlvsft/news/{watched}")
    assert reply.status_code == 404


def test_an_unknown_comparison_is_not_found_even_with_its_key(client: TestClient, services: Services) -> None:
    unknown = Watched("a" * 16)
    assert client.get(f"/tlvsft/news/{unknown}").status_code == 403  # without it, nobody learns whether it exists
    reply = client.get(f"/tlvsft/news/{unknown}", headers={"X-Tlvsft-Key": services.keys.key(unknown)})
    assert reply.status_code == 404
    assert "There is no comparison" in reply.json()["error"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("left-0=-1", 400),
        ("left-0=1.5", 400),
        ("left-0=" + "9" * 30, 400),
        ("left-0=", 400),
        ("left-0", 400),
        ("left-0=٣", 400),
        ("left-0=%D9%A3", 400),
        ("top-0=1", 400),
        ("left-0%00=1", 400),
        ("&".join(f"left-{number}=1" for number in range(MOST_CURSORS + 1)), 400),
        ("&".join(f"left-{number}=1" for number in range(5_000)), 414),
        ("left-0=999999999999", 200),
        ("left-7=3", 200),
        ("", 200),
    ],
)
def test_hostile_cursors_get_one_clear_line(
    client: TestClient, services: Services, training: str, query: str, status: int
) -> None:
    value = shown_to(services, ME, training)
    reply = client.get(f"/{value['news']}?{query}", headers={"X-Tlvsft-Key": value["key"]})
    assert reply.status_code == status
    if status != 200:
        assert set(reply.json()) == {"error"}
        assert len(reply.text) < 200


def test_only_get_is_answered(client: TestClient, services: Services, training: str) -> None:
    value = shown_to(services, ME, training)
    assert client.post(f"/{value['news']}", headers={"X-Tlvsft-Key": value["key"]}).status_code == 405


def test_a_store_that_is_out_of_reach_is_said(
    client: TestClient, services: Services, training: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = shown_to(services, ME, training)

    def fail(*_: object) -> None:
        raise StoreError("Can't use the store.")

    monkeypatch.setattr(Store, "comparison", fail)
    reply = client.get(f"/{value['news']}", headers={"X-Tlvsft-Key": value["key"]})
    assert (reply.status_code, reply.json()) == (503, {"error": "Can't use the store."})


def test_viewers_share_looks_and_answers(
    client: TestClient, services: Services, training: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "READ_AGAIN_S", 60.0)
    value = shown_to(services, ME, training)
    headers = {"X-Tlvsft-Key": value["key"]}
    first = client.get(f"/{value['news']}?left-0=0", headers=headers)
    monkeypatch.setattr(Store, "comparison", None)  # asked of the store, these would fail
    monkeypatch.setattr(Store, "milestones", None)
    assert client.get(f"/{value['news']}?left-0=2", headers=headers).status_code == 200
    monkeypatch.setattr(news_route, "SHARED_S", 60.0)
    assert client.get(f"/{value['news']}?left-0=1&right-0=1", headers=headers).status_code == 200
    monkeypatch.setattr(news.News, "answer", None)
    again = client.get(f"/{value['news']}?left-0=1&right-0=1", headers=headers)
    assert again.json()["stamp"] == first.json()["stamp"]
