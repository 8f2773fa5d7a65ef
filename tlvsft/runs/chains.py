"""Chains: comparisons whose runs start from the weights that runs of other comparisons left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tlvsft.catalog.presets import PREVIOUS
from tlvsft.config import SIDES, ComparisonConfig, RunReference, VariantConfig, parse_run_reference
from tlvsft.errors import InvalidInput
from tlvsft.events import Ancestor, Descended, RunFailed, RunFinished
from tlvsft.runs.artifacts import WEIGHTS_FILE, Checkpoint, load_checkpoint
from tlvsft.runs.home import on_shared_host
from tlvsft.runs.ownership import is_visible

if TYPE_CHECKING:
    from tlvsft.runs.records import RunRecord
    from tlvsft.runs.store import Store

_FIGURES = (
    "steps",
    "elapsed_s",
    "reused_s",
    "train_s",
    "train_flops",
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


def check_starts(store: Store, config: ComparisonConfig, *, owner: str | None) -> None:
    """Refuses a comparison, before it is recorded, that could never start from what it names.

    What it is to start from may still be on its way, or be recorded together with it (`PREVIOUS`).

    Raises:
        InvalidInput: There is no such run for this owner, or it has ended without weights, or is of another backbone.
    """
    starts = [config.variant(side).start for side in SIDES]
    for reference in [parse_run_reference(start) for start in starts if start is not None]:
        if reference.comparison_id == PREVIOUS:
            continue
        store.visible_comparison(reference.comparison_id, viewer=owner)
        for seed in config.all_seeds():
            earlier = find_start(store, reference, seed=seed)
            _check_fit(store, earlier, config.backbone, may_be_on_its_way=True)


def refuse_without_start(store: Store, comparison_id: str) -> bool:
    """Fails a comparison whose turn has come and that can't start from what it names; whether it came to that.

    Both sides and all seeds fail: the rest of it would be compared with nothing.
    """
    runs = store.comparison(comparison_id).runs
    try:
        for run in runs:
            _usable_start(store, run)
    except InvalidInput as error:
        for run in runs:
            store.end_run(run.id, "failed", event=RunFailed(message=str(error), invalid_input=True))
        return True
    return False


def load_start(store: Store, run: RunRecord) -> tuple[Checkpoint, Descended] | None:
    """What a run starts from, and its lineage; `None` is the pretrained backbone.

    Raises:
        InvalidInput: The earlier run hasn't finished, has no weights any more, or is of another backbone.
    """
    earlier = _usable_start(store, run)
    if earlier is None:
        return None
    checkpoint = load_checkpoint(store.run_folder(earlier.id))
    finish = next(event for _, event in store.events(earlier.id) if isinstance(event, RunFinished))
    return checkpoint, Descended(lineage=(*read_lineage(store, earlier.id), as_ancestor(earlier, finish)))


def as_ancestor(run: RunRecord, finish: RunFinished) -> Ancestor:
    """A finished run as those that start from it write it down."""
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


def stopped_together(store: Store, comparison_id: str, *, viewer: str | None, whole_chain: bool) -> tuple[str, ...]:
    """The unfinished comparisons that stop with one, itself included.

    Args:
        store: Where they are.
        comparison_id: Which one is stopped.
        viewer: Who stops it; what this viewer may not see is left alone.
        whole_chain: Whether those that it is to go on from stop, too, and those that have begun to go on from it.

    Returns:
        The newest first: when one stops, nothing that waits for it can begin any more.
    """
    unfinished = store.unfinished()
    family = {comparison_id}
    if whole_chain:
        family |= unfinished.keys() & set(chain_of(store, comparison_id))
    for name, config in unfinished.items():  # the oldest first: none starts from a later one
        if not family.isdisjoint(config.started_from()) and (whole_chain or not _has_begun(store, name)):
            family.add(name)
    stopped = [name for name in unfinished if name in family and _is_visible(store, name, viewer)]
    return tuple(reversed(stopped))


def _has_begun(store: Store, comparison_id: str) -> bool:
    return any(run.started_at is not None for run in store.comparison(comparison_id).runs)


def _is_visible(store: Store, comparison_id: str, viewer: str | None) -> bool:
    return is_visible(store.comparison(comparison_id).owner, viewer=viewer, shared_host=on_shared_host())


def _usable_start(store: Store, run: RunRecord) -> RunRecord | None:
    """The finished run that a run starts from; `None` is the pretrained backbone.

    Raises:
        InvalidInput: As `load_start`.
    """
    if run.config.variant.start is None:
        return None
    earlier = find_start(store, parse_run_reference(run.config.variant.start), seed=run.seed)
    _check_fit(store, earlier, run.config.backbone)
    return earlier


def _check_fit(store: Store, earlier: RunRecord, backbone: str, *, may_be_on_its_way: bool = False) -> None:
    if earlier.config.backbone != backbone:
        raise InvalidInput(
            f"The run {earlier.id} is of the backbone {earlier.config.backbone!r}, not {backbone!r}: "
            "start from one of the same backbone."
        )
    if may_be_on_its_way and not earlier.is_over:
        return
    if earlier.state != "finished":
        raise InvalidInput(
            f"The run {earlier.id}, which this one starts from, is {earlier.state}: run that comparison again first."
        )
    if not (store.run_folder(earlier.id) / WEIGHTS_FILE).exists():
        raise InvalidInput(
            f"The run {earlier.id}, which this one starts from, has no weights any more: they were deleted to make "
            "room. Run its comparison again first."
        )


def _name(variant: VariantConfig, previous: str) -> VariantConfig:
    if variant.start is None:
        return variant
    reference = parse_run_reference(variant.start)
    if reference.comparison_id != PREVIOUS:
        return variant
    return replace(variant, start=str(replace(reference, comparison_id=previous)))
