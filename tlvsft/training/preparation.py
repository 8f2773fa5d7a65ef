"""From a config to a model, its data and a plan: all that is decided before the first step."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from torch import Tensor

from tlvsft.backbones import Arithmetic, Backbone, Block, choose_arithmetic, freeze_blocks, load_backbone
from tlvsft.catalog.backbones import BackboneSummary
from tlvsft.catalog.ladder import block_states, frozen_block_names, trainable_parameters
from tlvsft.catalog.methods import Method, get_method
from tlvsft.config import RunConfig
from tlvsft.datasets import LabelledData, TextData, load_labelled_data, load_text_data
from tlvsft.events import BlockStatus, RunStarted
from tlvsft.training.activation_files import ActivationFiles
from tlvsft.training.adapters import Adapters
from tlvsft.training.classification import Classification, check_modality, prepare_classification
from tlvsft.training.counting import LEAST_EPOCHS_STORED
from tlvsft.training.defaults import Hyperparameters, batch_size_for, hyperparameters_for
from tlvsft.training.language_modeling import LanguageModeling, prepare_language_modeling
from tlvsft.training.objectives import Objective
from tlvsft.training.phases import Phase, plan_phases
from tlvsft.training.plan import Plan, plan_run
from tlvsft.training.randomness import derive_seed
from tlvsft.training.starting import Start, start_backbone
from tlvsft.training.thawing import enter_phase

if TYPE_CHECKING:
    from tlvsft.tasks import AdaptedModel


@dataclass(frozen=True, eq=False, kw_only=True)
class Preparation:
    """A run that is ready to start.

    Attributes:
        summary: Of the backbone, before any adapters.
        frozen: The blocks of the backbone that stay frozen to the end.
        adapters: Beside the layers of the frozen backbone, where the method trains any.
        parameters: How to train; `None` for a method that takes no steps.
        plan: Its epochs and batches; `None` likewise.
        phases: Which blocks train when; none likewise.
        objective: What is learnt, on which data.
        stored: The frozen blocks of each phase, so far, whose outputs were stored for all training examples.
    """

    config: RunConfig
    method: Method
    backbone: Backbone
    summary: BackboneSummary
    frozen: tuple[Block, ...]
    adapters: Adapters | None
    parameters: Hyperparameters | None
    plan: Plan | None
    phases: tuple[Phase, ...]
    objective: Classification | LanguageModeling
    stored: set[frozenset[str]] = field(default_factory=set)

    @property
    def model(self) -> AdaptedModel:
        """What is trained."""
        return self.objective.model

    def stores_prefix(self, phase: Phase | None) -> bool:
        """Whether training examples are read so often in a phase that frozen blocks are better computed once.

        Without a phase nothing is trained, and only the outputs of the whole backbone are wanted.
        """
        if phase is None or self.plan is None:
            return True
        later = [other.start for other in self.phases if other.start > phase.start]
        steps = min(later, default=self.plan.total_steps) - phase.start
        return steps >= LEAST_EPOCHS_STORED * self.plan.batches_per_epoch

    def frozen_in(self, phase: Phase | None) -> frozenset[str]:
        """The names of the blocks that are frozen in a phase; without one, those that are frozen to the end."""
        return frozenset(block.name for block in self.frozen) if phase is None else phase.frozen

    def started_event(self) -> RunStarted:
        """What the world hears before the first step."""
        blocks = self.ladder(self.phases[0].frozen) if self.phases else self.last_ladder()
        return RunStarted(
            trainable_parameters=trainable_parameters(self.last_ladder()),
            total_parameters=sum(block.parameters for block in blocks),
            blocks=blocks,
            total_steps=self.plan.total_steps if self.plan else 0,
            epochs=self.plan.epochs if self.plan else 0,
            train_examples=self.objective.train_examples,
            class_names=self.objective.class_names,
        )

    def state(self) -> dict[str, Tensor]:
        """The model's tensors by name, adapters merged."""
        return self.model.state_dict() if self.adapters is None else self.adapters.merged_state(self.model)

    def ladder(self, frozen: Collection[str]) -> tuple[BlockStatus, ...]:
        """The ladder while these blocks of the backbone are frozen."""
        return block_states(
            self.summary,
            self.config.variant,
            num_classes=len(self.objective.class_names),
            task=self.config.task,
            frozen=frozen,
        )

    def last_ladder(self) -> tuple[BlockStatus, ...]:
        """The ladder at the end, when all that ever trains does."""
        return self.ladder([block.name for block in self.frozen])


