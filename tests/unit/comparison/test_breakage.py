"""What a mistake did is said in numbers of the runs, and that it did nothing is said, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tlvsft.catalog.faults import LESSONS
from tlvsft.catalog.presets import BREAK_IT, PRESETS
from tlvsft.comparison.breakage import Trace, fault_of, find_breakage, trace_of
from tlvsft.config import ComparisonConfig, DatasetConfig, VariantConfig
from tlvsft.events import Evaluated, Event, RunFailed, RunFinished, StepTaken

NAMES = {"left": "Left one", "right": "Right one"}
BROKEN = {preset.fault: preset for preset in PRESETS.values() if preset.fault is not None}


def events(
    train: Sequence[float], val: Sequence[tuple[float, float]], *, failure: str = "", **finish: Any
) -> list[Event]:
    """A run with these training losses, and these validation losses and accuracies every ten steps."""
    steps = [
        StepTaken(step=number, epoch=float(number), elapsed_s=1.0, train_loss=loss, examples=number)
        for number, loss in enumerate(train, start=1)
    ]
    evaluations = [
        Evaluated(step=10 * number, epoch=1.0, elapsed_s=1.0, val_loss=loss, val_accuracy=accuracy, examples=number)
        for number, (loss, accuracy) in enumerate(val)
    ]
    if failure:
        return [*steps, *evaluations, RunFailed(message=failure)]
    figures: dict[str, Any] = {"frozen_intact": True, "test_accuracy": val[-1][1]} | finish
    end = RunFinished(steps=len(train), elapsed_s=1.0, train_s=1.0, examples_per_s=1.0, peak_memory_bytes=1, **figures)
    return [*steps, *evaluations, end]


SOUND = trace_of(events([2.3, 0.5, 0.1], [(2.3, 0.1), (0.4, 0.9), (0.3, 0.95)], frozen_norms=9))


def evidence(fault: str, right: Trace, left: Trace = SOUND) -> tuple[bool, str]:
    found = find_breakage(BROKEN[fault].comparison_config(), {"left": left, "right": right}, NAMES)  # type: ignore[index]
    assert found is not None
    assert found.fault == fault
    return found.shows, " ".join(found.evidence)


def test_each_mistake_has_a_preset_and_each_preset_explains_itself() -> None:
    assert set(BROKEN) == set(LESSONS)
    for preset in BROKEN.values():
        assert preset.group == BREAK_IT
        assert len(preset.explanation) > 200
        assert all(source.url.startswith("https://") for source in LESSONS[preset.fault].sources)  # type: ignore[index]
    assert all(not preset.explanation for preset in PRESETS.values() if preset.fault is None)


def test_a_rate_too_high_shows_as_a_loss_that_rises() -> None:
    shows, words = evidence("rate", trace_of(events([2.3, 45.2, 0.1], [(2.3, 0.1), (7.0, 0.8)])))
    assert shows
    assert "began at 2.3 and came to 45.2 at step 2. Left one: it was never above 2.3." in words
    assert "Test accuracy: 80.0 % for right one, 95.0 % for left one." in words


def test_a_rate_that_breaks_nothing_is_called_so() -> None:
    assert not evidence("rate", trace_of(events([2.3, 2.5, 0.1], [(2.3, 0.1), (0.2, 0.97)])))[0]


@pytest.mark.parametrize("steps", [[], [2.3, 900.0]])
def test_a_run_that_broke_off_says_why_and_the_other_keeps_its_result(steps: list[float]) -> None:
    shows, words = evidence("rate", trace_of(events(steps, [(2.3, 0.1)], failure="The loss became nan.")))
    assert shows is bool(steps)
    assert "Right one broke off: The loss became nan." in words
    assert not steps or "Test accuracy: 95.0 % for left one." in words


def test_a_head_that_was_not_warmed_up_shows_in_the_validation_loss() -> None:
    shows, words = evidence("head", trace_of(events([2.3], [(2.3, 0.1), (23.5, 0.6), (8.5, 0.85)])))
    assert shows
    assert "came to 23.50 after 10 steps" in words
    assert "never above 0.40" in words
    assert not evidence("head", trace_of(events([2.3], [(2.3, 0.1), (0.5, 0.9)])))[0]


def test_a_drift_of_statistics_is_counted_in_layers() -> None:
    drifted = trace_of(events([0.001] * 3, [(2.3, 0.1), (3.6, 0.5)], frozen_norms=9, drifted_norms=9))
    shows, words = evidence("batchnorm", drifted)
    assert shows
    assert "the running statistics of 9 of 9 frozen BatchNorm layers changed" in words
    assert "Left one: those of none of 9." in words
    assert "Right one: a training loss of 0.00 at the end, and 3.60 on validation." in words
    harmless = trace_of(events([0.1], [(2.3, 0.1), (0.2, 0.99)], frozen_norms=9, drifted_norms=9))
    assert not evidence("batchnorm", harmless)[0]


def test_wrong_labels_learnt_by_heart_are_counted() -> None:
    learnt = trace_of(
        events([0.02] * 3, [(2.3, 0.1), (1.0, 0.8), (1.4, 0.61)], wrong_labels=40, wrong_labels_learnt=38)
    )
    left = trace_of(events([], [(1.8, 0.85)], wrong_labels=40, wrong_labels_learnt=6))
    shows, words = evidence("noise", learnt, left)
    assert shows
    assert "Right one repeats 38 of the 40 wrong labels (40 % of all), with a training loss of 0.02." in words
    assert "best after 10 steps, with 80.0 % of the validation right; at the end, after 20, it was 61.0 %." in words
    assert "Left one repeats 6 of the 40 wrong labels (40 % of all). Of the test it has 85.0 % right." in words
    resisted = trace_of(events([1.0], [(2.3, 0.1), (0.5, 0.9)], wrong_labels=40, wrong_labels_learnt=3))
    assert not evidence("noise", resisted, left)[0]


@pytest.mark.parametrize("fault", list(LESSONS))
def test_nothing_is_claimed_of_runs_that_were_never_measured(fault: str) -> None:
    lost = Trace(failure="The worker died.")
    assert evidence(fault, lost, lost) == (
        False,
        "Left one broke off: The worker died. Right one broke off: The worker died.",
    )


def test_where_only_the_broken_side_broke_off_that_is_the_collapse() -> None:
    lost = trace_of(events([2.0, 900.0], [(2.3, 0.1)], failure="The loss became nan."))
    kept = trace_of(events([2.0, 0.5], [(2.3, 0.1), (0.6, 0.9)]))
    for fault in ("rate", "head", "batchnorm"):
        assert evidence(fault, lost, kept)[0], fault


def test_the_mistake_follows_from_the_settings_where_no_preset_names_it() -> None:
    usual = ComparisonConfig(backbone="b", dataset=DatasetConfig(name="d"))
    fast, slow = VariantConfig(method="full", rate_factor=30.0), VariantConfig(method="full", rate_factor=0.1)
    drifts = VariantConfig(method="linear_probe", batchnorm="train")
    warmed = VariantConfig(method="lp_ft", rate_factor=30.0)
    for changes, fault in (
        ({}, None),
        ({"label_noise": 0.2}, "noise"),
        ({"left": drifts}, "batchnorm"),
        ({"right": fast}, "rate"),
        ({"right": slow}, None),
        ({"left": warmed, "right": fast}, "head"),
        ({"left": fast, "right": fast}, None),
    ):
        assert fault_of(replace(usual, **changes)) == fault  # type: ignore[arg-type]
    digits = PRESETS["digits"].comparison_config()
    assert fault_of(digits) is None
    assert fault_of(replace(digits, label_noise=0.2)) == "noise"  # as the command line keeps a preset's name
    assert find_breakage(usual, {"left": SOUND, "right": SOUND}, NAMES) is None
