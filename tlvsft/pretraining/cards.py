"""The model cards of the bundled backbones: words from here, numbers from the training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tlvsft.pretraining.loss_picture import LOSS_PICTURE
from tlvsft.pretraining.recipes import GlyphsRecipe, PhotosRecipe, Recipe

_GLYPHS = """\
---
license: apache-2.0
library_name: transformers
pipeline_tag: image-classification
tags:
- image-classification
- handwriting
- resnet
- tlvsft
datasets:
- Omniglot (Lake et al. 2015, MIT licence)
---

# glyphs-resnet

A small ResNet ({backbone_parameters:,} parameters, {parameters:,} with its head) that tells handwritten characters
apart. The backbone of `tlvsft` for drawings: small enough to train in seconds on two CPU cores, pretrained for real.

## Input

Grey images (mode "L") of {image_size}×{image_size} pixels, values 0–1, **bright ink on a black background**, no
normalisation (mean 0, standard deviation 1). The image processor resizes and rescales; converting to grey and inverting
dark-on-light pictures is up to the caller. The weights are stored as float16: load them with `dtype=torch.float32`.

## Data

Omniglot (Lake, Salakhutdinov & Tenenbaum 2015, MIT licence): 8 alphabets, {characters} characters, 20 drawings each.
Each character in {rotations} quarter turns is a class of its own ({classes} classes). Drawings {heldout_drawings} of
every character were held out. The weights are this project's own, Apache-2.0.

## Training

{examples_seen:,} images ({examples_available:,} different drawings, each one distorted anew every time it was seen) in
{steps:,} steps of {batch_size}, {minutes:.1f} minutes on {machine}. AdamW with a one-cycle rate, peak {learning_rate};
random rotation, shear, stretch, bends, stroke thickness, blur and contrast; {scanned_percent:.0f} % of the images are
cropped to their ink, turned to black and white and counted on a {scan_grid}×{scan_grid} grid, as scikit-learn's digits
were.
Every number is in `recipe.json`, the loss curve in `training.json`.

{loss_curve}

| Source task, held-out drawings | |
|---|---|
| accuracy over {classes} classes | {accuracy:.3f} |
| chance | {chance:.4f} |

Some classes can't be told apart (a circle looks the same in every turn), so 1.0 is out of reach.

{transfer}## Intended use and limits

A starting point for small image tasks with drawn strokes: digits, letters, symbols. It knows nothing of colour, texture
or photographs. Batch normalisation keeps running statistics: freeze them together with the weights.

## Make it again

```
{command}
```

With torch {torch} and transformers {transformers}; `DIR` is a folder with the two Omniglot zips
(`images_background_small1.zip`, `images_background_small2.zip`).
"""

_WIKI_GPT = """\
---
license: apache-2.0
language: en
library_name: transformers
pipeline_tag: text-generation
tags:
- text-generation
- gpt2
- tlvsft
datasets:
- English Wikipedia (CC BY-SA 3.0)
- Project Gutenberg (public domain)
---

# wiki-gpt

A small GPT-2-style language model ({parameters:,} parameters: {layers} blocks, {width} wide, {heads} heads, context
{context}) that predicts the next word of encyclopaedia and book text. The text backbone of `tlvsft`.

## Input

Lower-cased by its tokenizer (byte-level BPE, {vocab_size:,} tokens, learnt from the same text). At most {context}
tokens. Documents are separated by `<|endoftext|>`; pad with `<|pad|>` on the right and an attention mask. The weights
are stored as float16: load them with `dtype=torch.float32`.

## Data

English Wikipedia (CC BY-SA 3.0) and excerpts of public-domain Project Gutenberg books:
{examples_available:,} tokens, mixed in proportion. The held-out files were used for the table below and nothing else.
The weights are this project's own, Apache-2.0.

## Training

