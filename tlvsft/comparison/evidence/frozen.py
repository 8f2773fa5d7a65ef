"""Is it really frozen? The end-of-run proof: the hashes of every block before the first step and after the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tlvsft.comparison.evidence.observed import Observed, ObservedRun
from tlvsft.comparison.naming import block_title, capitalise
from tlvsft.config import HEAD_BLOCK, SIDES, Side
from tlvsft.events import BlockProof, BlocksChanged, BlockState, FrozenProved, RunStarted

_NAMED = 2
"""So many of the tensors that changed are named in a sentence."""


@dataclass(frozen=True, kw_only=True)
class ProvedBlock:
    """One block's proof, with the block's state at the end of its run."""

    proof: BlockProof
    state: BlockState

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        proof = self.proof
        return {
            "name": proof.name,
            "state": self.state,
            "frozen": proof.frozen,
            "tensors": proof.tensors,
            "before": proof.loaded,
            "after": proof.trained,
            "identical": proof.is_intact,
            "changed_tensors": proof.changed_tensors,
            "drifted": list(proof.drifted),
        }


@dataclass(frozen=True, kw_only=True)
class FrozenEvidence:
    """What both sides' proofs found.

    Attributes:
        names: What the sides are called inside a sentence.
        seed: Of which seed the blocks are.
        seeds: How many there are.
        seeds_intact: In how many of a side's runs all that was frozen is as it was loaded; `None`: nothing was frozen.
        blocks: From input to output, the head last; empty for runs from before blocks were hashed.
    """

    names: Mapping[Side, str]
    seed: int
    seeds: int
    seeds_intact: Mapping[Side, int | None]
    blocks: Mapping[Side, tuple[ProvedBlock, ...]]

    @property
    def intact(self) -> dict[Side, bool | None]:
        """Whether it is in every run of a side: one that failed counts."""
        return {side: None if count is None else count == self.seeds for side, count in self.seeds_intact.items()}

    @property
    def sentence(self) -> str:
        """What each side's proof says."""
        return " ".join(f"{capitalise(self.names[side])}: {self._describe(side)}." for side in SIDES)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return {
            "intact": self.intact,
            "seeds": self.seeds,
            "seeds_intact": dict(self.seeds_intact),
            "seed": self.seed,
            "blocks": {side: [block.to_dict() for block in self.blocks[side]] for side in SIDES},
        }

    def _describe(self, side: Side) -> str:
        count, blocks = self.seeds_intact[side], self.blocks[side]
        trained = _describe_trained(blocks)
        if count is None:
            return f"nothing was frozen{f', and {trained}' if trained else ''}"
        in_seeds = f" in all {self.seeds} seeds" if self.seeds > 1 else ""
        if count == self.seeds:
            frozen = _describe_frozen(blocks)
            return f"{frozen}{in_seeds}{f'; {trained}' if trained else ''}"
        failed = f" in {self.seeds - count} of {self.seeds} seeds" if self.seeds > 1 else ""
        return f"what should have been frozen has changed{failed}{_describe_drift(blocks)}"


def read_frozen(observed: Observed) -> FrozenEvidence | None:
    """Puts the proofs of all runs together, and shows those of the first seed."""
    config = observed.config
    finishes = {side: observed.finishes(side) for side in SIDES}
    if not all(finishes.values()):
        return None
    return FrozenEvidence(
        names=dict(observed.names),
        seed=config.seed,
        seeds=config.seeds,
        seeds_intact={side: _count_intact([finish.frozen_intact for finish in finishes[side]]) for side in SIDES},
        blocks={side: _read_blocks(observed.runs[side, config.seed]) for side in SIDES},
    )


def _count_intact(found: Sequence[bool | None]) -> int | None:
    return None if None in found else sum(bool(intact) for intact in found)


def _read_blocks(run: ObservedRun) -> tuple[ProvedBlock, ...]:
    proved, ladder = run.last(FrozenProved), run.last(BlocksChanged) or run.last(RunStarted)
    if proved is None or ladder is None:
        return ()
    states = {block.name: block.state for block in ladder.blocks}
    return tuple(
        ProvedBlock(proof=proof, state=states.get(proof.name, "frozen" if proof.frozen else "trains"))
        for proof in proved.proofs
    )


def _describe_frozen(blocks: Sequence[ProvedBlock]) -> str:
    frozen = [block for block in blocks if block.proof.frozen]
    if not frozen:
        return "every frozen tensor is bit for bit what was loaded"
    tensors = sum(block.proof.tensors for block in frozen)
    backbone = sum(block.proof.name != HEAD_BLOCK for block in blocks)
    which = f"all {len(frozen)} backbone blocks" if len(frozen) == backbone else f"{len(frozen)} frozen blocks"
    which = "the one frozen block" if len(frozen) == 1 and backbone > 1 else which
    loaded = "still has the hash with which it was" if len(frozen) == 1 else "still have the hash with which they were"
    beside = ", beside their adapters" if any(block.state == "adapts" for block in frozen) else ""
    return f"{which} ({tensors:,} tensors) {loaded} loaded{beside}"


def _describe_trained(blocks: Sequence[ProvedBlock]) -> str:
    """How many of the blocks that were to train have another hash now; empty where that isn't known."""
    trained = [block for block in blocks if not block.proof.frozen and block.proof.tensors]
    if not trained:
        return ""
    changed = [block for block in trained if not block.proof.is_intact]
    if len(trained) == 1:
        who = "the head" if trained[0].proof.name == HEAD_BLOCK else block_title(trained[0].proof.name)
        return f"{who}, which was to change, {'has another hash now' if changed else 'has not changed'}"
    count = "all" if len(changed) == len(trained) else str(len(changed) or "none")
    return f"{count} of the {len(trained)} blocks that were to change have another hash now"


def _describe_drift(blocks: Sequence[ProvedBlock]) -> str:
    """Which tensors of frozen blocks have changed, the first few by name."""
    broken = [block.proof for block in blocks if block.proof.frozen and not block.proof.is_intact]
    if not broken:
        return ""
    drifted = [name for proof in broken for name in proof.drifted]
    where = ", ".join(block_title(proof.name) for proof in broken)
    more = f" and {len(drifted) - _NAMED} more" if len(drifted) > _NAMED else ""
    return f": {where} ({len(drifted)} tensors: {', '.join(drifted[:_NAMED])}{more})"
