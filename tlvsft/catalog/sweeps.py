"""What a sweep can vary, and what it varies when its user names nothing."""

from __future__ import annotations

from typing import Literal, get_args

from tlvsft.config import Bounds

SweepKind = Literal["labels", "depth"]
KINDS: tuple[SweepKind, ...] = get_args(SweepKind)
PARTIAL = "partial"
"""The method of the cells along a depth sweep's axis."""

LABEL_METHODS = ("linear_probe", "full", "from_scratch", "random_features")
"""Both ways to use the pretrained backbone, and for each the control that has none."""
DEPTH_LINES = ("full", "linear_probe", "from_scratch", "random_features")
"""The two ends of the curve as the app trains them by themselves, and the controls.

Source: Yosinski et al. 2014, arXiv:1411.1792, figure 2, whose baseline is trained from scratch, and section 4.3 on
random frozen features.
"""

SWEEP_SEEDS = Bounds(name="seeds", low=1, high=20)
DEFAULT_SEEDS = 3
"""The fewest that say how much seeds differ without one of them deciding it alone."""
MOST_LABEL_COUNTS = 20
MOST_METHODS = 10
MOST_CELLS = 1_000
"""Most runs of one sweep."""
MOST_CELLS_SHARED = 120
"""The same where strangers share the machine: the defaults of every bundled dataset fit."""
