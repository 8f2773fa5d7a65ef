"""Splits any model with a list of repeated layers into blocks, from input to output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn

from tlvsft.config import EMBEDDING_BLOCK
from tlvsft.errors import BackboneError

_AMBIGUOUS_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Block:
    """An ordered, nameable group of layers.

    Attributes:
        name: `embedding`, or `0` … in the order in which data passes.
        modules: The layers.
        loose: Parameters that the model holds outside any layer (a class token, say); they count as `embedding`.
    """

    name: str
    modules: tuple[nn.Module, ...]
    loose: tuple[nn.Parameter, ...] = ()

    def parameters(self) -> Iterator[nn.Parameter]:
        """Every parameter, shared ones once."""
        seen: set[int] = set()
        sources = [self.loose, *(module.parameters() for module in self.modules)]
        for parameter in (parameter for source in sources for parameter in source):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield parameter

    def tensors(self) -> Iterator[Tensor]:
        """Every parameter and every buffer, non-persistent ones included."""
        yield from self.parameters()
        for module in self.modules:
            yield from module.buffers()

    def count_parameters(self) -> int:
        """How many numbers its parameters hold."""
        return sum(parameter.numel() for parameter in self.parameters())


def split_into_blocks(model: nn.Module) -> tuple[Block, ...]:
    """Splits a model into `embedding` and one block per layer or stage of its block list.

    The block list is the outermost `nn.ModuleList` that holds the most parameters (BERT's `encoder.layer`, GPT-2's
    `h`, a ResNet's `encoder.stages`). What is registered before it is the embedding; what comes after it (a final
    norm, MobileNetV2's last convolution) belongs to the last block; tables without parameters (rotary positions),
    which all layers read, to the embedding. Every parameter and buffer is in exactly one block.

    Raises:
        BackboneError: There is no such list, or there are several (an encoder and a decoder, two towers).
    """
    path = _find_block_list(model)
    before: list[nn.Module] = []
    after: list[nn.Module] = []
    loose: list[nn.Parameter] = []
    parent = model
    for name in path.split("."):
        loose.extend(parent.parameters(recurse=False))
        names = [child for child, _ in parent.named_children()]
        for position, (child_name, child) in enumerate(parent.named_children()):
            if child_name != name:
                follows = position > names.index(name) and not _is_table(child)
                (after if follows else before).append(child)
        parent = parent.get_submodule(name)
    layers = [(layer,) for layer in parent.children()]
    layers[-1] = (*layers[-1], *after)  # type: ignore[assignment]
    blocks = [Block(str(index), modules) for index, modules in enumerate(layers)]
    return (Block(EMBEDDING_BLOCK, tuple(before), tuple(loose)), *blocks)


def _find_block_list(model: nn.Module) -> str:
    lists = sorted(_outermost_lists(model, ""), key=lambda found: found[1], reverse=True)
    if not lists:
        raise BackboneError(
            f"{type(model).__name__} has no list of repeated layers to freeze: choose a model like BERT, GPT-2, "
            "LLaMA, ResNet, ViT or MobileNet."
        )
    if len(lists) > 1 and lists[1][1] > _AMBIGUOUS_SHARE * lists[0][1]:
        raise BackboneError(
            f"{type(model).__name__} has several lists of layers ({lists[0][0]}, {lists[1][0]}): choose a model with "
            "one, like BERT, GPT-2, LLaMA, ResNet, ViT or MobileNet."
        )
    return lists[0][0]


def _outermost_lists(module: nn.Module, prefix: str) -> Iterator[tuple[str, int]]:
    for name, child in module.named_children():
        path = f"{prefix}{name}"
        if not isinstance(child, nn.ModuleList):
            yield from _outermost_lists(child, f"{path}.")
        elif size := sum(parameter.numel() for parameter in child.parameters()):
            yield path, size


def _is_table(module: nn.Module) -> bool:
    has_parameters = next(module.parameters(), None) is not None
    return not has_parameters and next(module.buffers(), None) is not None
