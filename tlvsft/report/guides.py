"""The page of reading that goes with a program: what it trains, what lies beside it, what is private about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tlvsft.catalog.methods import get_method
from tlvsft.report.origins import backbone_origin, data_origin, licence_words
from tlvsft.report.versions import library_versions
from tlvsft.report.words import plain_markdown

if TYPE_CHECKING:
    from tlvsft.runs.records import RunRecord


def script_guide(run: RunRecord, *, class_names: Sequence[str], sizes: Mapping[str, int]) -> str:
    """The README of a program.

    Args:
        run: What it trains again.
        class_names: In the order of their numbers.
        sizes: Examples of each split.
    """
    config = run.config
    method = get_method(config.variant.method)
    backbone, data = backbone_origin(config.backbone), data_origin(config.dataset.name)
    versions = library_versions()
    torch, transformers = versions["torch"].split("+")[0], versions["transformers"]
    made_with = ", ".join(f"{name} {number}" for name, number in versions.items())
    counts = ", ".join(f"{count:,} {name}" for name, count in sizes.items())
    classes = ", ".join(f"{number}: {plain_markdown(name)}" for number, name in enumerate(class_names))
    return f"""# {method.title} of {plain_markdown(backbone.name)} on {plain_markdown(data.name)}, seed {run.seed}

{method.summary} This is the {run.side} side of the comparison `{run.comparison_id}` of tlvsft.

```
pip install torch=={torch} transformers=={transformers} safetensors pillow
python reproduce.py
```

It trains on the CPU and prints the losses and accuracies beside those of the app. With the same libraries on the same
kind of machine they agree to about three digits, and the accuracy on the test split is the same; another machine or
another version rounds differently, and after many steps that shows. What the app had computed in bfloat16 or on a GPU
agrees less closely.

| File | What it is |
|---|---|
| `reproduce.py` | the program: data, model, freezing, optimizer, loop, one after the other |
| `data/` | **the data that the app used**: {counts} examples. Pass it on only if you may |
| `start/` | the backbone and the head as they were before the first step (safetensors) |
| `batches.json` | which training examples each batch has |
| `run.json` | the whole configuration, the class names, the versions |

{f"Classes: {classes}." if class_names else "It learns the next word of texts; labels aren't read."}

Backbone: {backbone.words} {licence_words(backbone)}

Data: {data.words} {licence_words(data)}

Made with {made_with}.
"""
