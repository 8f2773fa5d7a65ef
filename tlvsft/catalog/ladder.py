"""The layer ladder of a variant, known before anything is loaded: which block is frozen, trains, is new."""

from __future__ import annotations

from collections.abc import Collection

from tlvsft.catalog.backbones import BackboneSummary, BlockSummary, default_frozen_blocks
from tlvsft.catalog.methods import Method, check_variant
from tlvsft.config import EMBEDDING_BLOCK, HEAD_BLOCK, LanguageHead, Task, VariantConfig
from tlvsft.errors import InvalidInput, UnknownName
from tlvsft.events import BlockState, BlockStatus


def frozen_block_names(summary: BackboneSummary, variant: VariantConfig) -> frozenset[str]:
    """The blocks of the backbone that a variant freezes to the end.

    Raises:
        UnknownName: The method or a block doesn't exist.
        InvalidInput: The variant asks for something that its method hasn't.
    """
    method = check_variant(variant)
    if method.freezes == "all":
        return frozenset(summary.block_names)
    if method.freezes == "none":
        return frozenset()
    chosen = default_frozen_blocks(summary.block_names) if variant.frozen_blocks is None else variant.frozen_blocks
    for name in chosen:
        if name not in summary.block_names:
            raise UnknownName(f"block of {summary.name}", name, summary.block_names)
    return frozenset(chosen)


def language_head(variant: VariantConfig) -> LanguageHead:
    """Which head a language model has: the pretrained one unless asked otherwise, a new one on random weights."""
    if not check_variant(variant).pretrained:
        return "new"
    return variant.head or "kept"


def block_states(
    summary: BackboneSummary,
    variant: VariantConfig,
    *,
    num_classes: int = 0,
    task: Task = "classification",
    frozen: Collection[str] | None = None,
) -> tuple[BlockStatus, ...]:
    """The rungs of the ladder, from input to output, head included.

    Args:
        summary: Of the backbone.
        variant: What is done with it.
        num_classes: How many logits the head of a classifier gives.
        task: What is learnt.
        frozen: The blocks that are frozen at the time in question; `None` is the first step.

    Raises:
        UnknownName: The method or a frozen block doesn't exist.
        InvalidInput: The variant asks for something that its method or its backbone hasn't.
    """
    method = check_variant(variant)
    to_the_end = frozen_block_names(summary, variant)
    if frozen is None:
        frozen = to_the_end if method.thaws == "at_once" else summary.block_names
    rungs = tuple(_rung(block, method, is_frozen=block.name in frozen) for block in summary.blocks)
    if task == "language_modeling":
        return (*rungs, _language_head_rung(summary, variant, rungs))
    head = summary.head_parameters(num_classes) if method.takes_steps else 0
    return (*rungs, BlockStatus(name=HEAD_BLOCK, parameters=head, state="new"))


def last_block_states(
    summary: BackboneSummary, variant: VariantConfig, *, num_classes: int = 0, task: Task = "classification"
) -> tuple[BlockStatus, ...]:
    """The ladder at the last step, when all that ever trains does; arguments and errors as `block_states` has them."""
    frozen = frozen_block_names(summary, variant)
    return block_states(summary, variant, num_classes=num_classes, task=task, frozen=frozen)


def trainable_parameters(blocks: tuple[BlockStatus, ...]) -> int:
    """How many parameters of a ladder are updated."""
    return sum(block.trainable_parameters for block in blocks)


def _rung(block: BlockSummary, method: Method, *, is_frozen: bool) -> BlockStatus:
    if not is_frozen:
        return BlockStatus(name=block.name, parameters=block.parameters, state="trains" if method.pretrained else "new")
    if not method.adapters or not block.adapter_parameters:
        return BlockStatus(name=block.name, parameters=block.parameters, state="frozen")
    return BlockStatus(
        name=block.name, parameters=block.parameters, state="adapts", adapter_parameters=block.adapter_parameters
    )


def _language_head_rung(
    summary: BackboneSummary, variant: VariantConfig, rungs: tuple[BlockStatus, ...]
) -> BlockStatus:
    if summary.language_head_parameters is None:
        raise InvalidInput(f"{summary.name!r} has no head that predicts words: choose a text backbone that has one.")
    head = language_head(variant)
    if head != "tied":
        state: BlockState = "trains" if head == "kept" else "new"
        return BlockStatus(name=HEAD_BLOCK, parameters=summary.language_head_parameters, state=state, head=head)
    if not trainable_parameters(rungs):
        raise InvalidInput(
            f"A tied head is frozen with the embedding, so {variant.method!r} would train nothing: "
            "choose the head 'kept', or a method that trains the embedding from the start."
        )
    embedding = next(rung for rung in rungs if rung.name == EMBEDDING_BLOCK)
    return BlockStatus(name=HEAD_BLOCK, parameters=0, state=embedding.state, head=head)
