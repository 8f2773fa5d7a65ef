"""How each method is trained when the user names nothing: data, chosen on validation splits alone.

`benchmarks/defaults.py` is the command that chose them, `docs/methods.md` keeps the table that it printed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from tlvsft.config import Modality


@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    """How to train with one method.

    Attributes:
        head_rate: Peak learning rate of the head.
        backbone_rate: Peak learning rate of the blocks that train; 0 where none does.
        weight_decay: Decoupled, for weight matrices alone.
        warmup: Share of the steps over which rates rise from 0; then they fall to 0 along a cosine.
        steps: Updates to aim for: few labels get many epochs, many labels few.
        epochs: Fewest and most epochs.
        dropout: Share of features left out before the head, in training.
    """

    head_rate: float
    backbone_rate: float = 0.0
    weight_decay: float = 0.01
    warmup: float = 0.1
    steps: int
    epochs: tuple[int, int]
    dropout: float = 0.0

    def epochs_for(self, batches_per_epoch: int) -> int:
        """Epochs that come nearest to the wanted steps."""
        fewest, most = self.epochs
        return min(most, max(fewest, math.ceil(self.steps / batches_per_epoch)))


BATCH_SIZES: dict[Modality, int] = {"text": 16, "image": 16}
GRADIENT_NORM_LIMIT = 1.0
"""Gradients are scaled down to this norm. Source: Pascanu et al. 2013, arXiv:1211.5063."""

REFERENCE_WIDTH = 192
"""The width of the transformer that rates were chosen on. Falling with the square brings 1e-3 to 6e-5 at 768, close to
what BERT wants, 2e-5 to 5e-5. Source: Devlin et al. 2018, arXiv:1810.04805, appendix A.3."""

DEFAULTS: dict[tuple[Modality, str], Hyperparameters] = {
    ("image", "linear_probe"): Hyperparameters(head_rate=5e-3, steps=150, epochs=(8, 100)),
    ("image", "partial"): Hyperparameters(head_rate=2e-3, backbone_rate=1e-4, steps=150, epochs=(8, 100)),
    ("image", "full"): Hyperparameters(head_rate=2e-3, backbone_rate=1e-4, steps=150, epochs=(8, 100), dropout=0.3),
    ("image", "from_scratch"): Hyperparameters(head_rate=6e-3, backbone_rate=2e-3, steps=300, epochs=(10, 100)),
    ("image", "random_features"): Hyperparameters(head_rate=5e-3, steps=150, epochs=(8, 100)),
    ("text", "linear_probe"): Hyperparameters(head_rate=3e-3, steps=192, epochs=(3, 40), dropout=0.5),
    ("text", "partial"): Hyperparameters(head_rate=3e-3, backbone_rate=1e-3, steps=150, epochs=(3, 30), dropout=0.3),
    ("text", "full"): Hyperparameters(head_rate=3e-3, backbone_rate=1e-3, steps=150, epochs=(3, 30), dropout=0.3),
    ("text", "from_scratch"): Hyperparameters(head_rate=5e-3, backbone_rate=2.5e-3, steps=200, epochs=(4, 40)),
    ("text", "random_features"): Hyperparameters(head_rate=1e-2, steps=192, epochs=(3, 40), dropout=0.3),
}


def hyperparameters_for(modality: Modality, method: str, *, width: int | None = None) -> Hyperparameters:
    """The defaults of a method that takes steps.

    Args:
        modality: Of the backbone.
        method: Its name.
        width: Of a transformer; the backbone's rate falls with its square beyond `REFERENCE_WIDTH`.
    """
    parameters = DEFAULTS[modality, method]
    shrink = 1.0 if width is None else min(1.0, (REFERENCE_WIDTH / width) ** 2)
    return replace(parameters, backbone_rate=parameters.backbone_rate * shrink)


def batch_size_for(modality: Modality) -> int:
    """Largest batch; the same for every method, so that paired runs see the same batches in the same order."""
    return BATCH_SIZES[modality]
