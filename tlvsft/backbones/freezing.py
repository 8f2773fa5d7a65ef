"""Freezing is four acts: no gradients, evaluation mode, kept from the optimizer, and proof that nothing moved.

The first, the second and the proof are here; the third is `tlvsft.training.optimizer`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping

import torch
from torch import Tensor, nn

from tlvsft.backbones.blocks import Block


def freeze_blocks(blocks: Iterable[Block], names: Collection[str]) -> tuple[Block, ...]:
    """Turns gradients off for the named blocks and on for the others (act 1); returns the frozen ones."""
    frozen = []
    for block in blocks:
        if block.name in names:
            frozen.append(block)
        for parameter in block.parameters():
            parameter.requires_grad_(block.name not in names)
    return tuple(frozen)


def keep_in_evaluation(frozen: Iterable[Block]) -> None:
    """Puts frozen blocks back in evaluation mode (act 2); to be called after every `model.train()`.

    In evaluation mode dropout is off and BatchNorm keeps its statistics; without this a frozen BatchNorm drifts with
    every batch that it sees. Source: pytorch issue 86590.
    """
    for block in frozen:
        for module in block.modules:
            module.eval()


def keep_batch_statistics(model: nn.Module) -> None:
    """Puts every BatchNorm in evaluation mode, its weights still trainable; to be called after every `model.train()`.

    What a batch of 16 says about means and variances is noise beside what pretraining has measured.
    Source: Keras guide "Transfer learning and fine-tuning", which advises the same for small data.
    """
    for norm in _batch_norms(model):
        norm.eval()


def let_batch_statistics_drift(model: nn.Module, *, training: bool) -> None:
    """Puts every BatchNorm in training mode, frozen ones too, when the model is: what a plain `model.train()` does.

    A mistake on purpose: weights stand still, means and variances move with every batch. Source: pytorch issue 86590.
    """
    for norm in _batch_norms(model):
        norm.train(training)


def fingerprint_statistics(frozen: Iterable[Block]) -> list[str]:
    """A hash over the running statistics of each BatchNorm layer in frozen blocks."""
    modules = (module for block in frozen for module in block.modules)
    return [fingerprint_tensors(norm.buffers()) for module in modules for norm in _batch_norms(module)]


def fingerprint_tensors(tensors: Iterable[Tensor]) -> str:
    """Hash over the bits of tensors, in order: equal exactly when nothing moved (the proof, act 4)."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(f"{tuple(tensor.shape)} {tensor.dtype};".encode())
        digest.update(_bytes_of(tensor))
    return digest.hexdigest()


def hash_tensor(tensor: Tensor) -> str:
    """What a tensor is, in one line: its dtype, its shape, and the SHA-256 of its bytes (little-endian, row by row)."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    return f"{dtype} {tuple(tensor.shape)} {hashlib.sha256(_bytes_of(tensor)).hexdigest()}"


def hash_manifest(lines: Mapping[str, str]) -> str:
    """SHA-256 of a list of tensors, sorted by name, each a line of its name and what `hash_tensor` says of it.

    Names, dtypes and shapes are in it, so nothing can be swapped; docs/evidence.md shows how anybody computes the same.
    """
    manifest = "".join(f"{name} {line}\n" for name, line in sorted(lines.items()))
    return hashlib.sha256(manifest.encode()).hexdigest()


def _bytes_of(tensor: Tensor) -> memoryview:
    data: memoryview = tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data
    return data


def _batch_norms(model: nn.Module) -> Iterator[nn.Module]:
    return (module for module in model.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm))
