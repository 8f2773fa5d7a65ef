"""A comparison: paired runs of two variants. Checked before it starts; afterwards its verdict, report and predictions.

Importing this package loads neither torch nor the statistics; the functions that need them import them when called.
"""

from __future__ import annotations

from tlvsft.catalog.ladder import block_states, frozen_block_names, last_block_states, trainable_parameters
from tlvsft.comparison.breakage import Breakage, fault_of, find_breakage, trace_of
from tlvsft.comparison.chains import as_asked, preset_chain
from tlvsft.comparison.checks import check_config
from tlvsft.comparison.command_line import command_line
from tlvsft.comparison.differences import Difference, describe_differences
from tlvsft.comparison.estimates import Estimate, Pace, compare_pace, estimate_run
from tlvsft.comparison.findings import Finding, LabelScore, Shown, SideEvidence
from tlvsft.comparison.losses import describe_losses
from tlvsft.comparison.movements import describe_moves
from tlvsft.comparison.naming import block_title, describe_steps, shown_name, side_names, telling_settings
from tlvsft.comparison.outcomes import trained_blocks
from tlvsft.comparison.predictions import PairedPrediction, paired_predictions, paired_runs
from tlvsft.comparison.report import comparison_report
from tlvsft.comparison.starts import FindComparison
from tlvsft.comparison.statements import Winner
from tlvsft.comparison.summaries import (
    DatasetSummary,
    default_backbone,
    default_dataset,
    is_on_disk,
    summarize_backbone,
    summarize_dataset,
)
from tlvsft.comparison.verdict import Verdict, decide_verdict

__all__ = [
    "Breakage",
    "DatasetSummary",
    "Difference",
    "Estimate",
    "FindComparison",
    "Finding",
    "LabelScore",
    "Pace",
    "PairedPrediction",
    "Shown",
    "SideEvidence",
    "Verdict",
    "Winner",
    "as_asked",
    "block_states",
    "block_title",
    "check_config",
    "command_line",
    "compare_pace",
    "comparison_report",
    "decide_verdict",
    "default_backbone",
    "default_dataset",
    "describe_differences",
    "describe_losses",
    "describe_moves",
    "describe_steps",
    "estimate_run",
    "fault_of",
    "find_breakage",
    "frozen_block_names",
    "is_on_disk",
    "last_block_states",
    "paired_predictions",
    "paired_runs",
    "preset_chain",
    "shown_name",
    "side_names",
    "summarize_backbone",
    "summarize_dataset",
    "telling_settings",
    "trace_of",
    "trainable_parameters",
    "trained_blocks",
]
