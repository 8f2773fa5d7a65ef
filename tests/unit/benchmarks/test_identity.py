from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.transfer_benchmark import grid, identity
from benchmarks.transfer_benchmark.identity import Identities, hash_backbone, hash_code, hash_files
from tests.unit.benchmarks.synthetic import cell
from tlvsft.training import defaults


@pytest.fixture
def backbone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for glyphs-resnet."""
    folder = tmp_path / "glyphs-resnet"
    folder.mkdir()
    for name in ("config.json", "preprocessor_config.json", "model.safetensors", "README.md", "recipe.json"):
        (folder / name).write_text(name)
    monkeypatch.setattr(grid, "BUNDLED_BACKBONES", tmp_path)
    return folder


def keys(tmp_path: Path) -> dict[str, str | None]:
    """Of all methods on digits, as a new command would see them."""
    identities = Identities(tmp_path)
    return {name: identities.key(cell(name)) for name in grid.METHODS if name != grid.BAG_OF_WORDS}


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("model.safetensors", {"linear_probe", "full", "nearest_centroid"}),
        ("config.json", {"linear_probe", "full", "nearest_centroid", "from_scratch", "random_features"}),
        ("preprocessor_config.json", {"linear_probe", "full", "nearest_centroid", "from_scratch", "random_features"}),
        ("README.md", set()),
        ("recipe.json", set()),
    ],
)
def test_a_replaced_file_changes_what_depends_on_it(
    backbone: Path, tmp_path: Path, file: str, changed: set[str]
) -> None:
    before = keys(tmp_path)
    (backbone / file).write_text("new")
    after = keys(tmp_path)
    assert {name for name in before if before[name] != after[name]} == changed
    assert None not in after.values()


@pytest.mark.usefixtures("backbone")
def test_a_new_default_changes_its_method_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys(tmp_path)
    changed = replace(defaults.DEFAULTS["image", "full"], steps=151)
    monkeypatch.setitem(defaults.DEFAULTS, ("image", "full"), changed)
    monkeypatch.setitem(defaults.DEFAULTS, ("text", "linear_probe"), changed)
    after = keys(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"full"}


@pytest.mark.usefixtures("backbone")
def test_changed_feature_code_changes_every_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys(tmp_path)
    code = tmp_path / "features.py"
    code.write_text("pooling = 'last'")
    monkeypatch.setattr(identity, "_FEATURE_CODE", (code,))
    assert not set(before.values()) & set(keys(tmp_path).values())


def test_without_the_backbone_there_is_no_key(backbone: Path, tmp_path: Path) -> None:
    (backbone / "config.json").unlink()
    assert set(keys(tmp_path).values()) == {None}
    assert hash_backbone(tmp_path / "nowhere", weights=True) is None


def test_datasets_are_known_by_their_files(tmp_path: Path) -> None:
    words = cell("bag_of_words", dataset="ag-news")
    assert Identities(tmp_path).key(words) is None
    folder = tmp_path / "data" / "ag-news"
    folder.mkdir(parents=True)
    (folder / "train.csv").write_text("text,label\n")
    first = Identities(tmp_path).key(words)
    (folder / "train.csv").write_text("text,label\na,b\n")
    assert first is not None
    assert Identities(tmp_path).key(words) not in {first, None}


def test_the_two_tasks_on_the_same_reviews_differ(tmp_path: Path) -> None:
    identities = Identities(tmp_path)
    known = {identities.dataset(grid.TASKS[name]) for name in ("book-reviews", "book-genres", "digits")}
    assert len(known) == 3
    assert None not in known


def test_a_cell_of_no_known_dataset_has_no_key(tmp_path: Path) -> None:
    assert Identities(tmp_path).key(replace(cell("full"), dataset="gone")) is None


def test_names_count_as_well_as_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    before = hash_files(tmp_path, tmp_path.iterdir())
    (tmp_path / "a").rename(tmp_path / "b")
    assert hash_files(tmp_path, tmp_path.iterdir()) != before
    (tmp_path / ".hidden").write_text("y")
    assert hash_files(tmp_path, tmp_path.iterdir()) == hash_files(tmp_path, [tmp_path / "b"])


def test_comments_and_docstrings_are_no_code(tmp_path: Path) -> None:
    code = tmp_path / "code.py"

    def written(text: str) -> str:
        code.write_text(text)
        return hash_code([code])

    first = written('"""Says."""\n\ndef f(x):\n    """Adds."""\n    return x + 1  # one\n')
    assert written('def f(x):\n    """Other words."""\n\n    return (x + 1)\n') == first
    assert written("def f(x):\n    return x + 2\n") != first
