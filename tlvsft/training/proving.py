"""Is it really frozen? SHA-256 of every block before the first step and after the last: the fourth act of freezing.

Blocks that train are hashed, too: a proof that could not come out otherwise would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from torch import Tensor

from tlvsft.backbones import hash_manifest, hash_tensor
from tlvsft.config import HEAD_BLOCK
from tlvsft.events import BlockProof, FrozenProved
from tlvsft.training.adapters import merged_name
from tlvsft.training.preparation import Preparation

_BACKBONE_PREFIX = "backbone."

_Manifest = dict[str, str]
"""For each tensor of a block what it is: dtype, shape and SHA-256 in one line."""


class Proof:
    """What every block of a run is made of at the moment at which this is made.

    Args:
        run: Ready for its first update.
    """

    def __init__(self, run: Preparation) -> None:
        self._run = run
        self._loaded = _read_manifests(run)

    def conclude(self) -> FrozenProved:
        """Compares with what the blocks are made of now; to be asked before adapters are merged."""
        trained = _read_manifests(self._run)
        frozen = {block.name for block in self._run.frozen}
        return FrozenProved(
            proofs=tuple(
                _compare(name, loaded, trained[name], frozen=name in frozen) for name, loaded in self._loaded.items()
            )
        )


def is_intact(proved: FrozenProved) -> bool | None:
    """Whether every block that was frozen is bit for bit what was loaded; `None` where nothing was frozen."""
    frozen = [proof.is_intact for proof in proved.proofs if proof.frozen]
    return all(frozen) if frozen else None


def _compare(name: str, loaded: Mapping[str, str], trained: Mapping[str, str], *, frozen: bool) -> BlockProof:
    changed = sorted(key for key in loaded.keys() | trained.keys() if loaded.get(key) != trained.get(key))
    return BlockProof(
        name=name,
        frozen=frozen,
        tensors=len(trained),
        loaded=hash_manifest(loaded),
        trained=hash_manifest(trained),
        changed_tensors=len(changed),
        drifted=tuple(changed) if frozen else (),
    )


def _read_manifests(run: Preparation) -> dict[str, _Manifest]:
    """The tensors of each block, from input to output, the head last."""
    names = [block.name for block in run.backbone.blocks]
    manifests: dict[str, _Manifest] = {name: {} for name in (*names, HEAD_BLOCK)}
    for block, name, tensor in _owned_tensors(run):
        manifests[block][name] = hash_tensor(tensor)
    return manifests


def _owned_tensors(run: Preparation) -> Iterator[tuple[str, str, Tensor]]:
    """Block, name and tensor of every parameter and every buffer, non-persistent ones included, adapters not.

    A tensor that two blocks share belongs to the first. Names are those of the model without its head, so that they
    can be found in the file that it was loaded from.
    """
    owners = {id(tensor): block.name for block in run.backbone.blocks for tensor in block.tensors()}
    seen: set[int] = set()
    for named in (run.model.named_parameters(), run.model.named_buffers()):
        for full_name, tensor in named:
            name = merged_name(full_name)
            if name is not None and id(tensor) not in seen:
                seen.add(id(tensor))
                yield owners.get(id(tensor), HEAD_BLOCK), name.removeprefix(_BACKBONE_PREFIX), tensor
