from __future__ import annotations

from tlvsft.config import ComparisonConfig
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.pruning import prune_weights
from tlvsft.runs.store import Store


def add_finished(store: Store, config: ComparisonConfig, *, size_bytes: int = 10) -> str:
    comparison_id = store.add_comparison(config, owner=None)
    for run in store.comparison(comparison_id).runs:
        store.begin_run(run.id, ProcessIdentity.own())
        store.end_run(run.id, "finished")
        folder = store.run_folder(run.id)
        folder.mkdir(parents=True)
        (folder / "weights.safetensors").write_bytes(b"x" * size_bytes)
        (folder / "predictions.npz").write_bytes(b"kept")
    return comparison_id


def with_weights(store: Store) -> list[str]:
    """Comparisons that still have weights, oldest first."""
    return [
        record.id
        for record in reversed(store.comparisons(owner=None))
        if all((store.run_folder(run.id) / "weights.safetensors").exists() for run in record.runs)
    ]


def test_the_newest_are_kept(store: Store, config: ComparisonConfig) -> None:
    ids = [add_finished(store, config) for _ in range(4)]
    assert len(prune_weights(store, keep=2)) == 4
    assert with_weights(store) == ids[2:]
    assert prune_weights(store, keep=2) == []
    assert all((store.run_folder(f"{key}-left-0") / "predictions.npz").exists() for key in ids)


def test_they_must_not_grow_too_large_together(store: Store, config: ComparisonConfig) -> None:
    ids = [add_finished(store, config, size_bytes=100) for _ in range(3)]
    prune_weights(store, keep_bytes=400)
    assert with_weights(store) == ids[1:]
    prune_weights(store, keep_bytes=1)
    assert with_weights(store) == ids[2:]


def test_representations_count_as_weights_and_go_with_them(store: Store, config: ComparisonConfig) -> None:
    ids = [add_finished(store, config) for _ in range(2)]
    kept = [store.run_folder(f"{key}-right-0") / "representations.npz" for key in ids]
    small = [file.with_name("shift_answers.npz") for file in kept]
    for file in (*kept, *small):
        file.write_bytes(b"x" * 500)
    prune_weights(store, keep_bytes=550)
    assert [file.exists() for file in kept] == [False, True]
    assert all(file.exists() for file in small)


def test_what_is_on_its_way_is_left_alone(store: Store, config: ComparisonConfig, two_seeds: ComparisonConfig) -> None:
    running = store.add_comparison(two_seeds, owner=None)
    folder = store.run_folder(f"{running}-left-0")
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(b"x")
    store.end_run(f"{running}-left-0", "finished")
    add_finished(store, config)
    assert prune_weights(store, keep=1) == []
