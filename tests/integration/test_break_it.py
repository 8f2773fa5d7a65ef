"""Each preset that breaks something does break it, on the real backbones and data, and the card can say so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tlvsft.catalog.faults import Fault
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison import Breakage, find_breakage, trace_of
from tlvsft.config import SIDES
from tlvsft.events import Event
from tlvsft.training import train

NAMES = {"left": "Left", "right": "Right"}
EXPECTED: dict[Fault, str] = {
    "rate": "the training loss began at 2.",
    "head": "head not warmed up: the validation loss began at 2.",
    "batchnorm": "the running statistics of 13 of 13 frozen BatchNorm layers changed",
    "noise": "of the 40 wrong labels",
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def break_it(name: str) -> Breakage:
    """Trains both variants of a preset as they are."""
    config, traces = PRESETS[name].comparison_config(), {}
    for side in SIDES:
        heard: list[Event] = []
        train(config.run_config(side, config.seed), on_event=heard.append)
        traces[side] = trace_of(heard)
    found = find_breakage(config, traces, NAMES)
    assert found is not None
    return found


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if preset.fault is not None])
def test_the_collapse_that_a_preset_promises_shows(name: str) -> None:
    found = break_it(name)
    assert found.shows, found.evidence
    assert EXPECTED[found.fault] in " ".join(found.evidence)
