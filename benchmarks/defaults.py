"""Chooses the training defaults: varies one setting at a time around those in place, on validation data only.

    python benchmarks/defaults.py image            # digits on glyphs-resnet
    python benchmarks/defaults.py text --dataset book-genres --labels all --seeds 1
    python benchmarks/defaults.py text --only backbone_rate
    python benchmarks/defaults.py words --seeds 1  # language modelling of the book reviews

Each line is one setting: mean validation accuracy and loss over the seeds (of words: perplexity on all validation texts
and on general English), and seconds per run. The test split is never looked at: the validation split takes its place.
`docs/methods.md` keeps what the last runs printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from tlvsft.catalog.methods import METHODS
from tlvsft.config import DatasetConfig, RunConfig, Task, VariantConfig
from tlvsft.datasets import LabelledData, TextData, load_labelled_data, load_text_data
from tlvsft.errors import NonFiniteLoss
from tlvsft.events import Evaluated, Event
from tlvsft.training import train
from tlvsft.training.defaults import Hyperparameters, hyperparameters_for

BACKBONES = {"image": "glyphs-resnet", "text": "wiki-gpt", "words": "wiki-gpt"}
CELLS = {
    "image": (("digits", 20), ("digits", 50), ("digits", 200)),
    "text": (("book-genres", 100), ("book-genres", None), ("book-reviews", None)),
    "words": (("book-reviews", 100), ("book-reviews", None)),
}
FACTORS = {"head_rate": (1 / 3, 3), "backbone_rate": (1 / 3, 3), "steps": (0.5, 2)}
VALUES = {
    "weight_decay": (0.05,),
    "dropout": (0.1, 0.3),
    "schedule": ("cosine", "slanted_triangular"),
    "rate_decay": (1.0, 1.6, 2.6),
}

Data = TypeVar("Data", LabelledData, TextData)


@dataclass(frozen=True)
class Cell:
    """Means over the seeds.

    Attributes:
        quality: Validation accuracy, or perplexity on the validation texts.
        other: Validation loss, or perplexity on general English.
        seconds: Per run.
    """

    quality: float
    other: float
    seconds: float


def main() -> None:
    """Prints one line per method and setting."""
    arguments = read_arguments()
    torch.set_num_threads(1)
    names = [
        (name, labels)
        for name, labels in CELLS[arguments.kind]
        if arguments.labels in {None, labels or "all"} and arguments.dataset in {None, name}
    ]
    words = arguments.kind == "words"
    load = load_text_data if words else load_labelled_data
    data = {name: without_test(load(DatasetConfig(name=name))) for name, _ in names}
    print(f"{'method':20} {'setting':28}" + "".join(f"{f'{n} {k or chr(8734)}':>28}" for n, k in names))
    methods = [name for name, method in METHODS.items() if method.takes_steps]
    for method in arguments.method or methods:
        default = (
            hyperparameters_for("text", method, task="language_modeling")
            if words
            else hyperparameters_for(arguments.kind, method)
        )
        for label, parameters in settings(default, arguments.only):
            cells = [
                measure(
                    BACKBONES[arguments.kind],
                    method,
                    data[name],
                    labels=labels,
                    parameters=parameters,
                    seeds=arguments.seeds,
                )
                for name, labels in names
            ]
            columns = "".join(f"{c.quality:>12.3f} {c.other:7.3f} {c.seconds:5.1f} s" for c in cells)
            print(f"{method:20} {label:28}{columns}", flush=True)


def read_arguments() -> argparse.Namespace:
    """What to vary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("image", "text", "words"))
    parser.add_argument("--method", action="append", choices=sorted(METHODS))
    parser.add_argument("--dataset", help="only this dataset")
    parser.add_argument("--labels", type=count_or_all, help="only this many labels, or 'all'")
    parser.add_argument("--only", action="append", help="vary only this setting")
    parser.add_argument("--seeds", type=int, default=3)
    return parser.parse_args()


def count_or_all(text: str) -> int | str:
    """A number of labels, or `all`."""
    return text if text == "all" else int(text)


def without_test(data: Data) -> Data:
    """The same data, its test split replaced by the validation split."""
    return replace(data, test=data.validation)


def settings(default: Hyperparameters, only: list[str] | None) -> Iterator[tuple[str, Hyperparameters]]:
    """The default, then each variation of a single setting."""
    yield "default", default
    for name, factors in FACTORS.items():
        value = getattr(default, name)
        if value and (not only or name in only):
            for factor in factors:
                changed = round(value * factor) if name == "steps" else value * factor
                epochs = tuple(max(1, round(count * factor)) for count in default.epochs)
                extra = {"epochs": epochs} if name == "steps" else {}
                yield f"{name} {changed:.4g}", replace(default, **{name: changed}, **extra)
    for name, values in VALUES.items():
        if not only or name in only:
            for value in values:
                if value != getattr(default, name):
                    yield f"{name} {value}", replace(default, **{name: value})


def measure(
    backbone: str,
    method: str,
    data: LabelledData | TextData,
    *,
    labels: int | None,
    parameters: Hyperparameters,
    seeds: int,
) -> Cell:
    """Trains with each seed and averages."""
    task: Task = "language_modeling" if isinstance(data, TextData) else "classification"
    figures = []
    for seed in range(seeds):
        events: list[Event] = []
        config = RunConfig(
            backbone=backbone,
            dataset=DatasetConfig(name=data.name),
            variant=VariantConfig(method=method),
            labels=labels,
            seed=seed,
            task=task,
        )
        try:
            run = train(config, on_event=events.append, data=data, parameters=parameters)
        except NonFiniteLoss:
            return Cell(0.0, float("inf"), 0.0)
        last = [event for event in events if isinstance(event, Evaluated)][-1]
        end = run.outcome
        if task == "language_modeling":
            figures.append((end.perplexity, end.source_perplexity_after, end.elapsed_s))
        else:
            figures.append((last.val_accuracy, last.val_loss, end.elapsed_s))
    return Cell(*map(mean, zip(*figures, strict=True)))


if __name__ == "__main__":
    main()
