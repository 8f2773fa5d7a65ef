"""The layer ladder of a variant, known before anything is loaded: which block is frozen, trains, is new."""

from __future__ import annotations

from tlvsft.catalog.backbones import BackboneSummary, default_frozen_blocks
from tlvsft.catalog.methods import get_method
from tlvsft.config import HEAD_BLOCK, VariantConfig
from tlvsft.errors import InvalidInput, UnknownName
from tlvsft.events import BlockState, BlockStatus


def frozen_block_names(summary: BackboneSummary, variant: VariantConfig) -> frozenset[str]:
    """The blocks of the backbone that a variant freezes.

    Raises:
        UnknownName: The method or a block doesn't exist.
        InvalidInput: Blocks are named for a method that leaves no choice.
    """
    method = get_method(variant.method)
    if method.freezes != "chosen" and variant.frozen_blocks is not None:
        raise InvalidInput(f"Method {method.name!r} leaves no choice of frozen blocks: use the method 'partial'.")
    if method.freezes == "all":
        return frozenset(summary.block_names)
    if method.freezes == "none":
        return frozenset()
    chosen = default_frozen_blocks(summary.block_names) if variant.frozen_blocks is None else variant.frozen_blocks
    for name in chosen:
        if name not in summary.block_names:
            raise UnknownName(f"block of {summary.name}", name, summary.block_names)
    return frozenset(chosen)


def block_states(summary: BackboneSummary, variant: VariantConfig, *, num_classes: int) -> tuple[BlockStatus, ...]:
    """The rungs of the ladder, from input to output, head included.

    Raises:
        UnknownName: The method or a frozen block doesn't exist.
        InvalidInput: Blocks are named for a method that leaves no choice.
    """
    frozen = frozen_block_names(summary, variant)
    method = get_method(variant.method)
    thawed: BlockState = "trains" if method.pretrained else "new"
    rungs = [
        BlockStatus(name=block.name, parameters=block.parameters, state="frozen" if block.name in frozen else thawed)
        for block in summary.blocks
    ]
    head = summary.head_parameters(num_classes) if method.takes_steps else 0
    return (*rungs, BlockStatus(name=HEAD_BLOCK, parameters=head, state="new"))


def trainable_parameters(blocks: tuple[BlockStatus, ...]) -> int:
    """How many parameters of a ladder are updated."""
    return sum(block.trainable_parameters for block in blocks)
