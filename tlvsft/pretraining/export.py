"""A finished pretraining as a bundled backbone: the `save_pretrained` layout, recipe, results, loss curve and card."""

from __future__ import annotations

import json
import os
import platform
import shutil
from pathlib import Path
from typing import Any

import torch
import transformers

from tlvsft.pretraining.cards import render_card
from tlvsft.pretraining.loop import convert
from tlvsft.pretraining.loss_picture import LOSS_PICTURE, draw_loss
from tlvsft.pretraining.recipes import Recipe
from tlvsft.pretraining.results import STORED_AS, TrainingResult


def export(result: TrainingResult, recipe: Recipe, output: Path, *, command: str) -> None:
    """Writes the backbone with its source head; files of an earlier export are replaced one by one.

    Args:
        result: What training gave. Its model is converted to the precision of the file.
        recipe: What it was trained by; becomes `recipe.json`.
        output: The backbone's folder.
        command: How to make it again, for the card.
    """
    staging = output.with_name(f".{output.name}.partial")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    summary = summarise(result)
    convert(result.model, dtype=STORED_AS)
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        result.model.save_pretrained(staging)
        result.preprocessor.save_pretrained(str(staging))
    finally:
        transformers.utils.logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    (staging / "recipe.json").write_text(recipe.to_json(), encoding="utf-8")
    (staging / "training.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    (staging / "README.md").write_text(render_card(recipe, summary, command=command), encoding="utf-8")
    draw_loss(summary["history"], title=f"{recipe.name}: training loss").save(staging / LOSS_PICTURE, optimize=True)
    output.mkdir(parents=True, exist_ok=True)
    for file in sorted(staging.iterdir()):
        file.chmod(0o644)
        file.replace(output / file.name)
    staging.rmdir()


def summarise(result: TrainingResult) -> dict[str, Any]:
    """What `training.json` says: numbers of this very training, nothing typed by hand."""
    base = result.model.base_model
    return {
        "steps": result.progress.step,
        "elapsed_s": round(result.progress.elapsed_s, 1),
        "examples_seen": result.examples_seen,
        "examples_available": result.available,
        "parameters": sum(weight.numel() for weight in result.model.parameters()),
        "backbone_parameters": sum(weight.numel() for weight in base.parameters()),
        "metrics": {name: round(value, 4) for name, value in result.metrics.items()},
        "machine": f"{os.cpu_count()} CPU cores ({_processor()}), shared with other work",
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "history": result.progress.history,
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
