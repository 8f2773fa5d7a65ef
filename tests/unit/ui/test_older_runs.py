"""Older runs that can be laid over the curves: whose, which, what they are called, and how few points they have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tlvsft.catalog.presets import PRESETS
from tlvsft.config import SIDES, ComparisonConfig, VariantConfig
from tlvsft.events import Evaluated, Event, StepTaken
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store
from tlvsft.ui.older_handlers import CHOOSE, NONE_YET, NOTHING_SHOWN, answer_older
from tlvsft.ui.older_runs import (
    MOST_OLDER,
    MOST_POINTS,
    MOST_VALIDATIONS,
    OlderCurves,
    comparable,
    describe_changes,
    thin_out,
)
from tlvsft.ui.services import Services

ME, YOU = "m" * 32, "y" * 32
KEPT = {"owner": ME}


def stepped(number: int, loss: float) -> StepTaken:
    return StepTaken(step=number, epoch=number / 8, elapsed_s=number / 10, train_loss=loss, examples=4 * number)


def validated(number: int, loss: float) -> Evaluated:
    return Evaluated(
        step=number, epoch=number / 8, elapsed_s=number / 10, val_loss=loss, val_accuracy=0.5, examples=4 * number
    )


@pytest.fixture
def train(store: Store) -> Callable[..., str]:
    """Adds a comparison that was trained for ten steps, and returns its id."""

    def add(config: ComparisonConfig, *, owner: str | None = ME, state: Any = "finished") -> str:
        known = store.add_comparison(config, owner=owner)
        for run in store.comparison(known).runs:
            store.begin_run(run.id, ProcessIdentity.own())
            store.append_events(run.id, [stepped(number, 1 / number) for number in range(1, 11)])
            store.append_event(run.id, validated(10, 0.5))
            if state is not None:
                store.end_run(run.id, state)
        return known

    return add


def ask(services: Services, comparison: str, *, chosen: Any = (), kept: Any = KEPT) -> dict[str, Any]:
    sent = {"asked": 1, "comparison": comparison, "chosen": list(chosen) if isinstance(chosen, tuple) else chosen}
    return answer_older(services, OlderCurves(services.store), kept, sent)


def test_only_what_means_the_same_and_is_over_can_be_chosen(
    services: Services, train: Callable[..., str], digits_config: ComparisonConfig
) -> None:
    first = train(replace(digits_config, labels=20))
    stopped = train(digits_config, state="stopped")
    train(digits_config, state=None)  # still trains
    train(digits_config, state="failed")
    train(PRESETS["book-genres"].comparison_config())
    shown = train(digits_config)
    queued = services.store.add_comparison(digits_config, owner=ME)
    services.store.request_stop(queued)  # stopped before it began
    answer = ask(services, shown)
    assert [choice["id"] for choice in answer["choices"]] == [stopped, first]
    assert answer["words"] == CHOOSE
    assert answer["choices"][0]["facts"] == "the same settings, stopped"
    assert answer["choices"][1]["facts"] == "here 20 labels"
    assert answer["older"] == []


def test_nobody_sees_what_belongs_to_somebody_else(
    services: Services,
    train: Callable[..., str],
    digits_config: ComparisonConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs, command_line = train(digits_config, owner=YOU), train(digits_config, owner=None)
    shown = train(digits_config)
    answer = ask(services, shown, chosen=(theirs, command_line))
    assert [choice["id"] for choice in answer["choices"]] == [command_line]
    assert [older["id"] for older in answer["older"]] == [command_line]
    assert ask(services, theirs)["words"] == NOTHING_SHOWN
    assert ask(services, theirs)["choices"] == []
    monkeypatch.setenv("TLVSFT_SHARED_HOST", "1")
    assert ask(services, shown, chosen=(command_line,))["words"] == NONE_YET
    assert ask(services, shown, chosen=(command_line,))["older"] == []


@pytest.mark.parametrize("chosen", [None, "x", 3, {"a": 1}, [3, None, "x", ["y"]]])
def test_anything_may_come_from_a_browser(
    services: Services, train: Callable[..., str], digits_config: ComparisonConfig, chosen: Any
) -> None:
    train(digits_config)
    shown = train(digits_config)
    assert ask(services, shown, chosen=chosen)["older"] == []
    assert answer_older(services, OlderCurves(services.store), None, {})["words"] == NOTHING_SHOWN


def test_at_most_three_are_drawn_with_both_sides(
    services: Services, train: Callable[..., str], digits_config: ComparisonConfig
) -> None:
    ids = [train(digits_config) for _ in range(MOST_OLDER + 1)]
    shown = train(digits_config)
    older = ask(services, shown, chosen=(*ids, ids[0]))["older"]
    assert [found["id"] for found in older] == ids[:MOST_OLDER]
    runs = older[0]["runs"]
    assert [run["side"] for run in runs] == list(SIDES)
    assert runs[0]["stride"] == 1
    assert runs[0]["chunk"]["after"] == 0
    assert runs[0]["chunk"]["steps"][1] == [2, 0.2, 8, 0.5]
    assert runs[0]["chunk"]["evaluations"] == [[10, 1.0, 40, 0.5, 0.5]]


def test_of_several_seeds_the_first_is_drawn_and_named(
    services: Services, train: Callable[..., str], digits_config: ComparisonConfig
) -> None:
    several = train(replace(digits_config, seeds=3, seed=4))
    answer = ask(services, train(digits_config), chosen=(several,))
    assert [run["id"] for run in answer["older"][0]["runs"]] == [f"{several}-{side}-4" for side in SIDES]
    assert answer["older"][0]["name"].endswith("Linear probe vs Full fine-tuning, seed 4")
    assert answer["older"][0]["facts"] == "here seeds 4–6"


def test_curves_are_read_once(store: Store, train: Callable[..., str], digits_config: ComparisonConfig) -> None:
    record = store.comparison(train(digits_config))
    curves = OlderCurves(store)
    assert curves.of(record)[0] is curves.of(record)[0]


def test_long_runs_are_averaged_to_few_points_and_keep_their_end() -> None:
    events: list[Event] = [stepped(number, 1.0 + number % 2) for number in range(1, 10_001)]
    events += [validated(number, number) for number in range(1, 10_001)]
    thin = thin_out(iter(enumerate(events, start=1)))
    steps, validations = thin["chunk"]["steps"], thin["chunk"]["evaluations"]
    assert thin["stride"] == 10
    assert len(steps) == MOST_POINTS
    assert {loss for *_, loss in steps} == {1.5}
    assert steps[-1][:3] == [10_000, 1_000.0, 40_000]
    assert len(validations) == MOST_VALIDATIONS
    assert validations[-1][0] == 10_000
    assert thin["chunk"]["cursor"] == 20_000


def test_what_is_no_number_stays_out_of_the_mean() -> None:
    losses = [float("inf") if number % 2 else 3.0 for number in range(2 * MOST_POINTS)]
    thin = thin_out(iter([(number, stepped(number, loss)) for number, loss in enumerate(losses, start=1)]))
    assert {loss for *_, loss in thin["chunk"]["steps"]} == {3.0}
    short = thin_out(iter([(1, stepped(1, float("nan")))]))
    assert short["chunk"]["steps"][0][-1] is None
    assert thin_out(iter([]))["chunk"] == {"after": 0, "cursor": 0, "steps": [], "evaluations": []}


def test_differences_in_words(digits_config: ComparisonConfig) -> None:
    lora = replace(digits_config, right=VariantConfig(method="lora"), epochs=3, labels=None, seed=2)
    words = describe_changes(lora, digits_config)
    assert words == "here all labels, Linear probe vs LoRA, 3 epochs, seed 2"
    assert describe_changes(digits_config, lora).endswith("the methods' own epochs, seed 0")
    slower = replace(digits_config, right=replace(digits_config.right, rate_decay=2.0))
    assert "schedules" in describe_changes(slower, digits_config)


def test_the_newest_are_listed_first(store: Store, train: Callable[..., str], digits_config: ComparisonConfig) -> None:
    ids = [train(digits_config) for _ in range(3)]
    current = store.comparison(ids[1])
    assert [record.id for record in comparable(store, current, viewer=ME)] == [ids[2], ids[0]]
