"""Chains: comparisons whose runs start from the weights that runs of other comparisons left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tlvsft.catalog.presets import PREVIOUS
from tlvsft.config import ComparisonConfig, RunReference, VariantConfig, parse_run_reference
from tlvsft.errors import InvalidInput
from tlvsft.events import Ancestor, Descended, RunFinished

if TYPE_CHECKING:
    from tlvsft.runs.artifacts import Checkpoint
    from tlvsft.runs.records import RunRecord
    from tlvsft.runs.store import Store

_FIGURES = (
    "steps",
    "elapsed_s",
    "train_s",
    "test_accuracy",
    "perplexity_before",
    "perplexity",
    "source_perplexity_before",
    "source_perplexity_after",
)


def name_previous(config: ComparisonConfig, previous: str | None) -> ComparisonConfig:
    """Writes the id of the comparison before it into a config that starts from `PREVIOUS`.

    Raises:
        InvalidInput: There is none before it.
    """
    if PREVIOUS not in config.started_from():
        return config
    if previous is None:
        raise InvalidInput(f"Nothing ran before this comparison: name a run to start from in place of {PREVIOUS!r}.")
    return replace(config, left=_name(config.left, previous), right=_name(config.right, previous))


def find_start(store: Store, reference: RunReference, *, seed: int) -> RunRecord:
    """The run that a run with this seed starts from: that of the same seed if there is one, else of the first.

    Raises:
        InvalidInput: There is no such comparison, or not with the seed that is named.
    """
    comparison = store.comparison(reference.comparison_id)
    seeds = comparison.config.all_seeds()
    if reference.seed is not None and reference.seed not in seeds:
        raise InvalidInput(
            f"Comparison {comparison.id} has no seed {reference.seed}: choose from {seeds.start} to {seeds.stop - 1}."
        )
    same = seed if seed in seeds else seeds.start
    return comparison.run(reference.side, same if reference.seed is None else reference.seed)


def load_start(store: Store, run: RunRecord) -> tuple[Checkpoint, Descended] | None:
    """What a run starts from, and its lineage; `None` is the pretrained backbone.

    Raises:
        InvalidInput: The earlier run hasn't finished, has no weights any more, or is of another backbone.
    """
    from tlvsft.runs.artifacts import load_checkpoint

    if run.config.variant.start is None:
        return None
    earlier = find_start(store, parse_run_reference(run.config.variant.start), seed=run.seed)
    if earlier.state != "finished":
        raise InvalidInput(
            f"The run {earlier.id}, which this one starts from, is {earlier.state}: run that comparison again first."
        )
    if earlier.config.backbone != run.config.backbone:
        raise InvalidInput(
            f"The run {earlier.id} is of the backbone {earlier.config.backbone!r}, not {run.config.backbone!r}: "
            "start from one of the same backbone."
        )
    try:
        checkpoint = load_checkpoint(store.run_folder(earlier.id))
    except InvalidInput as error:
        raise InvalidInput(
            f"The run {earlier.id}, which this one starts from, has no weights (any more): run its comparison again."
        ) from error
    return checkpoint, Descended(lineage=(*read_lineage(store, earlier.id), _describe(store, earlier)))


def read_lineage(store: Store, run_id: str) -> tuple[Ancestor, ...]:
    """The runs that a run descends from, the oldest first, as it wrote them down itself."""
    return next((event.lineage for _, event in store.events(run_id) if isinstance(event, Descended)), ())


def chain_of(store: Store, comparison_id: str) -> tuple[str, ...]:
    """The comparisons that a comparison descends from, the oldest first, and itself last; deleted ones are left out.

    Raises:
        InvalidInput: There is no such comparison.
    """
    earlier: dict[str, None] = {}
    for ancestor in store.comparison(comparison_id).config.started_from():
        try:
            earlier |= dict.fromkeys(chain_of(store, ancestor))
        except InvalidInput:
            continue
    return (*earlier, comparison_id)


def waiting_for(store: Store, comparison_id: str) -> tuple[str, ...]:
    """The unfinished comparisons that descend from a comparison, the nearest first."""
    unfinished = store.unfinished()
    family = [comparison_id]
    for ancestor in family:  # grows while it is walked
        family += [name for name, config in unfinished.items() if ancestor in config.started_from()]
    return tuple(dict.fromkeys(family[1:]))


def _name(variant: VariantConfig, previous: str) -> VariantConfig:
    if variant.start is None:
        return variant
    reference = parse_run_reference(variant.start)
    if reference.comparison_id != PREVIOUS:
        return variant
    return replace(variant, start=str(replace(reference, comparison_id=previous)))


def _describe(store: Store, run: RunRecord) -> Ancestor:
    finish = next(event for _, event in store.events(run.id) if isinstance(event, RunFinished))
    return Ancestor(
        run_id=run.id,
        comparison_id=run.comparison_id,
        side=run.side,
        seed=run.seed,
        task=run.config.task,
        method=run.config.variant.method,
        dataset=run.config.dataset.name,
        **{name: getattr(finish, name) for name in _FIGURES},
    )