{examples_seen:,} tokens in {steps:,} steps of {batch_size}×{context}, {minutes:.0f} minutes on {machine}. The token
embeddings were counted, not trained: a factored PPMI matrix over the whole corpus (window {ppmi_window}; Levy et al.
2015), so that they say what a text is about. The head is not tied to them; it starts from a second such matrix (window
{head_ppmi_window}). Muon for the matrices of the blocks (peak rate {muon_learning_rate}), AdamW for the rest (peak rate
{learning_rate}); warm-up over {warmup_steps} steps, constant, linear decay over the last {decay_steps:,}; bfloat16
autocast, no dropout. Every number is in `recipe.json`, the loss curve in `training.json`.

{loss_curve}

| Source task, held-out text | |
|---|---|
| perplexity per token | {perplexity:.1f} |
{perplexity_rows}| bits per byte | {bits_per_byte:.3f} |

{transfer}## Intended use and limits

A starting point for small English text tasks, and a toy next-word predictor. It is far too small to know facts: what it
writes reads like English and means little. It carries the biases of its sources; the books are mostly of the 19th and
early 20th century.

## Make it again

```
{command}
```

With torch {torch} and transformers {transformers}; `DIR` is a folder of `*.txt.xz` files (a blank line between
documents, one paragraph per line), some of them named `*-heldout-*`. bfloat16 sums depend on the processor: another
machine gives another, equally good model.
"""

_PHOTOS = """\
---
license: apache-2.0
library_name: transformers
pipeline_tag: image-classification
tags:
- image-classification
- photos
- resnet
- tlvsft
datasets:
- Tiny ImageNet (Le & Yang 2015; a subset of ImageNet, research use)
---

# photos-resnet

A small ResNet ({backbone_parameters:,} parameters, {parameters:,} with its head) that tells {classes} kinds of things
on colour photos apart. The backbone of `tlvsft` for people's own photos: a few megabytes, trained on one CPU core.

## Input

Colour images (mode "RGB") of {image_size}×{image_size} pixels, normalised with ImageNet's mean and standard deviation.
The image processor converts, resizes (without keeping the aspect) and normalises. The weights are stored as float16:
load them with `dtype=torch.float32`.

## Data

Tiny ImageNet (Le & Yang 2015): {examples_available:,} training photos of {classes} kinds of things, 64×64 pixels; 10
validation photos of each kind were measured on and nothing else. It is a subset of ImageNet (Deng et al. 2009), whose
photos are for **non-commercial research and teaching**; none is in this repository. The weights are this project's own,
Apache-2.0: whether the terms of the photos bind what was learnt from them is for you to judge before you sell anything.

## Training

{examples_seen:,} photos ({epochs:.1f} times through the data) in {steps:,} steps of {batch_size}, {minutes:.0f} minutes
on one thread of {machine}. The first {small_steps:,} steps saw {small_size}×{small_size} pixels, the others
{image_size}×{image_size}. AdamW (peak rate {learning_rate}, weight decay {weight_decay}): warm-up over {warmup_steps}
steps, constant, linear decay over the last {decay_steps:,}; bfloat16 autocast. Each photo was cropped, mirrored,
recoloured and softened anew every time it was seen. Every number, the seed of the order included, is in `recipe.json`,
the loss curve in `training.json`.

{loss_curve}

| Source task, validation photos | |
|---|---|
| accuracy over {classes} classes | {accuracy:.3f} |
| among the first five | {top5_accuracy:.3f} |
| chance | {chance:.4f} |

{transfer}## Intended use and limits

A starting point for sorting a few hundred photos of things, animals, plants or scenes. It sees thumbnails of
{image_size}×{image_size} pixels: what can't be told apart on those, it can't tell apart. A backbone trained on all of
ImageNet knows far more. Its photos come from the web of the 2000s, mostly the Western one. No class is a kind
of person, but people are on many photos: don't use it to judge people. Batch normalisation keeps running statistics:
freeze them together with the weights.

## Make it again

```
{command}
```

With torch {torch} and transformers {transformers}; `DIR` is a folder with Tiny ImageNet as `train-*.parquet` and
`validation-*.parquet` (columns `image`, `label`). bfloat16 sums depend on the processor: another machine gives another,
equally good model.
"""

_CURVE = "![Loss curve: the training loss falls from {first:.2f} to {last:.2f} in {steps:,} steps.]({file})"

_TRANSFER = """\
## Transfer, measured

