"""From flags to a configuration."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tlvsft.catalog.presets import PRESETS
from tlvsft.cli.choose import choose_config
from tlvsft.cli.parser import build_parser
from tlvsft.config import SIDES, ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.errors import InvalidInput
from tlvsft.runs.records import ComparisonRecord, RunRecord

ID = "abcdefghijklmnop"


def find_finished(comparison_id: str) -> ComparisonRecord:
    """A comparison on wiki-gpt whose runs have all finished, whatever its id."""
    config = ComparisonConfig(backbone="wiki-gpt", dataset=DatasetConfig(name="book-reviews"), task="language_modeling")
    if comparison_id != ID:
        raise InvalidInput(f"There is no comparison {comparison_id!r}.")
    runs = tuple(
        RunRecord(
            id=f"{ID}-{side}-0",
            comparison_id=ID,
            side=side,
            seed=0,
            config=config.run_config(side, 0),
            state="finished",
            message=None,
            invalid_input=False,
            pid=None,
            heartbeat_at=None,
            created_at=0.0,
            started_at=0.0,
            ended_at=0.0,
        )
        for side in SIDES
    )
    return ComparisonRecord(id=ID, config=config, owner=None, created_at=0.0, runs=runs)


def choose(*flags: str) -> ComparisonConfig:
    return choose_config(build_parser().parse_args(["compare", *flags]), find_comparison=find_finished)


def refusal(*flags: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        choose(*flags)
    return str(refused.value)


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


def test_the_task_is_the_presets_unless_given() -> None:
    assert choose("--preset", "adapt-to-book-reviews") == PRESETS["adapt-to-book-reviews"].comparison_config()
    assert choose("--task", "language_modeling") == PRESETS["adapt-to-book-reviews"].comparison_config()
    assert choose("--task", "classification").preset == "digits"
    changed = choose("--preset", "book-reviews", "--task", "language_modeling")
    assert (changed.task, changed.preset, changed.dataset.name) == ("language_modeling", None, "book-reviews")
    assert choose("--backbone", "wiki-gpt", "--task", "language_modeling").dataset.name == "book-reviews"


def test_a_corpus_of_ones_own_needs_no_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = SimpleNamespace(name="mine", train=["a text"] * 30, validation=[], test=[], notes=())
    monkeypatch.setattr("tlvsft.datasets.load_text_data", lambda _: corpus, raising=False)
    (tmp_path / "mine.txt").write_text("Some words.", encoding="utf-8")
    flags = ("--task", "language_modeling", "--dataset", str(tmp_path / "mine.txt"))
    config = choose(*flags, "--labels", "30", "--left", "partial")
    assert (config.backbone, config.task, config.labels) == ("wiki-gpt", "language_modeling", 30)
    assert "choose from 1 to 30" in refusal(*flags, "--labels", "31")


def test_mistakes_are_asked_for_by_flags() -> None:
    config = choose(
        *("--rate-factor-right", "30", "--batchnorm-left", "train", "--label-noise", "0.4", "--labels", "20"),
    )
    assert config.left == VariantConfig(method="linear_probe", batchnorm="train")
    assert config.right == VariantConfig(method="full", rate_factor=30.0)
    assert (config.label_noise, config.preset) == (0.4, "digits")


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if preset.fault is not None])
def test_a_preset_that_breaks_something_keeps_its_settings(name: str) -> None:
    assert choose("--preset", name) == PRESETS[name].comparison_config()
    sound = choose(
        *("--preset", name, "--rate-factor-left", "1", "--rate-factor-right", "1", "--batchnorm-right", "eval"),
        *("--label-noise", "0", "--epochs", "3"),
    )
    assert (sound.left.rate_factor, sound.right.rate_factor, sound.right.batchnorm) == (1.0, 1.0, "eval")
    assert (sound.label_noise, sound.epochs) == (0.0, 3)


def test_heads_schedules_and_rates_are_the_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    config = choose(
        *("--task", "language_modeling", "--left", "full", "--head-left", "new", "--head-right", "tied"),
        *("--schedule-left", "slanted_triangular", "--rate-decay-right", "2.6"),
    )
    assert config.left == VariantConfig(method="full", head="new", schedule="slanted_triangular")
    assert config.right == VariantConfig(method="full", head="tied", rate_decay=2.6)


@pytest.mark.parametrize("reference", [f"{ID}-left", f"{ID}:left", f"{ID}/left"])
def test_a_preset_goes_on_from_an_earlier_run(reference: str) -> None:
    config = choose("--preset", "book-reviews", "--left", "full", "--from-right", reference)
    assert (config.left.start, config.right.start, config.preset) == (None, f"{ID}-left", "book-reviews")


def test_the_backbone_is_the_ancestors() -> None:
    for flags in ((), ("--dataset", "book-genres"), ("--preset", "digits", "--dataset", "book-reviews")):
        assert choose(*flags, "--from-left", f"{ID}-right-0").backbone == "wiki-gpt"
    assert "has the backbone 'wiki-gpt', this comparison" in refusal(
        "--preset", "digits", "--backbone", "glyphs-resnet", "--from-left", f"{ID}-left"
    )


def test_three_tasks_take_overrides_for_the_last_and_keep_their_chain() -> None:
    preset = PRESETS["three-tasks"].comparison_config()
    assert choose("--preset", "three-tasks") == preset
    config = choose("--preset", "three-tasks", "--right", "lp_ft", "--labels", "64", "--epochs", "2", "--seeds", "2")
    assert (config.right.method, config.right.start, config.preset) == ("lp_ft", "previous-left", "three-tasks")
    assert (config.labels, config.epochs, config.seeds) == (64, 2, 2)
    other_data = choose("--preset", "three-tasks", "--dataset", "book-genres")
    assert (other_data.preset, other_data.right.start) == ("three-tasks", "previous-left")


def test_another_start_leaves_nothing_of_the_chain() -> None:
    config = choose("--preset", "three-tasks", "--from-right", f"{ID}-left")
    assert (config.preset, config.right.start) == (None, f"{ID}-left")
    both = choose("--preset", "three-tasks", "--from-left", f"{ID}-left")
    assert (both.preset, both.left.start, both.right.start) == ("three-tasks", f"{ID}-left", "previous-left")


def test_random_weights_cannot_go_on_from_the_adaptation() -> None:
    assert "'from_scratch' starts from random weights" in refusal("--preset", "three-tasks", "--right", "from_scratch")