def prepare(
    config: RunConfig,
    data: LabelledData | TextData | None = None,
    parameters: Hyperparameters | None = None,
    start: Start | None = None,
    *,
    files: ActivationFiles | None = None,
    arithmetic: Arithmetic | None = None,
) -> Preparation:
    """Loads data and backbone, freezes, draws examples and head, and plans.

    What is drawn depends on the seed alone, not on the method: the runs of a comparison are paired.

    Args:
        config: What to train, on what.
        data: The data, where it is loaded already.
        parameters: How to train, where it isn't the method's default.
        start: What an earlier run left; the run starts from it.
        files: Where frozen blocks' outputs are kept; `None`: they are computed at every step.
        arithmetic: Device and precision, where they aren't the machine's best.

    Raises:
        InvalidInput: The backbone, the method, the blocks, the start or the number of labels don't fit the data.
    """
    method = get_method(config.variant.method)
    data = _load(config) if data is None else data
    backbone = load_backbone(config.backbone, pretrained=method.pretrained, seed=derive_seed(config.seed, "backbone"))
    if isinstance(data, LabelledData):
        check_modality(backbone, data)
    if start is not None:
        start_backbone(backbone, method, start)
    summary = backbone.summary(with_language_head=config.task == "language_modeling")
    frozen = freeze_blocks(backbone.blocks, frozen_block_names(summary, config.variant))
    if method.takes_steps and parameters is None:
        width = getattr(backbone.model.config, "hidden_size", None)
        parameters = hyperparameters_for(backbone.modality, method.name, width=width, task=config.task)
    if parameters is not None:
        parameters = parameters.for_variant(config.variant)
    drifts = config.variant.batchnorm == "train"
    files = None if drifts else files  # what a frozen block gives then differs from batch to batch
    objective = (
        prepare_classification(config, method, backbone, frozen, data=data, parameters=parameters, files=files)
        if isinstance(data, LabelledData)
        else prepare_language_modeling(config, method, backbone, frozen, data=data, start=start, files=files)
    )
    objective.model.statistics_drift = drifts
    plan = _plan(config, backbone, parameters, objective) if parameters else None
    phases = _begin_phases(method, backbone, objective.model, plan, frozen) if plan else ()
    adapters = Adapters(backbone, seed=config.seed) if method.adapters else None
    objective.model.place(arithmetic or choose_arithmetic())
    return Preparation(
        config=config,
        method=method,
        backbone=backbone,
        summary=summary,
        frozen=frozen,
        adapters=adapters,
        parameters=parameters,
        plan=plan,
        phases=phases,
        objective=objective,
    )


def _load(config: RunConfig) -> LabelledData | TextData:
    if config.task == "language_modeling":
        return load_text_data(config.dataset)
    return load_labelled_data(config.dataset)


def _plan(config: RunConfig, backbone: Backbone, parameters: Hyperparameters, objective: Objective) -> Plan:
    return plan_run(
        parameters,
        batch_size=batch_size_for(backbone.modality),
        examples=objective.train_examples,
        validation_examples=objective.validation_examples,
        epochs=config.epochs,
        seed=config.seed,
    )


def _begin_phases(
    method: Method, backbone: Backbone, model: AdaptedModel, plan: Plan, frozen: tuple[Block, ...]
) -> tuple[Phase, ...]:
    """Plans the phases of a run and enters the first."""
    names = [block.name for block in backbone.blocks]
    to_the_end = frozenset(block.name for block in frozen)
    phases = plan_phases(method, names, frozen=to_the_end, total_steps=plan.total_steps)
    enter_phase(model, backbone.blocks, phases[0])
    return phases
