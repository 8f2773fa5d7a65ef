from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.conditions import wait_until
from tlvsft.config import ComparisonConfig
from tlvsft.errors import StoreError
from tlvsft.events import Noted
from tlvsft.runs import pulse as pulse_module
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.pulse import Pulse
from tlvsft.runs.store import Store


@pytest.fixture
def run_id(store: Store, config: ComparisonConfig) -> str:
    run_id = store.comparison(store.add_comparison(config, owner=None)).run("left").id
    store.begin_run(run_id, ProcessIdentity.own())
    return run_id


@pytest.fixture
def pulse(store: Store, run_id: str) -> Iterator[Pulse]:
    started = Pulse(store, run_id, server_alive=lambda: True)
    started.start()
    yield started
    if started.is_alive():
        started.finish()


def test_it_beats(store: Store, run_id: str, pulse: Pulse) -> None:
    first = store.run(run_id).heartbeat_at
    assert first is not None
    assert not pulse.should_stop()
    wait_until(lambda: (store.run(run_id).heartbeat_at or 0) > first)


def test_events_arrive_in_order_while_it_runs_and_at_its_end(store: Store, run_id: str, pulse: Pulse) -> None:
    notes = [Noted(message=str(number)) for number in range(50)]
    for note in notes[:25]:
        pulse.add(note)
    wait_until(lambda: len(store.events(run_id)) == 25)
    for note in notes[25:]:
        pulse.add(note)
    pulse.finish()
    assert [event for _, event in store.events(run_id)] == notes


def test_an_event_after_a_pause_goes_at_once(store: Store, run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse_module, "TICK_S", 3600.0)
    pulse = Pulse(store, run_id, server_alive=lambda: True)
    pulse.start()
    pulse.add(Noted(message="first"))
    wait_until(lambda: store.events(run_id))
    pulse.finish()


def test_it_hears_a_stop(store: Store, run_id: str, pulse: Pulse) -> None:
    store.request_stop(run_id.split("-", maxsplit=1)[0])
    wait_until(pulse.should_stop, timeout_s=5)
    assert pulse.stop_as == "stopped"


def test_a_store_that_fails_stops_the_run_and_says_so(
    run_id: str, pulse: Pulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(Store, "append_events", disk_full)
    pulse.add(Noted(message=run_id))
    wait_until(pulse.should_stop)
    with pytest.raises(StoreError, match="disk is full"):
        pulse.finish()


def test_a_stuck_orphan_ends_itself(store: Store, run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    exits: list[int] = []
    monkeypatch.setattr(os, "_exit", exits.append)
    monkeypatch.setattr(pulse_module, "ORPHAN_PATIENCE_S", 0.3)
    pulse = Pulse(store, run_id, server_alive=lambda: False)
    pulse.start()
    wait_until(pulse.should_stop)
    assert pulse.stop_as == "interrupted"
    wait_until(lambda: exits)
    assert exits[0] == 1
    assert store.run(run_id).state == "interrupted"
    pulse.finish()