Test accuracy in percent, mean over seeds ± half the 95 % interval, with the app's defaults (`benchmarks/transfer.py`).

{rows}
"""


@dataclass(frozen=True, kw_only=True)
class TransferRow:
    """What one method reached from this backbone.

    Attributes:
        dataset: Its name.
        method: A key of `METHODS`.
        labels: Training examples; `None` is all of them.
        mean: Test accuracy over the seeds, 0–1.
        low: Lower end of the 95 % interval, or `None` after one seed.
        high: Its upper end.
        seeds: How many.
    """

    dataset: str
    method: str
    labels: int | None
    mean: float
    low: float | None
    high: float | None
    seeds: int


def render_card(
    recipe: Recipe, summary: Mapping[str, Any], *, command: str, transfer: Sequence[TransferRow] = ()
) -> str:
    """The text of `README.md` beside the weights, in the Hub's format.

    Args:
        recipe: What was trained by.
        summary: The contents of `training.json`.
        command: How to make it again.
        transfer: What was measured on other data since.
    """
    values = {
        **recipe.to_dict(),
        **summary,
        **summary["metrics"],
        "minutes": summary["elapsed_s"] / 60,
        "command": command,
        "loss_curve": _loss_curve(summary["history"]),
        "transfer": _TRANSFER.format(rows=render_transfer_rows(transfer)) if transfer else "",
    }
    if isinstance(recipe, GlyphsRecipe):
        return _GLYPHS.format(**{**values, **_glyph_counts(recipe, summary)})
    if isinstance(recipe, PhotosRecipe):
        return _PHOTOS.format(**{**values, **_photo_counts(summary)})
    return _WIKI_GPT.format(**{**values, "perplexity_rows": _perplexity_rows(summary["metrics"])})


def render_transfer_rows(rows: Iterable[TransferRow]) -> str:
    """A Markdown table: one line per dataset and method, one column per number of labels."""
    found = {(row.dataset, row.method, row.labels): row for row in rows}
    counts = sorted({labels for _, _, labels in found}, key=lambda labels: (labels is None, labels or 0))
    lines = dict.fromkeys((dataset, method) for dataset, method, _ in found)
    header = ["dataset", "method", *("all labels" if count is None else f"{count:,} labels" for count in counts)]
    table = [header, ["---", "---", *("---:" for _ in counts)]]
    for dataset, method in lines:
        cells = [_transfer_cell(found.get((dataset, method, count))) for count in counts]
        table.append([dataset, f"`{method}`", *cells])
    return "".join(f"| {' | '.join(line)} |\n" for line in table)


def _transfer_cell(row: TransferRow | None) -> str:
    if row is None:
        return ""
    spread = "" if row.low is None or row.high is None else f" ± {50 * (row.high - row.low):.1f}"
    return f"{100 * row.mean:.1f}{spread}"


def _glyph_counts(recipe: GlyphsRecipe, summary: Mapping[str, Any]) -> dict[str, Any]:
    classes: int = summary["metrics"]["classes"]
    return {
        "chance": 1 / classes,
        "characters": classes // recipe.rotations,
        "scanned_percent": 100 * recipe.scanned_share,
        "heldout_drawings": ", ".join(map(str, recipe.heldout_drawings)),
    }


def _photo_counts(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "chance": 1 / summary["metrics"]["classes"],
        "epochs": summary["examples_seen"] / summary["examples_available"],
    }


def _loss_curve(history: Sequence[Mapping[str, float]]) -> str:
    first, last = history[0], history[-1]
    return _CURVE.format(first=first["train_loss"], last=last["train_loss"], steps=last["step"], file=LOSS_PICTURE)


def _perplexity_rows(metrics: Mapping[str, float]) -> str:
    parts = {name.split("/")[1]: value for name, value in metrics.items() if "/" in name}
    return "".join(f"| perplexity on `{name}` | {value:.1f} |\n" for name, value in parts.items())
