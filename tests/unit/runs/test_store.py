from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tlvsft.config import SIDES, ComparisonConfig
from tlvsft.errors import InvalidInput
from tlvsft.events import Evaluated, Event, Noted, RunFailed, RunFinished, RunStopped, StepTaken
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store

STEP = StepTaken(step=7, epoch=0.5, elapsed_s=1.5, train_loss=0.25, examples=70)
FINISHED = RunFinished(
    steps=7,
    frozen_intact=True,
    test_accuracy=0.5,
    test_macro_f1=0.5,
    confusion_matrix=((1, 0), (1, 0)),
    elapsed_s=2.0,
    train_s=1.0,
    examples_per_s=70.0,
    peak_memory_bytes=5,
)


def test_a_comparison_comes_back_as_it_was_given(store: Store, two_seeds: ComparisonConfig) -> None:
    comparison_id = store.add_comparison(two_seeds, owner="browser")
    record = store.comparison(comparison_id)
    assert record.config == two_seeds
    assert record.owner == "browser"
    assert [(run.seed, run.side) for run in record.runs] == [(0, "left"), (0, "right"), (1, "left"), (1, "right")]
    assert {run.state for run in record.runs} == {"queued"}
    assert record.run("right", 1).config == two_seeds.run_config("right", 1)
    assert store.run(record.run("left", 1).id) == record.run("left", 1)
    assert not record.is_over


def test_another_store_on_the_same_home_sees_the_same(store: Store, config: ComparisonConfig) -> None:
    comparison_id = store.add_comparison(config, owner=None)
    run_id = store.comparison(comparison_id).run("left").id
    other = Store(store.home)
    other.append_event(run_id, STEP)
    other.close()
    assert store.events(run_id) == [(1, STEP)]


def test_ids_are_long_random_and_no_options(store: Store, config: ComparisonConfig) -> None:
    ids = [store.add_comparison(config, owner=None) for _ in range(20)]
    assert len(set(ids)) == 20
    assert all(re.fullmatch("[a-z2-7]{16}", comparison_id) for comparison_id in ids)


def test_readers_get_only_what_is_new(store: Store, config: ComparisonConfig) -> None:
    run_id = store.comparison(store.add_comparison(config, owner=None)).run("left").id
    events: list[Event] = [STEP, Noted(message="long texts were cut"), FINISHED]
    assert store.append_events(run_id, events[:2]) == 2
    assert store.append_event(run_id, events[2]) == 3
    assert store.events(run_id, after=1) == [(2, events[1]), (3, events[2])]
    assert store.events(run_id, after=3) == []


def test_a_loss_that_is_not_finite_survives_the_store(store: Store, config: ComparisonConfig) -> None:
    run_id = store.comparison(store.add_comparison(config, owner=None)).run("left").id
    event = Evaluated(step=1, epoch=1.0, elapsed_s=1.0, val_loss=float("inf"), val_accuracy=0.1, examples=1)
    store.append_event(run_id, event)
    assert store.events(run_id) == [(1, event)]


def test_a_run_begins_once(store: Store, config: ComparisonConfig) -> None:
    run_id = store.comparison(store.add_comparison(config, owner=None)).run("left").id
    assert store.begin_run(run_id, ProcessIdentity.own())
    assert not store.begin_run(run_id, ProcessIdentity.own())
    run = store.run(run_id)
    assert run.state == "running"
    assert run.pid == ProcessIdentity.own().pid
    assert run.started_at is not None


def test_a_run_ends_once_and_the_first_word_counts(store: Store, config: ComparisonConfig) -> None:
    run_id = store.comparison(store.add_comparison(config, owner=None)).run("left").id
    store.begin_run(run_id, ProcessIdentity.own())
    assert store.end_run(run_id, "finished", event=FINISHED)
    assert not store.end_run(run_id, "failed", event=RunFailed(message="too late"))
    assert store.run(run_id).state == "finished"
    assert store.events(run_id) == [(1, FINISHED)]


def test_a_failure_brings_its_message_along(store: Store, config: ComparisonConfig) -> None:
    run_id = store.comparison(store.add_comparison(config, owner=None)).run("left").id
    store.end_run(run_id, "failed", event=RunFailed(message="Do this next.", invalid_input=True))
    run = store.run(run_id)
    assert (run.state, run.message, run.invalid_input) == ("failed", "Do this next.", True)


def test_a_run_that_cannot_say_how_it_ended_gets_a_last_event(store: Store, config: ComparisonConfig) -> None:
    run_id = store.comparison(store.add_comparison(config, owner=None)).run("left").id
    store.append_events(run_id, [STEP, Noted(message="after the step")])
    store.end_run(run_id, "interrupted", message="gone")
    assert store.events(run_id, after=2) == [(3, RunStopped(step=7, elapsed_s=1.5))]
    assert store.run(run_id).message == "gone"


