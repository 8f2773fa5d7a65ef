"""A run as a folder with a short program in plain PyTorch that trains it again, and all that the program needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors.torch import save_file

from tlvsft.backbones import FLOAT32_ON_CPU, language_objective
from tlvsft.backbones.library import silence_transformers
from tlvsft.catalog.ladder import language_head
from tlvsft.errors import InvalidInput
from tlvsft.events import Evaluated, Event, Noted, RunFinished, StepTaken
from tlvsft.report.guides import script_guide
from tlvsft.report.image_modes import MODES
from tlvsft.report.models import save_word_model
from tlvsft.report.offers import why_no_script
from tlvsft.report.programs import first_pixels, write_program
from tlvsft.report.versions import library_versions
from tlvsft.runs.chains import load_start
from tlvsft.tasks.image_classification import KEPT_BYTES
from tlvsft.training.classification import Classification
from tlvsft.training.language_modeling import LanguageModeling
from tlvsft.training.preparation import Preparation, prepare
from tlvsft.training.restoring import WordPredictor
from tlvsft.training.stopping import never

if TYPE_CHECKING:
    from tlvsft.datasets import Split
    from tlvsft.runs.records import RunRecord
    from tlvsft.runs.store import Store

SCRIPT_FILE, BATCHES_FILE, CONFIG_FILE, GUIDE_FILE = "reproduce.py", "batches.json", "run.json", "README.md"
START_FOLDER, DATA_FOLDER = "start", "data"


def write_script(store: Store, run: RunRecord, folder: Path) -> None:
    """Writes the program, the model before its first step, the data as it was used, and the order of the batches.

    Args:
        store: Where the run is.
        run: Finished, of a method that the program covers.
        folder: Exists, and is empty.

    Raises:
        InvalidInput: The program doesn't cover this run, or its data or backbone is gone.
    """
    refusal = why_no_script(run)
    if refusal is not None:
        raise InvalidInput(refusal)
    silence_transformers()
    events = [event for _, event in store.events(run.id)]
    start = load_start(store, run)
    prepared = prepare(run.config, start=None if start is None else start[0], arithmetic=FLOAT32_ON_CPU)
    if prepared.plan is None:
        raise InvalidInput("This method takes no steps: there is nothing to train again.")
    objective = prepared.objective
    (folder / DATA_FOLDER).mkdir()
    if isinstance(objective, Classification):
        sizes = _write_classes(objective, folder)
    else:
        sizes = _write_words(prepared, objective, folder)
    program = write_program(prepared, read_numbers(events), in_bfloat16=_was_bfloat16(events))
    (folder / SCRIPT_FILE).write_text(program, encoding="utf-8")
    _write_json(folder / BATCHES_FILE, [indices.tolist() for indices in prepared.plan.batches(objective.lengths)])
    facts = {
        "comparison_id": run.comparison_id,
        "side": run.side,
        "config": run.config.to_dict(),
        "class_names": list(objective.class_names),
        "versions": library_versions(),
    }
    _write_json(folder / CONFIG_FILE, facts)
    guide = script_guide(run, class_names=objective.class_names, sizes=sizes)
    (folder / GUIDE_FILE).write_text(guide, encoding="utf-8")


def read_numbers(events: Sequence[Event]) -> dict[str, float]:
    """What the program's own numbers are compared with."""
    losses = [event.train_loss for event in events if isinstance(event, StepTaken)]
    last = [event for event in events if isinstance(event, Evaluated)][-1]
    finish = next(event for event in events if isinstance(event, RunFinished))
    numbers = {
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "val_loss": last.val_loss if last.val_perplexity is None else None,
        "val_accuracy": last.val_accuracy,
        "test_accuracy": finish.test_accuracy,
        "val_perplexity": last.val_perplexity,
        "test_perplexity": finish.perplexity,
    }
    return {name: value for name, value in numbers.items() if value is not None}


def _was_bfloat16(events: Iterable[Event]) -> bool:
    return any(isinstance(event, Noted) and "bfloat16 on cpu" in event.message for event in events)


def _write_classes(objective: Classification, folder: Path) -> dict[str, int]:
    """Writes what learns classes as it is before its first step, and what it reads; gives the sizes of the splits."""
    for _ in objective.encode(never):
        pass
    objective.begin(never)
    start = folder / START_FOLDER
    objective.backbone.model.save_pretrained(start)
    objective.backbone.processor.save_pretrained(start)
    head: Any = objective.model.head
    tensors = {
        "weight": head.linear.weight,
        "bias": head.linear.bias,
        "mean": head.scale.mean,
        "deviation": head.scale.deviation,
    }
    kept = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    save_file(kept, start / "head.safetensors")
    splits = {"train": objective.train, "validation": objective.data.validation, "test": objective.data.test}
    for name, split in splits.items():
        is_text = objective.backbone.modality == "text"
        rows = _text_rows(split) if is_text else _image_rows(objective, name, split, folder / DATA_FOLDER)
        _write_rows(folder, name, rows)
    return {name: len(split) for name, split in splits.items()}


def _write_words(run: Preparation, objective: LanguageModeling, folder: Path) -> dict[str, int]:
    """The same for what learns words."""
    if language_objective(run.backbone) != "causal" or language_head(run.config.variant) == "tied":
        raise InvalidInput("No program is written for masked words, or for a head that is tied to the embedding.")
    save_word_model(WordPredictor(run.backbone, objective.model.eval()), folder / START_FOLDER)
    splits = {"train": objective.train, "validation": objective.validation_texts, "test": objective.data.test}
    for name, texts in splits.items():
        _write_rows(folder, name, ({"text": text} for text in texts))
    return {name: len(texts) for name, texts in splits.items()}


def _text_rows(split: Split) -> Iterable[Mapping[str, Any]]:
    for text, label in zip(split.inputs, split.labels, strict=True):
        yield {"text": str(text), "label": int(label)}


def _image_rows(objective: Classification, name: str, split: Split, folder: Path) -> Iterable[Mapping[str, Any]]:
    """Writes the images, in the mode that the backbone reads, without loss."""
    if first_pixels(objective, split).nbytes * len(split) > KEPT_BYTES:
        raise InvalidInput(f"The {name} images are too many or too large to take along: choose smaller ones.")
    mode = MODES[objective.backbone.model.config.num_channels]
    (folder / name).mkdir()
    images: Sequence[Any] = split.inputs
    for number, (image, label) in enumerate(zip(images, split.labels, strict=True)):
        file = f"{name}/{number:05}.png"
        image.convert(mode).save(folder / file)
        yield {"image": file, "label": int(label)}


def _write_rows(folder: Path, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (folder / DATA_FOLDER / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8", newline="\n")


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
