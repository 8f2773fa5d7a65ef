"""From what a user asks for to what is queued."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.unit.own_datasets import keep_texts
from tlvsft.catalog.backbones import bundled_summary
from tlvsft.config import DatasetConfig
from tlvsft.errors import BackboneError, DatasetError, InvalidInput
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.runs.own_keeping import delete_own
from tlvsft.runs.store import Store
from tlvsft.runs.sweeps import Sweeps
from tlvsft.sweeps import SweepKind, complete_sweep, fingerprints, resume_sweep, submit_sweep
from tlvsft.sweeps.fingerprints import fingerprint_backbone, fingerprint_dataset

DIGITS = DatasetConfig(name="digits")
ME, SOMEBODY = "m" * 32, "s" * 32


@dataclass
class Recorder:
    """A scheduler that only takes sweeps down."""

    store: Store
    plans: list[SweepPlan] = field(default_factory=list)
    owners: list[str | None] = field(default_factory=list)

    def submit_sweep(self, plan: SweepPlan, *, owner: str | None) -> str:
        self.plans.append(plan)
        self.owners.append(owner)
        keys = tuple(f"{plan.fingerprints} {run}" for run in plan.runs)
        return Sweeps(self.store.database).submit(plan, keys, owner=owner, server_id="here")

    def stop_sweep(self, sweep_id: str, *, viewer: str | None = None) -> None:
        Sweeps(self.store.database).stop(sweep_id, viewer=viewer)


def write_reviews(path: Path, *, more: str = "") -> DatasetConfig:
    rows = [f"{word} book number {index},{mood}" for index in range(20) for word, mood in (("good", "+"), ("bad", "-"))]
    path.write_text("\n".join(["review,mood", *rows]) + "\n" + more, encoding="utf-8")
    return DatasetConfig(name=str(path), text_column="review", label_column="mood")


def test_who_names_nothing_gets_sensible_numbers() -> None:
    config = complete_sweep("labels", backbone="glyphs-resnet", dataset=DIGITS)
    assert config.labels == (10, 20, 50, 100, 200, 500, None)
    assert config.methods == ("linear_probe", "full", "from_scratch", "random_features")
    assert (config.train_size, config.seeds, config.depths, config.units) == (1257, 3, (), ())


def test_a_depth_sweep_goes_through_the_whole_backbone() -> None:
    config = complete_sweep("depth", backbone="glyphs-resnet", dataset=DIGITS)
    assert config.units == bundled_summary("glyphs-resnet").block_names
    assert config.depths == tuple(range(len(config.units) + 1))
    assert config.labels == (50,)
    assert config.methods == ("full", "linear_probe", "from_scratch", "random_features")


def test_numbers_may_come_in_any_order() -> None:
    labels = complete_sweep("labels", backbone="glyphs-resnet", dataset=DIGITS, labels=(None, 50, 10))
    assert labels.labels == (10, 50, None)
    assert complete_sweep("depth", backbone="glyphs-resnet", dataset=DIGITS, depths=(2, 0)).depths == (0, 2)


@pytest.mark.parametrize(
    ("kind", "backbone", "options", "reason"),
    [
        ("labels", "glyphs-resnet", {"labels": (5, 50)}, "5 labels don't fit"),
        ("labels", "glyphs-resnet", {"labels": (10, 5000)}, "5,000 labels don't fit"),
        ("labels", "wiki-gpt", {}, "reads text"),
        ("labels", "glyphs-resnett", {}, "did you mean"),
        ("labels", "glyphs-resnet", {"methods": ("fulll",)}, "did you mean 'full'"),
        ("depth", "glyphs-resnet", {"depths": (9,)}, "depths must be from 0 to"),
        ("depth", "glyphs-resnet", {"labels": (10, 20)}, "one number of labels"),
    ],
)
def test_what_cannot_work_is_refused(
    kind: SweepKind, backbone: str, options: dict[str, tuple[int, ...]], reason: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        complete_sweep(kind, backbone=backbone, dataset=DIGITS, **options)  # type: ignore[arg-type]
    assert reason in str(refused.value)


def test_runs_are_queued_with_what_data_and_backbone_hold(store: Store) -> None:
    scheduler = Recorder(store)
    config = complete_sweep("labels", backbone="glyphs-resnet", dataset=DIGITS, labels=(10,))
    sweep_id = submit_sweep(scheduler, config, owner=ME)
    (plan,) = scheduler.plans
    assert plan.runs == tuple(cell.run for cell in config.cells())
    assert plan.fingerprints == (fingerprint_dataset(DIGITS), fingerprint_backbone("glyphs-resnet"))
    assert scheduler.owners == [ME]
    assert submit_sweep(scheduler, config, owner=ME) == sweep_id


def test_going_on_is_submitting_again_for_the_same_owner(store: Store) -> None:
    scheduler = Recorder(store)
    config = complete_sweep("labels", backbone="glyphs-resnet", dataset=DIGITS, labels=(10,))
    sweep_id = submit_sweep(scheduler, config, owner=ME)
    scheduler.stop_sweep(sweep_id)
    with pytest.raises(InvalidInput, match="There is no sweep"):
        resume_sweep(scheduler, store, sweep_id, viewer=SOMEBODY)
    assert resume_sweep(scheduler, store, sweep_id, viewer=None) == sweep_id
    assert scheduler.owners == [ME, ME]


def test_data_that_has_changed_makes_another_sweep(store: Store, tmp_path: Path) -> None:
    scheduler = Recorder(store)
    data = write_reviews(tmp_path / "reviews.csv")
    config = complete_sweep("labels", backbone="wiki-gpt", dataset=data, labels=(2,))
    first = submit_sweep(scheduler, config, owner=None)
    assert submit_sweep(scheduler, config, owner=None) == first
    write_reviews(tmp_path / "reviews.csv", more="a middling book,+\n")
    assert submit_sweep(scheduler, config, owner=None) != first


def test_own_data_is_for_its_visitor_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLVSFT_HOME", str(store.home))
    own = DatasetConfig(name=keep_texts(store.home, ME).name)
    with pytest.raises(DatasetError):
        complete_sweep("labels", backbone="wiki-gpt", dataset=own, viewer=SOMEBODY)
    config = complete_sweep("labels", backbone="wiki-gpt", dataset=own, viewer=ME)
    scheduler = Recorder(store)
    sweep_id = submit_sweep(scheduler, config, owner=ME)
    with pytest.raises(DatasetError, match="sweep that is on its way uses this data"):
        delete_own(store, ME, own.name)
    scheduler.stop_sweep(sweep_id)
    delete_own(store, ME, own.name)
    with pytest.raises(DatasetError, match="isn't there any more"):
        resume_sweep(scheduler, store, sweep_id, viewer=ME)


def test_a_folders_fingerprint_leaves_hidden_files_out(tmp_path: Path) -> None:
    data = write_reviews(tmp_path / "train.csv")
    folder = DatasetConfig(name=str(tmp_path))
    before = fingerprint_dataset(folder)
    (tmp_path / ".DS_Store").write_text("noise", encoding="utf-8")
    assert fingerprint_dataset(folder) == before
    write_reviews(tmp_path / "test.csv")
    assert fingerprint_dataset(folder) != before
    assert fingerprint_dataset(data) == fingerprint_dataset(data)


def test_what_is_read_from_the_hub_is_known_by_its_content(tmp_path: Path) -> None:
    data = write_reviews(tmp_path / "reviews.csv")
    before = fingerprints._hash_loaded(data)
    assert fingerprints._hash_loaded(data) == before
    write_reviews(tmp_path / "reviews.csv", more="a middling book,+\n")
    assert fingerprints._hash_loaded(data) != before


def test_pictures_are_known_by_their_pixels() -> None:
    assert fingerprints._hash_loaded(DIGITS) == fingerprints._hash_loaded(DIGITS)


def test_a_backbone_from_the_hub_is_known_by_its_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    snapshot = tmp_path / "models--org--name" / "snapshots" / "0123abcd" / "config.json"
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *_: str(snapshot))
    assert fingerprint_backbone("org/name") == "0123abcd"
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *_: None)
    assert fingerprint_backbone("org/name") == "org/name"


def test_a_folder_that_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unreadable(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fingerprints, "fingerprint_files", unreadable)
    with pytest.raises(DatasetError, match="Permission denied"):
        fingerprint_dataset(DatasetConfig(name=str(tmp_path)))
    with pytest.raises(BackboneError, match="Permission denied"):
        fingerprint_backbone(str(tmp_path))
