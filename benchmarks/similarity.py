"""How exact linear CKA is with few examples, plain and debiased: why the debiased one is told, and on how many.

`python benchmarks/similarity.py` adapts a backbone three times (the presets' data and labels, seed 0), takes what its
last block gives for all validation and test examples before and after, and prints CKA of all of them and, mean ±
standard deviation over 60 draws, of a few. "Shuffled" pairs each example with another one: nothing in common. A minute.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from torch import Tensor

from benchmarks.markdown import markdown_table
from tlvsft.backbones import Backbone, load_backbone
from tlvsft.backbones.representations import read_blocks
from tlvsft.catalog.presets import PRESETS
from tlvsft.config import RunConfig, VariantConfig
from tlvsft.datasets import load_labelled_data
from tlvsft.evaluation.similarity import linear_cka
from tlvsft.tasks import EncodedInputs, encode_inputs
from tlvsft.training import train

COUNTS = (32, 64, 128, 256)
DRAWS = 60
READ_TOGETHER = 32
RUNS = (("book-genres", "full"), ("digits", "full"), ("digits", "from_scratch"))
Pair = tuple[Tensor, Tensor]
"""What the last block gives before and after, each `(examples, width)`."""


def run_config(preset: str, method: str) -> RunConfig:
    """The run of a preset's data and labels by a method."""
    return replace(PRESETS[preset].comparison_config().run_config("right", 0), variant=VariantConfig(method=method))


def represent_twice(config: RunConfig) -> Pair:
    """Adapts the backbone and reads its last block on validation and test examples, before and after."""
    data = load_labelled_data(config.dataset)
    backbone = load_backbone(config.backbone)
    inputs = encode_inputs(backbone, [*data.validation.inputs, *data.test.inputs])
    before = represent(backbone, inputs)
    trained = train(config, data=data, on_event=lambda _: None)
    changed = {name.removeprefix("backbone."): tensor for name, tensor in trained.changed_tensors.items()}
    backbone.model.load_state_dict(changed, strict=False)
    return before, represent(backbone, inputs)


def represent(backbone: Backbone, inputs: EncodedInputs) -> Tensor:
    """What the last block gives for each example, `(examples, width)`."""
    backbone.model.eval()
    last = backbone.blocks[-1].name
    parts: list[Tensor | None] = []
    with torch.no_grad():
        for start in range(0, len(inputs), READ_TOGETHER):
            chosen = np.arange(start, min(start + READ_TOGETHER, len(inputs)))
            parts.append(read_blocks(backbone.model, backbone.blocks, inputs.batch(chosen))[last])
    return torch.cat([states for states in parts if states is not None])


def spread_over_draws(pair: Pair, count: int, *, debiased: bool) -> str:
    """Mean and standard deviation of CKA over draws of so many examples."""
    before, after = pair
    rng = np.random.default_rng(0)
    picks = [torch.as_tensor(rng.permutation(len(before))[:count]) for _ in range(DRAWS)]
    found = [linear_cka(before[pick], after[pick], debiased=debiased) for pick in picks]
    return f"{np.mean(found):.2f} ± {np.std(found, ddof=1):.2f}"


def describe(title: str, pair: Pair) -> list[list[str]]:
    """Two rows of the table: plain and debiased."""
    return [
        [f"{title}, {'debiased' if debiased else 'plain'}", f"{linear_cka(*pair, debiased=debiased):.3f}"]
        + [spread_over_draws(pair, count, debiased=debiased) for count in COUNTS]
        for debiased in (False, True)
    ]


def shuffle(states: Tensor) -> Tensor:
    """The same in another order."""
    return states[torch.as_tensor(np.random.default_rng(1).permutation(len(states)))]


def main() -> int:
    """Adapts, reads and prints."""
    rows = [["last block", "all", *[f"{count} examples" for count in COUNTS]]]
    for preset, method in RUNS:
        before, after = represent_twice(run_config(preset, method))
        title = f"{preset}, {method}, {before.shape[1]} wide, {len(before)} examples"
        rows += describe(title, (before, after))
        if (preset, method) == ("digits", "full"):
            rows += describe(f"{title}, shuffled", (before, shuffle(after)))
    sys.stdout.write(markdown_table(rows) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
