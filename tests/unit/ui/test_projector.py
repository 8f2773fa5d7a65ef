"""Who has t-SNE computed, and the route where an opened picture asks for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.unit.evidence_runs import finish_observed
from tests.unit.projected_runs import EXAMPLES, LABELS, finish_projected
from tlvsft.cli import main
from tlvsft.comparison.projecting import compute_tsne, read_tsne
from tlvsft.config import ComparisonConfig
from tlvsft.evaluation.projection import ITERATIONS
from tlvsft.report.building import Package
from tlvsft.runs.artifacts import save_predictions
from tlvsft.runs.store import Store
from tlvsft.ui.evidence_panel import evidence_html
from tlvsft.ui.exports import build_package
from tlvsft.ui.projection_route import PROJECTION_PATH, projection_route
from tlvsft.ui.projector import MOST_WAITING, Projector, compute_in_process
from tlvsft.ui.services import Services
from tlvsft.ui.watching import Watched

PATIENCE_S = 30.0


class Worker:
    """Computes when it is told to, and notes what."""

    def __init__(self, compute: Callable[[Store, str], None] = compute_tsne) -> None:
        self.asked: list[str] = []
        self.done = threading.Semaphore(0)
        self._compute = compute
        self._may = threading.Semaphore(0)

    def __call__(self, store: Store, comparison_id: str) -> None:
        self.asked.append(comparison_id)
        assert self._may.acquire(timeout=PATIENCE_S)
        self._compute(store, comparison_id)
        self.done.release()

    def go(self) -> None:
        """Lets it compute one, and waits until it has."""
        self._may.release()
        assert self.done.acquire(timeout=PATIENCE_S)


def wait_until(holds: Callable[[], bool]) -> None:
    over, waited = threading.Event(), 0.0
    while not holds():
        over.wait(0.01)
        waited += 0.01
        assert waited < PATIENCE_S


def test_it_is_computed_once_for_all_who_ask(store: Store, digits_config: ComparisonConfig) -> None:
    comparison = store.comparison(finish_projected(store, digits_config))
    worker = Worker()
    projector = Projector(compute=worker)
    assert [projector.ask(store, comparison) for _ in range(3)] == ["pending"] * 3
    worker.go()
    wait_until(lambda: projector.ask(store, comparison) == "ready")
    assert worker.asked == [comparison.id]
    assert Projector(compute=worker).ask(store, comparison) == "ready"  # another server finds the file


def test_one_after_the_other_in_the_order_of_the_questions(store: Store, digits_config: ComparisonConfig) -> None:
    comparisons = [store.comparison(finish_projected(store, digits_config)) for _ in range(3)]
    worker = Worker()
    projector = Projector(compute=worker)
    for comparison in comparisons:
        assert projector.ask(store, comparison) == "pending"
    for _ in comparisons:
        worker.go()
    assert worker.asked == [comparison.id for comparison in comparisons]


def test_what_did_not_work_is_not_tried_again(store: Store, digits_config: ComparisonConfig) -> None:
    def fail(*_: object) -> None:
        raise OSError("no process")

    comparison = store.comparison(finish_projected(store, digits_config))
    projector = Projector(compute=fail)
    assert projector.ask(store, comparison) == "pending"
    wait_until(lambda: projector.ask(store, comparison) == "none")
    other = store.comparison(finish_projected(store, digits_config))
    assert projector.ask(store, other) == "pending"  # it goes on working
    wait_until(lambda: projector.ask(store, other) == "none")


def test_without_representations_nobody_works(store: Store, digits_config: ComparisonConfig) -> None:
    older = store.comparison(finish_observed(store, digits_config))
    assert Projector(compute=compute_tsne).ask(store, older) == "none"


def test_so_many_may_wait(store: Store, digits_config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlvsft.ui.projector.MOST_WAITING", 1)
    first, second = (store.comparison(finish_projected(store, digits_config)) for _ in range(2))
    worker = Worker()
    projector = Projector(compute=worker)
    assert (projector.ask(store, first), projector.ask(store, second)) == ("pending", "none")
    worker.go()
    wait_until(lambda: projector.ask(store, second) == "pending")
    worker.go()
    assert MOST_WAITING > 1


def test_a_process_of_its_own_computes_it(store: Store, digits_config: ComparisonConfig) -> None:
    comparison_id = finish_projected(store, digits_config)
    compute_in_process(store, comparison_id)
    assert read_tsne(store, comparison_id) is not None


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=[projection_route(services)])) as opened:
        yield opened


def ask(client: TestClient, services: Services, comparison_id: str, *, key: str | None = None) -> tuple[int, str]:
    fitting = services.keys.key(Watched(comparison_id))
    reply = client.get(f"/{PROJECTION_PATH}/{comparison_id}", headers={"X-Tlvsft-Key": fitting if key is None else key})
    return reply.status_code, reply.text


def test_an_opened_picture_gets_its_tsne(services: Services, digits_config: ComparisonConfig) -> None:
    comparison_id = finish_projected(services.store, digits_config)
    comparison = services.store.comparison(comparison_id)
    assert "tsne-missing" in evidence_html(services.store, comparison)
    worker = Worker()
    asking = replace(services, projector=Projector(compute=worker))
    with TestClient(Starlette(routes=[projection_route(asking)])) as client:
        assert ask(client, asking, comparison_id)[0] == 202
        worker.go()
        wait_until(lambda: ask(client, asking, comparison_id)[0] == 200)
        drawn = ask(client, asking, comparison_id)[1]
    assert drawn.startswith('<div class="maps"')
    assert drawn.count("<text") == 6 * 3
    assert "&lt;b&gt;cat&lt;/b&gt;" in drawn  # data stay text
    shown = evidence_html(services.store, comparison)
    assert "tsne-missing" not in shown
    assert drawn in shown


def test_nobody_else_gets_it(client: TestClient, services: Services, digits_config: ComparisonConfig) -> None:
    comparison_id = finish_projected(services.store, digits_config)
    other = finish_projected(services.store, digits_config)
    assert ask(client, services, comparison_id, key="")[0] == 403
    assert ask(client, services, comparison_id, key=services.keys.key(Watched(other)))[0] == 403
    assert ask(client, services, "a" * 16)[0] == 404
    assert ask(client, services, "nonsense")[0] == 404
    older = finish_observed(services.store, digits_config)
    assert ask(client, services, older)[0] == 404
    assert read_tsne(services.store, comparison_id) is None


def finish_tested(store: Store, config: ComparisonConfig) -> str:
    """As it is written down, a comparison has a verdict, too."""
    comparison_id = finish_projected(store, config)
    for run in store.comparison(comparison_id).runs:
        save_predictions(store.run_folder(run.id), labels=LABELS, probabilities=np.eye(3)[LABELS])
    return comparison_id


def test_what_is_taken_home_has_it(store: Store, digits_config: ComparisonConfig, tmp_path: Path) -> None:
    comparison_id = finish_tested(store, digits_config)
    build_package(store, Package(comparison_id=comparison_id, kind="numbers"), tmp_path / "numbers.json")
    numbers = json.loads((tmp_path / "numbers.json").read_text(encoding="utf-8"))
    assert numbers["evidence"]["projection"]["tsne"]["iterations"] == ITERATIONS


def test_the_command_line_computes_it_before_it_writes(
    store: Store, digits_config: ComparisonConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison_id = finish_tested(store, digits_config)
    monkeypatch.setenv("TLVSFT_HOME", str(store.home))
    main(["export", comparison_id, "--json", str(tmp_path / "numbers.json")])
    numbers = json.loads((tmp_path / "numbers.json").read_text(encoding="utf-8"))
    assert len(numbers["evidence"]["projection"]["tsne"]["places"]["right"]) == EXAMPLES
