"""What each block of a backbone gives for a batch, one vector per example: as hidden states are pooled for features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from tlvsft.backbones.blocks import Block

Representations = dict[str, Tensor | None]
_READ = ("input_ids", "attention_mask", "pixel_values")


def read_blocks(model: nn.Module, blocks: Sequence[Block], batch: Mapping[str, Tensor]) -> Representations:
    """What the blocks give, by name, from input to output.

    The embedding gives what the first numbered block receives; the last block gives the model's last hidden states,
    what follows it (a final norm) included.

    Args:
        model: Is run once, in the mode that it is in.
        blocks: Its own.
        batch: What it reads; other entries are left out.

    Returns:
        Means over a text's real tokens, or over the places of an image, shape `(batch, width)`, float32; `None` for a
        block that gives something else than hidden states.
    """
    inputs = {name: tensor for name, tensor in batch.items() if name in _READ}
    found: dict[str, Any] = {}
    with _listening(blocks, found):
        output = model(**inputs)
    found[blocks[-1].name] = getattr(output, "last_hidden_state", None)
    mask = inputs.get("attention_mask")
    return {block.name: _pool(found.get(block.name), mask) for block in blocks}


@contextmanager
def _listening(blocks: Sequence[Block], found: dict[str, Any]) -> Iterator[None]:
    """Notes what goes into the first numbered block and what comes out of each."""
    embedding, *numbered = blocks

    def receive(_layer: nn.Module, positional: tuple[Any, ...], named: dict[str, Any]) -> None:
        found[embedding.name] = positional[0] if positional else named.get("hidden_states")

    def note(name: str) -> Any:
        def give(_layer: nn.Module, _inputs: Any, output: Any) -> None:
            found[name] = output[0] if isinstance(output, tuple) else output

        return give

    handles = [numbered[0].modules[0].register_forward_pre_hook(receive, with_kwargs=True)]
    handles += [block.modules[0].register_forward_hook(note(block.name)) for block in numbered]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _pool(states: Any, mask: Tensor | None) -> Tensor | None:
    """One vector per example: of `(batch, tokens, width)`, or of `(batch, channels, height, width)`."""
    if not isinstance(states, Tensor) or states.dim() not in (3, 4):
        return None
    exact = states.float()
    if exact.dim() == 4:
        return exact.mean(dim=(2, 3))
    if mask is None:
        return exact.mean(dim=1)
    inside = mask.unsqueeze(-1).to(exact.dtype)  # (batch, tokens, 1)
    return (exact * inside).sum(dim=1) / inside.sum(dim=1)
