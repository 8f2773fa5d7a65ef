"""From flags to a configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlvsft.cli.choose import choose_config
from tlvsft.cli.parser import build_parser
from tlvsft.config import ComparisonConfig
from tlvsft.errors import InvalidInput


def choose(*flags: str) -> ComparisonConfig:
    return choose_config(build_parser().parse_args(["compare", *flags]))


def test_nothing_given_is_the_digits_preset(digits_config: ComparisonConfig) -> None:
    assert choose() == digits_config


def test_flags_override_the_preset() -> None:
    config = choose("--preset", "digits", "--left", "nearest_centroid", "--labels", "20", "--seed", "4", "--seeds", "3")
    assert (config.preset, config.left.method, config.right.method) == ("digits", "nearest_centroid", "full")
    assert (config.labels, list(config.all_seeds())) == (20, [4, 5, 6])


def test_a_presets_labels_go_with_its_data() -> None:
    config = choose("--preset", "digits", "--backbone", "wiki-gpt", "--dataset", "book-reviews")
    assert (config.labels, config.preset) == (None, None)


def test_naming_the_presets_own_parts_changes_nothing(digits_config: ComparisonConfig) -> None:
    assert choose("--preset", "digits", "--backbone", "glyphs-resnet", "--dataset", "digits") == digits_config


@pytest.mark.parametrize(
    ("flags", "backbone", "dataset"),
    [
        (("--dataset", "book-genres"), "wiki-gpt", "book-genres"),
        (("--dataset", "digits"), "glyphs-resnet", "digits"),
        (("--backbone", "wiki-gpt"), "wiki-gpt", "book-reviews"),
    ],
)
def test_the_other_half_is_the_bundled_one_of_the_kind(flags: tuple[str, ...], backbone: str, dataset: str) -> None:
    config = choose(*flags)
    assert (config.backbone, config.dataset.name, config.labels, config.preset) == (backbone, dataset, None, None)


def test_columns_of_a_file_of_ones_own(tmp_path: Path) -> None:
    rows = "".join(f"a {word} book {number},{word}\n" for number in range(20) for word in ("good", "bad"))
    (tmp_path / "mine.csv").write_text(f"review,stars\n{rows}", encoding="utf-8")
    config = choose("--dataset", str(tmp_path / "mine.csv"), "--text-column", "review", "--label-column", "stars")
    assert (config.backbone, config.dataset.text_column, config.dataset.label_column) == ("wiki-gpt", "review", "stars")


def test_a_path_is_kept_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"a {word} book {number},{word}\n" for number in range(20) for word in ("good", "bad"))
    (tmp_path / "mine.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert choose("--dataset", "mine.csv").dataset.name == str(tmp_path / "mine.csv")
    (tmp_path / "digits").mkdir()
    assert choose("--dataset", "digits").dataset.name == "digits"


@pytest.mark.parametrize("flag", ["--preset", "--backbone", "--dataset", "--left", "--freeze-left"])
def test_an_empty_name_is_not_a_default(flag: str) -> None:
    with pytest.raises(InvalidInput, match=r"''|partial"):
        choose(flag, "")


def test_blocks_are_for_partial() -> None:
    assert choose("--left", "partial", "--freeze-left", "embedding,0-1").left.frozen_blocks == ("embedding", "0", "1")
    assert choose("--left", "partial").left.frozen_blocks is None
    with pytest.raises(InvalidInput, match="--freeze-right is for the method 'partial' only"):
        choose("--left", "partial", "--freeze-right", "0")
