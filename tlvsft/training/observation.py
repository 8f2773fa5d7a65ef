"""What an observer found; see `tlvsft.training.observing`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tlvsft.events import Event


@dataclass(frozen=True, eq=False, kw_only=True)
class Observation:
    """What observers found.

    Attributes:
        events: To be told before the run's last one.
        figures: Fields of `RunFinished`.
        arrays: To be kept beside the run's weights, by the name of a file.
    """

    events: tuple[Event, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)
