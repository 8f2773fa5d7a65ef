"""The optimizer: AdamW on trainable parameters only (act 3 of freezing), rates that warm up and fall along a cosine."""

from __future__ import annotations

import math

from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from tlvsft.tasks import ClassifierModel
from tlvsft.training.defaults import Hyperparameters


def build_optimizer(model: ClassifierModel, parameters: Hyperparameters) -> AdamW:
    """AdamW over what trains: the backbone's and the head's rates, weight decay for matrices alone.

    A frozen parameter is given to no group: weight decay would move it even without a gradient.
    Source: Loshchilov & Hutter 2017, arXiv:1711.05101.
    """
    groups = []
    for module, rate in ((model.backbone, parameters.backbone_rate), (model.head, parameters.head_rate)):
        trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
        matrices = [parameter for parameter in trained if parameter.dim() > 1]
        others = [parameter for parameter in trained if parameter.dim() <= 1]
        groups.append({"params": matrices, "lr": rate, "weight_decay": parameters.weight_decay})
        groups.append({"params": others, "lr": rate, "weight_decay": 0.0})
    return AdamW([group for group in groups if group["params"]], fused=True)


def build_schedule(optimizer: AdamW, *, total_steps: int, warmup: float) -> LambdaLR:
    """Rates that rise linearly over the first `warmup` (a share of the steps), then fall to 0 along half a cosine."""
    rising = max(1, round(warmup * total_steps))

    def share(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        done = (step - rising) / max(1, total_steps - rising)
        return 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))

    return LambdaLR(optimizer, share)
