"""From a config to a model, its data and a plan: all that is decided before the first step."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from tlvsft.backbones import Backbone, Block, freeze_blocks, load_backbone
from tlvsft.backbones.features import feature_layers
from tlvsft.catalog.ladder import block_states, frozen_block_names, trainable_parameters
from tlvsft.catalog.methods import Method, get_method
from tlvsft.config import RunConfig
from tlvsft.datasets import draw_label_subset
from tlvsft.errors import InvalidInput
from tlvsft.events import BlockStatus, RunStarted
from tlvsft.tasks import CentroidHead, ClassifierModel, LinearHead, encode_inputs
from tlvsft.training.defaults import Hyperparameters, batch_size_for, hyperparameters_for
from tlvsft.training.evaluating import EncodedSplit
from tlvsft.training.plan import Plan, plan_run
from tlvsft.training.randomness import derive_seed, generator_for
from tlvsft.training.thawing import Phase, enter_phase, plan_phases

if TYPE_CHECKING:
    from tlvsft.datasets import LabelledData, Split


@dataclass(frozen=True, eq=False, kw_only=True)
class Preparation:
    """A run that is ready to start.

    Attributes:
        frozen: The blocks of the backbone that stay frozen to the end.
        parameters: How to train; `None` for a method that takes no steps.
        plan: Its epochs and batches; `None` likewise.
        phases: Which blocks train when; none likewise.
        train: The training examples that the seed drew.
    """

    config: RunConfig
    method: Method
    backbone: Backbone
    model: ClassifierModel
    frozen: tuple[Block, ...]
    data: LabelledData
    train: Split
    parameters: Hyperparameters | None
    plan: Plan | None
    phases: tuple[Phase, ...]

    def started_event(self) -> RunStarted:
        """What the world hears before the first step."""
        blocks = self.ladder(self.phases[0].frozen) if self.phases else self.last_ladder()
        return RunStarted(
            trainable_parameters=trainable_parameters(self.last_ladder()),
            total_parameters=sum(block.parameters for block in blocks),
            blocks=blocks,
            total_steps=self.plan.total_steps if self.plan else 0,
            epochs=self.plan.epochs if self.plan else 0,
            train_examples=len(self.train),
            class_names=self.data.class_names,
        )

    def ladder(self, frozen: Collection[str]) -> tuple[BlockStatus, ...]:
        """The ladder while these blocks of the backbone are frozen."""
        return block_states(
            self.backbone.summary(), self.config.variant, num_classes=len(self.data.class_names), frozen=frozen
        )

    def last_ladder(self) -> tuple[BlockStatus, ...]:
        """The ladder at the end, when all that ever trains does."""
        return self.ladder([block.name for block in self.frozen])

    def encode(self, split: Split) -> EncodedSplit:
        """A split as tensors."""
        labels = torch.as_tensor(split.labels, dtype=torch.long)
        return EncodedSplit(encode_inputs(self.backbone, split.inputs), labels)


def prepare(config: RunConfig, data: LabelledData, parameters: Hyperparameters | None = None) -> Preparation:
    """Loads the backbone, freezes, draws the label subset and the head, and plans.

    What is drawn depends on the seed alone, not on the method: the runs of a comparison are paired.

    Raises:
        InvalidInput: The backbone, the method, the blocks or the number of labels don't fit the data.
    """
    method = get_method(config.variant.method)
    backbone = load_backbone(config.backbone, pretrained=method.pretrained, seed=derive_seed(config.seed, "backbone"))
    if backbone.modality != data.modality:
        raise InvalidInput(
            f"{data.name!r} is {data.modality} data and {config.backbone!r} reads {backbone.modality}: "
            "choose a backbone and data of one kind."
        )
    frozen = freeze_blocks(backbone.blocks, frozen_block_names(backbone.summary(), config.variant))
    num_classes = len(data.class_names)
    indices = draw_label_subset(data.train.labels, config.labels, num_classes=num_classes, seed=config.seed)
    if method.takes_steps and parameters is None:
        width = getattr(backbone.model.config, "hidden_size", None)
        parameters = hyperparameters_for(backbone.modality, method.name, width=width)
    if parameters is not None:
        parameters = parameters.for_variant(config.variant)
    model = _build_model(method, backbone, frozen, parameters, num_classes=num_classes, seed=config.seed)
    plan = _plan(config, backbone, parameters, len(indices), len(data.validation)) if parameters else None
    phases = _begin_phases(method, backbone, model, plan, frozen) if plan else ()
    return Preparation(
        config=config,
        method=method,
        backbone=backbone,
        model=model,
        frozen=frozen,
        data=data,
        train=data.train.select(indices),
        parameters=parameters,
        plan=plan,
        phases=phases,
    )


def _build_model(
    method: Method,
    backbone: Backbone,
    frozen: tuple[Block, ...],
    parameters: Hyperparameters | None,
    *,
    num_classes: int,
    seed: int,
) -> ClassifierModel:
    layers = feature_layers(backbone.modality)
    if parameters is None:
        return ClassifierModel(backbone, CentroidHead(backbone.feature_size, num_classes, layers=layers), frozen)
    head = LinearHead(
        backbone.feature_size,
        num_classes,
        dropout=parameters.dropout,
        generator=generator_for(seed, "head"),
        layers=layers,
    )
    return ClassifierModel(backbone, head, frozen, keeps_statistics=method.pretrained)


def _plan(
    config: RunConfig, backbone: Backbone, parameters: Hyperparameters, examples: int, validation_examples: int
) -> Plan:
    return plan_run(
        parameters,
        batch_size=batch_size_for(backbone.modality),
        examples=examples,
        validation_examples=validation_examples,
        epochs=config.epochs,
        seed=config.seed,
    )


def _begin_phases(
    method: Method, backbone: Backbone, model: ClassifierModel, plan: Plan, frozen: tuple[Block, ...]
) -> tuple[Phase, ...]:
    """Plans the phases of a run and enters the first."""
    names = [block.name for block in backbone.blocks]
    to_the_end = frozenset(block.name for block in frozen)
    phases = plan_phases(method, names, frozen=to_the_end, total_steps=plan.total_steps)
    enter_phase(model, backbone.blocks, phases[0])
    return phases
