"""Setups as visitors make them: stories with a few things changed, and others put together at random."""

from __future__ import annotations

import random
from dataclasses import replace

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison import check_config, summarize_backbone
from tlvsft.config import BATCH_NORMS, LANGUAGE_HEADS, SCHEDULES, Task, VariantConfig
from tlvsft.errors import InvalidInput
from tlvsft.ui.setup import Setup, setup_of_story


def random_setups(*, seed: int, count: int) -> list[Setup]:
    """Setups that can be trained; half of them began as a story."""
    chance = random.Random(seed)
    return [_until_it_works(chance) for _ in range(count)]


def _until_it_works(chance: random.Random) -> Setup:
    while True:
        setup = _change_story(chance) if chance.random() < 0.5 else _put_together(chance)
        try:
            check_config(setup.config())
        except InvalidInput:
            continue
        return setup


def _change_story(chance: random.Random) -> Setup:
    setup = setup_of_story(chance.choice(list(PRESETS)))
    other = _put_together(chance, setup.backbone, setup.dataset, setup.task)
    starts = {side: setup.variant(side).start for side in ("left", "right")}
    other = replace(
        other,
        left=replace(other.left, start=starts["left"]),
        right=replace(other.right, start=starts["right"]),
    )
    names = ["labels", "epochs", "seed", "label_noise", "left", "right"]
    changed = chance.sample(names, chance.randint(0, 3))
    return replace(setup, **{name: getattr(other, name) for name in changed})


def _put_together(
    chance: random.Random, backbone: str | None = None, dataset: str | None = None, task: Task | None = None
) -> Setup:
    backbone = backbone or chance.choice(list(BACKBONES))
    summary = summarize_backbone(backbone)
    dataset = dataset or chance.choice([name for name, data in DATASETS.items() if data.modality == summary.modality])
    if task is None:
        can_predict = summary.language_head_parameters is not None
        task = "language_modeling" if can_predict and chance.random() < 0.5 else "classification"
    size = DATASETS[dataset].train_size
    left, right = (_random_variant(chance, backbone, task) for _ in range(2))
    return Setup(
        backbone=backbone,
        dataset=dataset,
        labels=chance.choice([size, chance.randint(1, size)]),
        left=left,
        right=right,
        epochs=chance.choice([None, chance.randint(1, 500)]),
        seed=chance.choice([0, chance.randint(0, 2**31 - 1)]),
        task=task,
        label_noise=0.0 if task == "language_modeling" else chance.choice([0.0, chance.randint(0, 90) / 100]),
    )


def _random_variant(chance: random.Random, backbone: str, task: Task) -> VariantConfig:
    summary = summarize_backbone(backbone)
    method = METHODS[chance.choice(list(METHODS))]
    blocks = tuple(name for name in summary.block_names if chance.random() < 0.5)
    plain = VariantConfig(
        method=method.name,
        frozen_blocks=chance.choice([None, blocks]) if method.freezes == "chosen" else None,
        head=chance.choice([None, *LANGUAGE_HEADS]) if task == "language_modeling" else None,
    )
    if not method.takes_steps or chance.random() < 0.5:
        return plain
    return replace(
        plain,
        schedule=chance.choice([None, *SCHEDULES]),
        rate_decay=chance.choice([None, 1.0, 2.6, chance.uniform(1, 100)]),
        rate_factor=chance.choice([1.0, 0.01, 30.0, chance.uniform(0.01, 1000)]),
        batchnorm=chance.choice([None, *BATCH_NORMS]) if summary.modality == "image" else None,
    )
