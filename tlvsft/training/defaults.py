"""How each method is trained when the user names nothing: data, chosen on validation splits alone.

`benchmarks/defaults.py` is the command that chose them, `docs/methods.md` keeps the table that it printed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

from tlvsft.config import Modality, Schedule, Task, VariantConfig


@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    """How to train with one method.

    Attributes:
        head_rate: Peak learning rate of the head.
        backbone_rate: Peak learning rate of the blocks that train; 0 where none does.
        weight_decay: Decoupled, for weight matrices alone.
        schedule: How rates move: they rise over the first `warmup` of the steps, then fall.
        warmup: A share of the steps.
        rate_decay: Each block's rate is that of the block above it, divided by this; the top block's is
            `backbone_rate`.
        steps: Updates to aim for: few labels get many epochs, many labels few.
        epochs: Fewest and most epochs.
        dropout: Share of features left out before the head, in training.
    """

    head_rate: float
    backbone_rate: float = 0.0
    weight_decay: float = 0.01
    schedule: Schedule = "cosine"
    warmup: float = 0.1
    rate_decay: float = 1.0
    steps: int
    epochs: tuple[int, int]
    dropout: float = 0.0

    def for_variant(self, variant: VariantConfig) -> Hyperparameters:
        """The same, but with the schedule, the decay and the factor of rates that a variant asks for."""
        return replace(
            self,
            head_rate=self.head_rate * variant.rate_factor,
            backbone_rate=self.backbone_rate * variant.rate_factor,
            schedule=self.schedule if variant.schedule is None else variant.schedule,
            rate_decay=self.rate_decay if variant.rate_decay is None else variant.rate_decay,
        )

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

ULMFIT_DECAY = 2.6
"""Factor between the rates of two neighbouring blocks. Source: Howard & Ruder 2018, arXiv:1801.06146, section 3.2."""

_ulmfit = partial(Hyperparameters, schedule="slanted_triangular", rate_decay=ULMFIT_DECAY)

DEFAULTS: dict[tuple[Modality | Task, str], Hyperparameters] = {
    ("image", "linear_probe"): Hyperparameters(head_rate=5e-3, steps=150, epochs=(8, 100)),
    ("image", "partial"): Hyperparameters(head_rate=2e-3, backbone_rate=1e-4, steps=150, epochs=(8, 100)),
    ("image", "full"): Hyperparameters(head_rate=2e-3, backbone_rate=1e-4, steps=150, epochs=(8, 100), dropout=0.3),
    ("image", "gradual_unfreezing"): _ulmfit(
        head_rate=2e-3, backbone_rate=1e-4, steps=150, epochs=(8, 100), dropout=0.3
    ),
    ("image", "discriminative_rates"): _ulmfit(
        head_rate=2e-3, backbone_rate=1e-4, steps=150, epochs=(8, 100), dropout=0.3
    ),
    ("image", "lp_ft"): Hyperparameters(head_rate=2e-3, backbone_rate=1e-4, steps=150, epochs=(8, 100), dropout=0.3),
    ("image", "lora"): Hyperparameters(head_rate=2e-3, backbone_rate=1e-4, steps=150, epochs=(8, 100), dropout=0.3),
    ("image", "from_scratch"): Hyperparameters(head_rate=6e-3, backbone_rate=2e-3, steps=300, epochs=(10, 100)),
    ("image", "random_features"): Hyperparameters(head_rate=5e-3, steps=150, epochs=(8, 100)),
    ("text", "linear_probe"): Hyperparameters(head_rate=3e-3, steps=192, epochs=(3, 40), dropout=0.5),
    ("text", "partial"): Hyperparameters(head_rate=3e-3, backbone_rate=1e-3, steps=150, epochs=(3, 30), dropout=0.3),
    ("text", "full"): Hyperparameters(head_rate=3e-3, backbone_rate=1e-3, steps=150, epochs=(3, 30), dropout=0.3),
    ("text", "gradual_unfreezing"): _ulmfit(head_rate=3e-3, backbone_rate=2e-3, steps=150, epochs=(5, 30), dropout=0.3),
    ("text", "discriminative_rates"): _ulmfit(
        head_rate=3e-3, backbone_rate=2e-3, steps=150, epochs=(3, 30), dropout=0.3
    ),
    ("text", "lp_ft"): Hyperparameters(head_rate=3e-3, backbone_rate=1e-3, steps=150, epochs=(3, 30), dropout=0.3),
    ("text", "lora"): Hyperparameters(head_rate=3e-3, backbone_rate=9e-3, steps=150, epochs=(3, 30), dropout=0.3),
    ("text", "from_scratch"): Hyperparameters(head_rate=5e-3, backbone_rate=2.5e-3, steps=200, epochs=(4, 40)),
    ("text", "random_features"): Hyperparameters(head_rate=1e-2, steps=192, epochs=(3, 40), dropout=0.3),
    ("language_modeling", "linear_probe"): Hyperparameters(head_rate=2e-3, steps=128, epochs=(2, 4)),
    ("language_modeling", "partial"): Hyperparameters(head_rate=1e-3, backbone_rate=1e-3, steps=128, epochs=(2, 4)),
    ("language_modeling", "full"): Hyperparameters(head_rate=1e-3, backbone_rate=1e-3, steps=128, epochs=(2, 4)),
    ("language_modeling", "gradual_unfreezing"): _ulmfit(head_rate=1e-3, backbone_rate=3e-3, steps=128, epochs=(2, 4)),
    ("language_modeling", "discriminative_rates"): _ulmfit(
        head_rate=1e-3, backbone_rate=3e-3, steps=128, epochs=(2, 4)
    ),
    ("language_modeling", "lp_ft"): Hyperparameters(head_rate=1e-3, backbone_rate=1e-3, steps=128, epochs=(2, 4)),
    ("language_modeling", "lora"): Hyperparameters(head_rate=1e-3, backbone_rate=3e-3, steps=128, epochs=(2, 4)),
    ("language_modeling", "from_scratch"): Hyperparameters(
        head_rate=2e-3, backbone_rate=2e-3, steps=192, epochs=(3, 6)
    ),
    ("language_modeling", "random_features"): Hyperparameters(head_rate=5e-3, steps=128, epochs=(2, 4)),
}


def hyperparameters_for(
    modality: Modality, method: str, *, task: Task = "classification", width: int | None = None
) -> Hyperparameters:
    """The defaults of a method that takes steps.

    Args:
        modality: Of the backbone.
        method: Its name.
        task: Language modelling has defaults of its own.
        width: Of a transformer; the backbone's rate falls with its square beyond `REFERENCE_WIDTH`.
    """
    parameters = DEFAULTS[modality if task == "classification" else task, method]
    shrink = 1.0 if width is None else min(1.0, (REFERENCE_WIDTH / width) ** 2)
    return replace(parameters, backbone_rate=parameters.backbone_rate * shrink)


def batch_size_for(modality: Modality) -> int:
    """Largest batch; the same for every method, so that paired runs see the same batches in the same order."""
    return BATCH_SIZES[modality]
