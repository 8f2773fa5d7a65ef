from __future__ import annotations

from dataclasses import replace

import pytest

from tlvsft.config import ComparisonConfig, VariantConfig
from tlvsft.errors import InvalidInput
from tlvsft.events import StepTaken
from tlvsft.runs import deleting
from tlvsft.runs.deleting import count_descendants, deletable, delete_comparisons, why_not_deleted
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store

STEP = StepTaken(step=1, epoch=1.0, elapsed_s=1.0, train_loss=1.0, examples=1)


def add_over(store: Store, config: ComparisonConfig, *, owner: str | None = "me") -> str:
    """A comparison that is over, with files."""
    comparison_id = store.add_comparison(config, owner=owner)
    for run in store.comparison(comparison_id).runs:
        store.begin_run(run.id, ProcessIdentity.own())
        store.append_event(run.id, STEP)
        store.end_run(run.id, "finished")
        folder = store.run_folder(run.id)
        folder.mkdir(parents=True)
        for name in ("weights.safetensors", "predictions.npz", "run.json", "log.txt"):
            (folder / name).write_bytes(b"x")
    store.comparison_folder(comparison_id).mkdir(parents=True)
    (store.comparison_folder(comparison_id) / "examples.json").write_bytes(b"x")
    return comparison_id


def rows(store: Store) -> dict[str, int]:
    with store.database.reading() as connection:
        tables = ("comparisons", "runs", "events")
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608


def files(store: Store) -> list[str]:
    return sorted(str(path.relative_to(store.home)) for path in store.home.glob("*/*/*"))


def test_everything_goes_and_nothing_else(store: Store, config: ComparisonConfig) -> None:
    kept = add_over(store, config)
    before = rows(store), files(store)
    doomed = add_over(store, replace(config, seeds=2))
    runs = delete_comparisons(store, [doomed, doomed], viewer="me")
    assert len(runs) == 4
    assert (rows(store), files(store)) == before
    assert [record.id for record in store.comparisons(owner="me")] == [kept]
    with pytest.raises(InvalidInput, match="There is no comparison"):
        store.comparison(doomed)
    with pytest.raises(InvalidInput, match="There is no comparison"):
        delete_comparisons(store, [doomed], viewer="me")


def test_what_is_on_its_way_is_refused(store: Store, config: ComparisonConfig) -> None:
    waiting = store.add_comparison(config, owner="me")
    assert "stop it first" in why_not_deleted(store, waiting, viewer="me")
    over = add_over(store, config)
    before = rows(store)
    with pytest.raises(InvalidInput, match="stop it first"):
        delete_comparisons(store, [over, waiting], viewer="me")
    assert rows(store) == before  # all or none
    assert len(files(store)) == 9
    store.request_stop(waiting)
    assert why_not_deleted(store, waiting, viewer="me") == ""
    delete_comparisons(store, [over, waiting], viewer="me")
    assert rows(store) == {"comparisons": 0, "runs": 0, "events": 0}


@pytest.mark.parametrize("shared_host", ["", "1"])
def test_only_ones_own(
    store: Store, config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch, shared_host: str
) -> None:
    monkeypatch.setenv("TLVSFT_SHARED_HOST", shared_host)
    mine, theirs, machines = (add_over(store, config, owner=owner) for owner in ("me", "you", None))
    with pytest.raises(InvalidInput, match="There is no comparison"):
        delete_comparisons(store, [mine, theirs], viewer="me")
    words = "There is no comparison" if shared_host else "delete it there"
    with pytest.raises(InvalidInput, match=words):
        delete_comparisons(store, [machines], viewer="me")
    everything = store.comparisons(owner=None, everybody=True)
    assert [record.id for record in deletable(store, everything, viewer="me")] == [mine]
    delete_comparisons(store, [mine, theirs, machines], viewer=None)  # the command line's user owns the files
    assert rows(store)["comparisons"] == 0


def test_what_others_start_from_stays_until_they_are_over(store: Store, config: ComparisonConfig) -> None:
    start = add_over(store, config)
    onwards = replace(config, right=VariantConfig(method="full", start=f"{start}:right"))
    waiting = store.add_comparison(onwards, owner="me")
    assert "starts from" in why_not_deleted(store, start, viewer="me")
    assert deletable(store, store.comparisons(owner="me"), viewer="me") == []
    store.request_stop(waiting)
    assert count_descendants(store, start) == 1
    assert count_descendants(store, waiting) == 0
    delete_comparisons(store, [start], viewer="me")
    assert [record.id for record in store.comparisons(owner="me")] == [waiting]


def test_a_folder_that_stays_is_told_to_whoever_runs_the_server(
    store: Store, config: ComparisonConfig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    doomed = add_over(store, config)
    monkeypatch.setattr(deleting.shutil, "rmtree", lambda *_, **__: None)
    delete_comparisons(store, [doomed], viewer="me")
    assert "remove it by hand" in caplog.text
    assert rows(store)["comparisons"] == 0


@pytest.mark.parametrize("sent", ["../../etc", "a" * 10_000, ""])
def test_what_is_no_id_touches_nothing(store: Store, config: ComparisonConfig, sent: str) -> None:
    add_over(store, config)
    with pytest.raises(InvalidInput, match="There is no comparison"):
        delete_comparisons(store, [sent], viewer=None)
    assert len(files(store)) == 9


def test_not_too_many_at_once(store: Store) -> None:
    with pytest.raises(InvalidInput, match="At most"):
        delete_comparisons(store, [str(number) for number in range(deleting.MOST_AT_ONCE + 1)], viewer="me")
