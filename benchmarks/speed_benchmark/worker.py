"""The worker: reads a job from stdin, imports everything, then starts the clock. Its stdout is the result alone.

echo '{"kind": "matmul", "options": {}, "threads": 2}' | python -m benchmarks.speed_benchmark.worker
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from time import perf_counter
from typing import Any

KINDS = {
    "ours": "benchmarks.speed_benchmark.ours",
    "trainer": "benchmarks.speed_benchmark.hugging_face",
    "plain_loop": "benchmarks.speed_benchmark.plain_loop",
    "inference_pass": "benchmarks.speed_benchmark.inference_pass",
    "matmul": "benchmarks.speed_benchmark.matmul",
    "pair": "benchmarks.speed_benchmark.pair",
    "default_pair": "benchmarks.speed_benchmark.pair",
    "growth": "benchmarks.speed_benchmark.growth_run",
}
"""Each kind of job, and the module whose function of that name does it."""

PRELOADED = (
    "numpy",
    "torch",
    "torch._dynamo",
    "torch.utils.flop_counter",
    "datasets",
    "transformers.trainer",
    "transformers.models.auto.modeling_auto",
    "transformers.models.gpt2.modeling_gpt2",
    "transformers.models.gpt2.tokenization_gpt2",
    "transformers.models.resnet.modeling_resnet",
    "safetensors.torch",
    "sklearn.datasets",
    "sklearn.metrics",
    "tlvsft.training",
)
"""Imported before the clock starts, by all alike: the app's fork server has them, too."""


def main() -> None:
    """Does one job."""
    job = json.load(sys.stdin)
    results = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no result
    json.dump(perform(job), results)
    results.close()


def perform(job: dict[str, Any]) -> dict[str, Any]:
    """The result of a job, with the `seconds` that it took and the number of modules that were imported meanwhile."""
    import torch

    torch.set_num_threads(job["threads"])
    for name in PRELOADED:
        import_module(name)
    measure = getattr(import_module(KINDS[job["kind"]]), job["kind"])
    before = len(sys.modules)
    started = perf_counter()
    result = measure(**job["options"])
    seconds = perf_counter() - started
    return {"seconds": seconds, "late_imports": len(sys.modules) - before, **result}


if __name__ == "__main__":
    main()
