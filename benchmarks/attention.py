"""Attention on the CPU in bfloat16 against float32: why `tlvsft.backbones.arithmetic` computes it in float32.

`python benchmarks/attention.py` prints, for several lengths of text, the time of torch's fused attention, forward and
backward, in both precisions (one thread, the shapes of `wiki-gpt`, casts included) and their ratio. A minute.
"""

from __future__ import annotations

import statistics
import sys
import time

import torch
from torch.nn.functional import scaled_dot_product_attention

BATCH, HEADS, HEAD_SIZE = 16, 6, 32
LENGTHS = (16, 32, 64, 128)
REPEATS = 15


def time_once(tokens: int, precision: torch.dtype) -> float:
    """Seconds for one masked pass there and back, from and to bfloat16."""
    shape = (BATCH, HEADS, tokens, HEAD_SIZE)
    inputs = [torch.randn(shape, dtype=torch.bfloat16, requires_grad=True) for _ in range(3)]
    mask = torch.ones(BATCH, 1, tokens, tokens, dtype=torch.bool).tril()
    began = time.perf_counter()
    out = scaled_dot_product_attention(*(part.to(precision) for part in inputs), attn_mask=mask).to(torch.bfloat16)
    out.backward(torch.ones_like(out))
    return time.perf_counter() - began


def main() -> int:
    """Measures in turns, so that both precisions meet the same machine, and prints medians."""
    torch.set_num_threads(1)
    sys.stdout.write("tokens  bfloat16  float32  ratio\n")
    for tokens in LENGTHS:
        pairs = [(time_once(tokens, torch.bfloat16), time_once(tokens, torch.float32)) for _ in range(REPEATS)][1:]
        slow, fast = (1000 * statistics.median(times) for times in zip(*pairs, strict=True))
        ratio = statistics.median(bfloat16 / float32 for bfloat16, float32 in pairs)
        sys.stdout.write(f"{tokens:6}  {slow:5.1f} ms  {fast:4.1f} ms  {ratio:5.1f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