def test_stop_ends_queued_runs_and_asks_running_ones(store: Store, two_seeds: ComparisonConfig) -> None:
    comparison_id = store.add_comparison(two_seeds, owner=None)
    left = store.comparison(comparison_id).run("left", 0).id
    store.begin_run(left, ProcessIdentity.own())
    assert store.stop_requested(left) is None
    store.request_stop(comparison_id)
    store.request_stop(comparison_id, state="interrupted")
    assert store.stop_requested(left) == "stopped"
    assert [run.state for run in store.comparison(comparison_id).runs] == ["running", "stopped", "stopped", "stopped"]
    queued = store.comparison(comparison_id).run("right", 1).id
    assert store.events(queued) == [(1, RunStopped(step=0, elapsed_s=0.0))]
    assert not store.begin_run(queued, ProcessIdentity.own())


def test_stop_leaves_what_is_over_alone(store: Store, config: ComparisonConfig) -> None:
    comparison_id = store.add_comparison(config, owner=None)
    for side in SIDES:
        store.end_run(store.comparison(comparison_id).run(side).id, "finished", event=FINISHED)
    before = store.comparison(comparison_id)
    store.request_stop(comparison_id)
    assert store.comparison(comparison_id) == before
    assert before.is_over
    assert before.is_finished


def test_a_browser_sees_its_own_and_the_command_lines(store: Store, config: ComparisonConfig) -> None:
    mine, other, cli = (store.add_comparison(config, owner=owner) for owner in ("me", "you", None))
    assert [record.id for record in store.comparisons(owner="me")] == [cli, mine]
    assert store.visible_comparison(cli, viewer="me").id == cli
    with pytest.raises(InvalidInput, match=f"no comparison '{other}'"):
        store.visible_comparison(other, viewer="me")
    with pytest.raises(InvalidInput, match=f"no run '{other}-left-0'"):
        store.visible_run(f"{other}-left-0", viewer="me")
    assert store.visible_run(f"{mine}-left-0", viewer="me").comparison_id == mine


def test_on_a_shared_host_everybody_sees_their_own_only(
    store: Store, config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, _, cli = (store.add_comparison(config, owner=owner) for owner in ("me", "you", None))
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    assert [record.id for record in store.comparisons(owner="me")] == [mine]
    assert [record.id for record in store.comparisons(owner=None)] == [cli]
    with pytest.raises(InvalidInput, match="no comparison"):
        store.visible_comparison(cli, viewer="me")


def test_the_command_line_sees_everything_on_its_own_machine(store: Store, config: ComparisonConfig) -> None:
    theirs = store.add_comparison(config, owner="you")
    assert [record.id for record in store.comparisons(owner=None)] == [theirs]
    assert store.visible_comparison(theirs, viewer=None).id == theirs


def test_lists_are_newest_first_and_bounded(store: Store, config: ComparisonConfig) -> None:
    ids = [store.add_comparison(config, owner="me") for _ in range(4)]
    assert [record.id for record in store.comparisons(owner="me", limit=3)] == ids[:0:-1]
    assert store.comparisons(owner="nobody") == []
    assert len(store.comparisons(owner="nobody", everybody=True)) == 4


@pytest.mark.parametrize("identifier", ["", "nothing", "../../etc/passwd", "a" * 200, "x'; DROP TABLE runs; --"])
def test_unknown_ids_are_refused_in_one_line(store: Store, identifier: str) -> None:
    for ask in (store.comparison, store.run, store.run_folder, store.comparison_folder):
        with pytest.raises(InvalidInput, match="There is no") as refusal:
            ask(identifier)
        assert "\n" not in str(refusal.value)
        assert len(str(refusal.value)) < 200


def test_folders_stay_inside_the_home(store: Store, config: ComparisonConfig) -> None:
    comparison_id = store.add_comparison(config, owner=None)
    assert store.run_folder(f"{comparison_id}-left-0").parent == store.home / "runs"
    assert store.comparison_folder(comparison_id).parent == store.home / "comparisons"


def test_the_store_keeps_torch_and_numpy_out(tmp_path: Path) -> None:
    program = (
        "import sys, json; from pathlib import Path; import tlvsft.runs.scheduler, tlvsft.runs.inference;"
        "from tlvsft.runs.store import Store; Store(Path(sys.argv[1])).comparisons(owner=None);"
        "heavy = ('torch', 'transformers', 'numpy', 'PIL', 'datasets');"
        "print(json.dumps([name for name in heavy if name in sys.modules]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(answer.stdout) == []
