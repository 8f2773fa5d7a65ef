"""What can be had of a comparison, in one line each why something can't, and what its file is called."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.unit.own_datasets import keep_texts
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.report import can_take_home, find_offers
from tlvsft.report.building import Package, explain, package_name
from tlvsft.report.words import plain_markdown
from tlvsft.runs.artifacts import RUN_FILE, WEIGHTS_FILE
from tlvsft.runs.store import Store

RecordComparison = Callable[..., str]
ANSWERS = {("left", 0): [True, False], ("right", 0): [True, True]}


def offered(store: Store, comparison_id: str) -> dict[tuple[str, str | None, int | None], str | None]:
    return {
        (offer.kind, offer.side, offer.seed): offer.refusal
        for offer in find_offers(store, store.comparison(comparison_id))
    }


def test_a_finished_comparison_gives_everything(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    comparison_id = record_comparison(digits_config, ANSWERS)
    for run in store.comparison(comparison_id).runs:
        (store.run_folder(run.id) / WEIGHTS_FILE).write_bytes(b"")
    found = offered(store, comparison_id)
    assert list(found) == [
        ("report", None, None),
        ("numbers", None, None),
        ("model", "left", 0),
        ("model", "right", 0),
        ("script", "left", 0),
        ("script", "right", 0),
    ]
    assert set(found.values()) == {None}


def test_deleted_weights_and_methods_that_no_program_covers_say_so(
    store: Store, digits_config: ComparisonConfig, record_comparison: RecordComparison
) -> None:
    config = replace(digits_config, left=VariantConfig(method="lora"))
    comparison_id = record_comparison(config, ANSWERS)
    left = store.comparison(comparison_id).run("left")
    (store.run_folder(left.id) / RUN_FILE).write_text("{}", encoding="utf-8")
    found = offered(store, comparison_id)
    assert found["model", "left", 0] == "Its weights were deleted to make room for newer ones: train it again."
    assert found["script", "left", 0] == "No program is written for LoRA."


def test_nothing_is_offered_before_the_end(store: Store, digits_config: ComparisonConfig) -> None:
    comparison_id = store.add_comparison(digits_config, owner=None)
    assert not can_take_home(store.comparison(comparison_id))
    store.request_stop(comparison_id)
    assert store.comparison(comparison_id).is_over
    assert not can_take_home(store.comparison(comparison_id))  # it never began: there is nothing


@pytest.mark.parametrize(
    ("dataset", "name"),
    [
        ("../../etc/passwd", "etc-passwd-linear-probe-seed-0-{}-model.zip"),
        ('a"b\r\nX: y;<script>', "a-b--x--y--script--linear-probe-seed-0-{}-model.zip"),
        ("…", "linear-probe-seed-0-{}-model.zip"),
    ],
)
def test_a_file_is_named_by_letters_digits_and_dashes(store: Store, dataset: str, name: str) -> None:
    config = ComparisonConfig(backbone="glyphs-resnet", dataset=DatasetConfig(name=dataset))
    comparison_id = store.add_comparison(config, owner=None)
    made = package_name(store, Package(comparison_id=comparison_id, kind="model", side="left", seed=0))
    assert made == name.format(comparison_id[:6])[-70:] or made.endswith("model.zip")
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert not made.startswith((".", "-"))


def test_a_file_of_own_data_has_its_title_and_not_its_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLVSFT_HOME", str(store.home))
    data = keep_texts(store.home, "m" * 32, "My <b>reviews</b>")
    for named, expected in ((data.name, "my--b-reviews--b"), (f"own:{'0' * 32}", "own-data--deleted")):
        config = ComparisonConfig(backbone="wiki-gpt", dataset=DatasetConfig(name=named))
        made = package_name(store, Package(comparison_id=store.add_comparison(config, owner="m" * 32), kind="report"))
        assert made.startswith(expected)
        assert named.removeprefix("own:") not in made


def test_whatever_goes_wrong_becomes_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    assert explain(fail) == "Making it hit an internal error (ZeroDivisionError): see exports.log."
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert explain(lambda: None) == ""


def test_it_loads_no_torch() -> None:
    modules = "('torch', 'gradio', 'numpy')"
    check = f"import sys, tlvsft.report.building; print([name for name in {modules} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_numbers_in_words() -> None:
    assert plain_markdown("a|b\n<c> [d](e)") == r"a\|b &lt;c\> \[d\]\(e\)"
