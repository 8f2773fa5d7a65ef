"""Wrong labels on purpose: a share of the training labels is replaced, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from tlvsft.training.randomness import generator_for


@dataclass(frozen=True, eq=False)
class NoisyLabels:
    """Training labels, some of which are wrong.

    Attributes:
        labels: What is trained on, shape `(examples,)`, int64.
        wrong: Which of them were replaced, shape `(examples,)`, bool.
    """

    labels: np.ndarray
    wrong: np.ndarray


def add_noise(labels: np.ndarray, share: float, *, num_classes: int, seed: int) -> NoisyLabels:
    """Replaces a share of labels by another class each, every other class being as likely (symmetric noise).

    What is drawn depends on the seed alone, so both sides of a comparison learn the same wrong labels.

    Args:
        labels: Class numbers, shape `(examples,)`; left as they are.
        share: Of them that becomes wrong, 0–1; the number is rounded.
        num_classes: At least 2.
        seed: Of the run.

    Source: Zhang et al. 2017, arXiv:1611.03530, section 2.1, "partially corrupted labels".
    """
    generator = generator_for(seed, "noise")
    wrong = np.zeros(len(labels), dtype=bool)
    wrong[torch.randperm(len(labels), generator=generator).numpy()[: round(share * len(labels))]] = True
    shifts = torch.randint(1, num_classes, (len(labels),), generator=generator).numpy()
    return NoisyLabels(labels=np.where(wrong, (labels + shifts) % num_classes, labels), wrong=wrong)
