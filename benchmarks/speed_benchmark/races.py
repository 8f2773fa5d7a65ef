"""Items 1 to 3: our engine against what a user would write, run by run in turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.command_line import say
from benchmarks.speed_benchmark.jobs import Job, Result, run_job
from benchmarks.speed_benchmark.spreads import Spread, paired_ratios
from tlvsft.config import DatasetConfig, RunConfig, VariantConfig

DATASET, BACKBONE = "book-reviews", "wiki-gpt"
LOWER_HALF = ("embedding", "0", "1")
OUR_BATCH, OUR_EVALUATION_BATCH = 16, 64
PASS_BATCHES = (16, 32, 64, 128, 256)
_SEARCHES = 2

Outcomes = dict[str, list[Result]]


def measure_probe(*, repeats: int = 5, epochs: int = 10, labels: int | None = None) -> dict[str, Any]:
    """Item 1: `linear_probe` against `Trainer` and against one pass over the texts."""
    config = run_config("linear_probe", epochs=epochs, labels=labels)
    batch, searched = find_best_batch(config)
    outcomes = race(
        {
            "ours": Job(kind="ours", options={"config": config}),
            "trainer": equal_trainer(config),
            "pass": inference_job(config, batch),
        },
        repeats=repeats,
    )
    ratios = {
        "probe_vs_trainer": ratio(outcomes, "trainer", "ours"),
        "probe_vs_pass": ratio(outcomes, "ours", "pass"),
    }
    return report(ratios, outcomes) | {"pass_batch_size": batch, "pass_seconds_by_batch_size": searched}


def measure_half(*, repeats: int = 5, epochs: int = 5, labels: int | None = None) -> dict[str, Any]:
    """Item 2: `partial` against `Trainer`, and what freezing half saves against what counted operations predict."""
    half = run_config("partial", epochs=epochs, labels=labels, frozen=LOWER_HALF)
    full = run_config("full", epochs=epochs, labels=labels)
    counts = {name: count_flops(name, config) for name, config in (("full", full), ("half", half))}
    outcomes = race(
        {
            "half": Job(kind="ours", options={"config": half}),
            "full": Job(kind="ours", options={"config": full}),
            "trainer": equal_trainer(half, bf16=counts["half"]["precision"] != "float32"),
        },
        repeats=repeats,
    )
    predicted = counts["full"]["step_flops"] / counts["half"]["step_flops"]
    measured = ratio(outcomes, "full", "half", what="train_s")
    ratios = {
        "half_vs_trainer": ratio(outcomes, "trainer", "half"),
        "full_vs_half": measured,
        "full_vs_half_flops": Spread(predicted, predicted, predicted),
        "full_vs_half_vs_flops": Spread(*(part / predicted for part in (measured.median, measured.low, measured.high))),
        "full_vs_half_wall": ratio(outcomes, "full", "half"),
    }
    wall = counts["full"]["total_flops"] / counts["half"]["total_flops"]
    return report(ratios, outcomes) | {"flops": counts, "full_vs_half_wall_flops": wall}


def measure_full(*, repeats: int = 5, epochs: int = 3, labels: int | None = None) -> dict[str, Any]:
    """Item 3: `full` against `Trainer` as it comes, `Trainer` with our batch size, and a loop written by hand."""
    config = run_config("full", epochs=epochs, labels=labels)
    counted = count_flops("full", config)
    bf16 = counted["precision"] != "float32"
    outcomes = race(
        {
            "ours": Job(kind="ours", options={"config": config}),
            "trainer": Job(kind="trainer", options={"config": config}),
            "trainer, equal": equal_trainer(config, bf16=bf16),
            "plain loop": Job(kind="plain_loop", options={"config": config, "bf16": bf16}),
        },
        repeats=repeats,
    )
    ratios = {
        "full_vs_trainer": ratio(outcomes, "trainer", "ours"),
        "full_vs_trainer_equal": ratio(outcomes, "trainer, equal", "ours"),
        "full_vs_plain_loop": ratio(outcomes, "plain loop", "ours"),
    }
    return report(ratios, outcomes) | {"trainer_defaults": TRAINER_DEFAULTS, "precision": counted["precision"]}


TRAINER_DEFAULTS = {
    "batch size": "8 (ours 16)",
    "evaluation batch size": "8 (ours 64)",
    "batches": "random, padded to the longest of a batch (ours are grouped by length)",
    "learning rates": "5e-5 for all, linear decay (ours 1e-3 and 3e-3 for the head, cosine with warm-up)",
    "head": "a linear layer on the last token (ours on the means of the first and last layer, with dropout)",
    "validation": "after each epoch (ours 6 to 12 times a run)",
    "weight decay": "none (ours 0.01)",
}
"""Where `Trainer` as it comes differs from ours; the equal one has our batch sizes and precision, not the rest."""


def run_config(
    method: str, *, epochs: int | None, labels: int | None, frozen: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """A run on the book reviews, ready for JSON."""
    return RunConfig(
        backbone=BACKBONE,
        dataset=DatasetConfig(name=DATASET),
        variant=VariantConfig(method=method, frozen_blocks=frozen),
        labels=labels,
        epochs=epochs,
    ).to_dict()


def equal_trainer(config: dict[str, Any], *, bf16: bool = False) -> Job:
    """`Trainer` with our batch sizes and precision."""
    sizes = {"batch_size": OUR_BATCH, "eval_batch_size": OUR_EVALUATION_BATCH}
    return Job(kind="trainer", options={"config": config, **sizes, "bf16": bf16})


def inference_job(config: dict[str, Any], batch_size: int) -> Job:
    """One pass over the texts."""
    return Job(kind="inference_pass", options={"config": config, "batch_size": batch_size})


def find_best_batch(config: dict[str, Any]) -> tuple[int, dict[int, float]]:
    """The batch size at which a pass is fastest, and the best seconds of each."""
    searched = {
        size: min(
            run_job(f"pass in batches of {size}", inference_job(config, size))["seconds"] for _ in range(_SEARCHES)
        )
        for size in PASS_BATCHES
    }
    return min(searched, key=lambda size: searched[size]), searched


def count_flops(name: str, config: dict[str, Any]) -> Result:
    """What our engine computes in a run."""
    return run_job(f"{name}, counting operations", Job(kind="ours", options={"config": config, "count_flops": True}))


def race(jobs: Mapping[str, Job], *, repeats: int) -> Outcomes:
    """Runs all contestants in turns, `repeats` times; each round another one begins."""
    outcomes: Outcomes = {name: [] for name in jobs}
    for repeat in range(repeats):
        for name in in_turn(list(jobs), repeat):
            outcomes[name].append(run_job(f"[{repeat + 1}/{repeats}] {name}", jobs[name]))
    return outcomes


def in_turn(names: list[str], turn: int) -> list[str]:
    """The same names, another one first in each turn."""
    first = turn % len(names)
    return names[first:] + names[:first]


def ratio(outcomes: Outcomes, above: str, below: str, *, what: str = "seconds") -> Spread:
    """One contestant's times over another's, pair by pair."""
    return paired_ratios([found[what] for found in outcomes[above]], [found[what] for found in outcomes[below]])


def report(ratios: Mapping[str, Spread], outcomes: Outcomes) -> dict[str, Any]:
    """Medians under their keys, and beside them what they come from."""
    for key, spread in ratios.items():
        say(f"  {key} = {spread.median:.3g} ({spread.low:.3g} to {spread.high:.3g})")
    return {
        **{key: spread.median for key, spread in ratios.items()},
        "ranges": {key: [spread.low, spread.high] for key, spread in ratios.items()},
        "contestants": {name: contestant(found) for name, found in outcomes.items()},
    }


def contestant(found: list[Result]) -> dict[str, Any]:
    """One contestant's times, and what else it told: of the last round, where it is the same in all."""
    told = {key: value for key, value in found[-1].items() if key not in {"seconds", "train_s"}}
    times = {key: [result[key] for result in found] for key in ("seconds", "train_s") if key in found[-1]}
    return times | told
