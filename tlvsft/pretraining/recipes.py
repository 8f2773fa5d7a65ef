"""Every number that a bundled backbone depends on, as data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What all recipes share.

    Attributes:
        name: The backbone that comes out.
        seed: Decides the initial weights, the order of the data and the augmentation.
        steps: Optimizer updates in total.
        batch_size: Examples of one step (images, or windows of text).
        learning_rate: Peak rate of AdamW.
        weight_decay: AdamW's, on matrices only.
        checkpoint_every: Steps between two checkpoints.
        log_every: Steps between two entries of the loss curve.
    """

    name: str
    seed: int
    steps: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    checkpoint_every: int
    log_every: int

    def to_dict(self) -> dict[str, Any]:
        """This recipe as JSON-ready data."""
        return asdict(self)

    def to_json(self) -> str:
        """The text of `recipe.json`."""
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def with_steps(self, steps: int | None) -> Self:
        """The same recipe, of another length; `None` changes nothing."""
        return self if steps is None else replace(self, steps=steps)


@dataclass(frozen=True, kw_only=True)
class ResNetRecipe(Recipe):
    """What the image backbones share.

    Attributes:
        image_size: Side of the square input in pixels.
        embedding_size: Channels after the stem.
        hidden_sizes: Channels of each stage.
        depths: Residual layers of each stage.
    """

    image_size: int
    embedding_size: int = 32
    hidden_sizes: tuple[int, ...]
    depths: tuple[int, ...] = (1, 1, 1, 1)


@dataclass(frozen=True, kw_only=True)
class GlyphsRecipe(ResNetRecipe):
    """How `glyphs-resnet` is made.

    Attributes:
        rotations: Quarter turns that count as classes of their own.
        heldout_drawings: Numbers (1–20) of the drawings of each character that training never sees.
        max_turn_deg: Largest random rotation, either way.
        max_shear: Largest random shear.
        scale_range: Smallest and largest random zoom.
        min_stretch: Strongest squeeze along one axis.
        max_shift: Largest random shift, as a fraction of the side.
        bend_std: Standard deviation of the random bends, in half sides (Simard et al. 2003: elastic distortions).
        max_thickening: Largest radius by which strokes are dilated, in source pixels.
        scanned_share: Share of images that are made as scikit-learn's digits were.
        scan_thickening: Largest radius by which their strokes are dilated further.
        scan_grid: Side of the grid that ink is counted on.
        blur_share: Share of images that are blurred.
    """

    name: str = "glyphs-resnet"
    seed: int = 0
    steps: int = 2600
    batch_size: int = 256
    learning_rate: float = 4e-3
    weight_decay: float = 0.05
    checkpoint_every: int = 200
    log_every: int = 20
    image_size: int = 32
    hidden_sizes: tuple[int, ...] = (32, 64, 128, 256)
    rotations: int = 4
    heldout_drawings: tuple[int, ...] = (18, 19, 20)
    max_turn_deg: float = 15.0
    max_shear: float = 0.25
    scale_range: tuple[float, float] = (0.75, 1.2)
    max_shift: float = 0.06
    min_stretch: float = 0.6
    max_thickening: int = 3
    bend_std: float = 0.08
    scanned_share: float = 0.67
    scan_thickening: int = 2
    scan_grid: int = 8
    blur_share: float = 0.3


@dataclass(frozen=True, kw_only=True)
class WikiGptRecipe(Recipe):
    """How `wiki-gpt` is made.

    Attributes:
        vocab_size: Tokens, the special ones included.
        tokenizer_sample_bytes: Text that the vocabulary is learnt from.
        context: Tokens that the model sees at once.
        layers: Transformer blocks.
        width: Size of the hidden state.
        heads: Attention heads per block.
        ppmi_window: Neighbours on either side that the token embeddings are counted from: wide, for topics.
        embedding_std: Standard deviation of the token embeddings: large enough to be heard through all blocks.
        head_ppmi_window: Neighbours on either side that the head starts from: narrow, for word order.
        head_std: Standard deviation of the head's initial weights; GPT-2's own.
        ppmi_smoothing: Exponent on context frequencies (0.75 as in Levy et al. 2015, section 3.1).
        ppmi_eigenvalue_power: Exponent on singular values (0.5, Levy et al. 2015, section 3.3).
        muon_learning_rate: Peak rate of Muon, which trains the matrices of the blocks.
        warmup_steps: Linear warm-up.
        decay_steps: Linear decay to zero at the end; the rate is constant in between.
        grad_clip: Largest norm of the gradient.
    """

    name: str = "wiki-gpt"
    seed: int = 0
    steps: int = 5600
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    checkpoint_every: int = 100
    log_every: int = 20
    vocab_size: int = 8192
    tokenizer_sample_bytes: int = 24_000_000
    context: int = 128
    layers: int = 4
    width: int = 192
    heads: int = 6
    ppmi_window: int = 24
    embedding_std: float = 0.3
    head_ppmi_window: int = 6
    head_std: float = 0.02
    ppmi_smoothing: float = 0.75
    ppmi_eigenvalue_power: float = 0.5
    muon_learning_rate: float = 4e-3
    warmup_steps: int = 150
    decay_steps: int = 1800
    grad_clip: float = 1.0


@dataclass(frozen=True, kw_only=True)
class PhotosRecipe(ResNetRecipe):
    """How `photos-resnet` is made.

    Attributes:
        small_size: Side of the photos of the first `small_steps` steps, which are cheaper for it.
        small_steps: How many steps these are.
        pixel_mean: Subtracted from red, green and blue (0–1); ImageNet's.
        pixel_std: What they are divided by then; ImageNet's.
        warmup_steps: Linear warm-up.
        decay_steps: Linear decay to zero at the end; the rate is constant in between.
        min_crop_area: Smallest share of a photo's area that is kept.
        max_aspect: Strongest stretch of the kept rectangle, either way.
        colour_jitter: Largest change of brightness, contrast and saturation, as a fraction.
        soft_share: Share of photos that are halved and enlarged again.
    """

    name: str = "photos-resnet"
    seed: int = 0
    steps: int = 5200
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    checkpoint_every: int = 250
    log_every: int = 50
    image_size: int = 64
    small_size: int = 48
    small_steps: int = 3500
    hidden_sizes: tuple[int, ...] = (64, 128, 256, 512)
    pixel_mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    pixel_std: tuple[float, ...] = (0.229, 0.224, 0.225)
    warmup_steps: int = 300
    decay_steps: int = 1900
    min_crop_area: float = 0.35
    max_aspect: float = 1.33
    colour_jitter: float = 0.3
    soft_share: float = 0.25
