"""The card, what a click on it makes, who may fetch that, and for how long."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tlvsft.config import ComparisonConfig
from tlvsft.errors import RunError
from tlvsft.report import Offer
from tlvsft.report.building import Package
from tlvsft.runs.artifacts import WEIGHTS_FILE
from tlvsft.runs.store import Store
from tlvsft.ui import exports as exports_module
from tlvsft.ui.exports import EXPORTS_FOLDER, KEPT_S, MOST_KEPT, Exports
from tlvsft.ui.services import Services
from tlvsft.ui.take_home_handlers import show_take_home, take_home
from tlvsft.ui.take_home_panel import Status, take_home_html
from tlvsft.ui.take_home_route import GONE, take_home_route

ME, YOU = {"owner": "m" * 32}, {"owner": "y" * 32}
ANSWERS = {("left", 0): [True, False], ("right", 0): [True, True]}
FinishRuns = Callable[..., None]


class Builds:
    """Makes files of a few words, and notes which."""

    def __init__(self) -> None:
        self.made: list[Package] = []
        self.error: Exception | None = None

    def __call__(self, _store: Store, package: Package, target: Path) -> None:
        self.made.append(package)
        if self.error is not None:
            raise self.error
        target.write_text("made", encoding="utf-8")


class Clock:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def builds() -> Builds:
    return Builds()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(services: Services, builds: Builds, clock: Clock) -> Iterator[Services]:
    made = replace(services, exports=Exports(build=builds, clock=clock))
    yield made
    made.exports.close()


@pytest.fixture
def mine(store: Store, digits_config: ComparisonConfig, finish_runs: FinishRuns) -> str:
    """A finished comparison of one browser, with weights."""
    comparison_id = store.add_comparison(digits_config, owner=ME["owner"])
    finish_runs(store, comparison_id, ANSWERS)
    for run in store.comparison(comparison_id).runs:
        (store.run_folder(run.id) / WEIGHTS_FILE).write_bytes(b"")
    return comparison_id


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[take_home_route(services)])) as opened:
        yield opened


def model(comparison_id: str, **changes: str) -> dict[str, str]:
    return {"comparison": comparison_id, "kind": "model", "side": "left", "seed": "0"} | changes


def address_in(html: str) -> str:
    found = re.search(r'href="([^"]+)"', html)
    assert found is not None
    return found[1]


def test_before_the_end_it_says_what_will_be_there(
    services: Services, store: Store, digits_config: ComparisonConfig
) -> None:
    for comparison in (None, store.comparison(store.add_comparison(digits_config, owner=None))):
        card = show_take_home(services, comparison)
        assert "When a comparison is over" in card
        assert "<button" not in card
        assert 'role="status"' in card


def test_afterwards_there_is_a_button_for_each_thing(services: Services, store: Store, mine: str) -> None:
    card = show_take_home(services, store.comparison(mine))
    assert card.count("<button") == 6
    assert 'aria-label="Download: model of Linear probe"' in card
    assert "The zip contains the data that was used." in card
    assert "about 1 kB" in card  # 100 parameters


def test_each_seed_has_its_own_and_a_refusal_is_said_once(store: Store, digits_config: ComparisonConfig) -> None:
    comparison = store.comparison(store.add_comparison(replace(digits_config, seeds=3), owner=None))
    offers = [Offer(kind="report"), Offer(kind="numbers", refusal="No results.")]
    offers += [Offer(kind="model", side="left", seed=seed, size_bytes=2_000_000) for seed in range(3)]
    offers += [Offer(kind="script", side="left", seed=seed, refusal="Not <b>covered</b>.") for seed in range(3)]
    card = take_home_html(comparison, offers, status=Status(state="failed", words="<script>"))
    assert 'aria-label="Seed 2: model of Linear probe, seed 2"' in card
    assert "about 2.0 MB each" in card
    assert card.count("Not &lt;b&gt;covered&lt;/b&gt;.") == 1
    assert "&lt;script&gt;" in card


def test_a_click_makes_it_and_gives_a_link(services: Services, builds: Builds, mine: str, client: TestClient) -> None:
    making, ready = take_home(services, ME, model(mine))
    assert "Making the model of Linear probe" in making
    assert builds.made == [Package(comparison_id=mine, kind="model", side="left", seed=0)]
    answer = client.get(f"/{address_in(ready)}")
    assert answer.text == "made"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="digits-linear-probe-seed-0-')
    assert disposition.endswith('-model.zip"')


def test_a_second_click_finds_what_is_there(services: Services, builds: Builds, mine: str) -> None:
    first, second = (list(take_home(services, ME, model(mine)))[-1] for _ in range(2))
    assert address_in(first) == address_in(second)
    assert len(builds.made) == 1


def test_nobody_else_gets_anything_made(services: Services, builds: Builds, mine: str) -> None:
    (card,) = take_home(services, YOU, model(mine))
    assert "There is no comparison" in card
    assert "<button" not in card
    assert builds.made == []


@pytest.mark.parametrize(
    "changes", [{"kind": "weights"}, {"side": "up"}, {"seed": "7"}, {"seed": "../.."}, {"kind": "report"}]
)
def test_nonsense_from_a_browser_is_one_line(
    changes: dict[str, str], services: Services, builds: Builds, mine: str
) -> None:
    (card,) = take_home(services, ME, model(mine, **changes))
    assert "There is nothing of this kind to take home: reload the page." in card
    assert builds.made == []


def test_what_fails_is_one_line_and_leaves_nothing(services: Services, builds: Builds, mine: str, store: Store) -> None:
    builds.error = RunError("Out of memory.")
    *_, card = take_home(services, ME, model(mine))
    assert "Out of memory." in card
    assert "data-fresh" not in card
    assert [path for path in (store.home / EXPORTS_FOLDER).rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("key", ["x" * 32, "..%2f..%2ftlvsft.sqlite3", "%00"])
def test_a_key_that_was_not_given_gets_nothing(key: str, mine: str, client: TestClient) -> None:
    answer = client.get(f"/tlvsft/take-home/{key}")
    assert answer.status_code == 404
    assert "made" not in answer.text.replace(GONE, "")


def test_after_ten_minutes_it_is_gone(
    services: Services, mine: str, client: TestClient, clock: Clock, store: Store
) -> None:
    *_, ready = take_home(services, ME, model(mine))
    clock.now = KEPT_S - 1
    assert client.get(f"/{address_in(ready)}").status_code == 200
    clock.now = KEPT_S + 1
    assert client.get(f"/{address_in(ready)}").status_code == 404
    assert [path for path in (store.home / EXPORTS_FOLDER).rglob("*") if path.is_file()] == []


def test_what_is_too_old_to_be_fetched_in_peace_is_made_anew(
    services: Services, builds: Builds, mine: str, clock: Clock
) -> None:
    list(take_home(services, ME, model(mine)))
    clock.now = KEPT_S * 0.6
    list(take_home(services, ME, model(mine)))
    assert len(builds.made) == 2


def test_with_its_comparison_a_download_goes_too(
    services: Services, mine: str, client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, ready = take_home(services, ME, model(mine))
    with store.database.writing() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM events WHERE run_id IN (SELECT id FROM runs WHERE comparison_id = ?)", (mine,))
        connection.execute("DELETE FROM runs WHERE comparison_id = ?", (mine,))
        connection.execute("DELETE FROM comparisons WHERE id = ?", (mine,))
    assert client.get(f"/{address_in(ready)}").status_code == 404


def test_only_so_many_are_kept_and_none_after_the_end(store: Store, mine: str, clock: Clock) -> None:
    exports = Exports(build=Builds(), clock=clock)
    keys = []
    for seed in range(MOST_KEPT + 2):
        clock.now += 1
        keys.append(exports.make(store, Package(comparison_id=mine, kind="model", side="left", seed=seed)).key)
    assert [exports.find(key) is None for key in keys[:3]] == [True, True, False]
    exports.close()
    exports.close()
    assert list((store.home / EXPORTS_FOLDER).iterdir()) == []


def test_when_too_many_wait_others_come_again(store: Store, mine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports_module, "MOST_WAITING", 0)
    going, may_end = threading.Event(), threading.Event()

    def build(_store: Store, _package: Package, target: Path) -> None:
        going.set()
        may_end.wait(10)
        target.touch()

    exports = Exports(build=build)
    package = Package(comparison_id=mine, kind="report")
    first = threading.Thread(target=exports.make, args=(store, package))
    first.start()
    assert going.wait(10)
    with pytest.raises(RunError, match="try again in a minute"):
        exports.make(store, package)
    may_end.set()
    first.join()
    exports.close()


def test_report_and_numbers_are_made_here(store: Store, mine: str, tmp_path: Path) -> None:
    target = tmp_path / "r.html"
    exports_module.build_package(store, Package(comparison_id=mine, kind="report"), target)
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_folders_of_servers_that_were_killed_go_after_a_day(
    store: Store, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_behind = store.home / EXPORTS_FOLDER / "of-another"
    left_behind.mkdir(parents=True)
    exports = Exports(build=Builds())
    monkeypatch.setattr(exports_module, "_LEFT_BEHIND_S", -1.0)
    exports.make(store, Package(comparison_id=mine, kind="report"))
    assert not left_behind.exists()
    exports.close()
    shutil.rmtree(store.home / EXPORTS_FOLDER)
