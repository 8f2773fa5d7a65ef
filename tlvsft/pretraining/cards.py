"""The model cards of the bundled backbones: words from here, numbers from the training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlvsft.pretraining.recipes import GlyphsRecipe, Recipe

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
apart. The image backbone of `tlvsft`: small enough to train in seconds on two CPU cores, pretrained for real.

## Input

Grey images (mode "L") of {image_size}×{image_size} pixels, values 0–1, **bright ink on a black background**, no
normalisation (mean 0, standard deviation 1). The image processor resizes and rescales; converting to grey and inverting
dark-on-light pictures is up to the caller.

## Data

Omniglot (Lake, Salakhutdinov & Tenenbaum 2015, MIT licence): 8 alphabets, {characters} characters, 20 drawings each.
Each character in {rotations} quarter turns is a class of its own ({classes} classes). Drawings {heldout_drawings} of
every character were held out. The weights are this project's own, Apache-2.0.

## Training

{examples_seen:,} images ({examples_available:,} different drawings, each one distorted anew every time it was seen) in
{steps:,} steps of {batch_size}, {minutes:.1f} minutes on {machine}. AdamW with a one-cycle rate, peak {learning_rate};
random rotation, shear, stretch, stroke thickness, blur, contrast, and reduction to
{low_resolution}×{low_resolution} pixels and back.
Every number is in `recipe.json`, the loss curve in `training.json`.

| Source task, held-out drawings | |
|---|---|
| accuracy over {classes} classes | {accuracy:.3f} |
| chance | {chance:.4f} |

Some classes can't be told apart (a circle looks the same in every turn), so 1.0 is out of reach.

## Intended use and limits

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
tokens. Documents are separated by `<|endoftext|>`; pad with `<|pad|>` on the right and an attention mask.

## Data

English Wikipedia (CC BY-SA 3.0) and excerpts of public-domain Project Gutenberg books:
{examples_available:,} tokens, mixed in proportion. The held-out files were used for the table below and nothing else.
The weights are this project's own, Apache-2.0.

## Training

{examples_seen:,} tokens in {steps:,} steps of {batch_size}×{context}, {minutes:.0f} minutes on {machine}. The tied
embeddings start from a factored PPMI matrix over the whole corpus (window {ppmi_window}; Levy et al. 2015). Muon for
the matrices of the blocks (peak rate {muon_learning_rate}), AdamW for the rest (peak rate {learning_rate}); warm-up
over {warmup_steps} steps, constant, linear decay over the last {decay_steps}; bfloat16 autocast, no dropout. Every
number is in `recipe.json`, the loss curve in `training.json`.

| Source task, held-out text | |
|---|---|
| perplexity per token | {perplexity:.1f} |
{perplexity_rows}| bits per byte | {bits_per_byte:.3f} |

## Intended use and limits

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


def render_card(recipe: Recipe, summary: Mapping[str, Any], *, command: str) -> str:
    """The text of `README.md` beside the weights, in the Hub's format.

    Args:
        recipe: What was trained by.
        summary: The contents of `training.json`.
        command: How to make it again.
    """
    values = {
        **recipe.to_dict(),
        **summary,
        **summary["metrics"],
        "minutes": summary["elapsed_s"] / 60,
        "command": command,
    }
    if isinstance(recipe, GlyphsRecipe):
        return _GLYPHS.format(**{**values, **_glyph_counts(recipe, summary)})
    return _WIKI_GPT.format(**{**values, "perplexity_rows": _perplexity_rows(summary["metrics"])})


def _glyph_counts(recipe: GlyphsRecipe, summary: Mapping[str, Any]) -> dict[str, Any]:
    classes: int = summary["metrics"]["classes"]
    return {
        "chance": 1 / classes,
        "characters": classes // recipe.rotations,
        "heldout_drawings": ", ".join(map(str, recipe.heldout_drawings)),
    }


def _perplexity_rows(metrics: Mapping[str, float]) -> str:
    parts = {name.split("/")[1]: value for name, value in metrics.items() if "/" in name}
    return "".join(f"| perplexity on `{name}` | {value:.1f} |\n" for name, value in parts.items())
