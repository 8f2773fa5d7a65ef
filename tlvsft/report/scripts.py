"""A run as a folder with a short program in plain PyTorch that trains it again, and all that the program needs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from tlvsft.backbones import FLOAT32_ON_CPU, Block
from tlvsft.backbones.library import silence_transformers
from tlvsft.errors import InvalidInput
from tlvsft.events import Evaluated, Noted, RunFinished, StepTaken
from tlvsft.report.guides import script_guide
from tlvsft.report.offers import why_no_script
from tlvsft.report.templates import fill_in
from tlvsft.report.versions import library_versions
from tlvsft.runs.chains import load_start
from tlvsft.tasks.image_classification import KEPT_BYTES, MODES
from tlvsft.tasks.text_classification import find_context
from tlvsft.training.classification import Classification
from tlvsft.training.defaults import GRADIENT_NORM_LIMIT, Hyperparameters
from tlvsft.training.preparation import Preparation, prepare
from tlvsft.training.randomness import derive_seed
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
    objective = prepared.objective
    if not isinstance(objective, Classification) or prepared.plan is None:
        raise InvalidInput("Only runs that learn classes in steps can be written as a program.")
    for _ in objective.encode(never):
        pass
    objective.begin(never)
    _write_start(prepared, objective, folder / START_FOLDER)
    splits = {"train": objective.train, "validation": objective.data.validation, "test": objective.data.test}
    for name, split in splits.items():
        _write_split(objective, name, split, folder / DATA_FOLDER)
    batches = [indices.tolist() for indices in prepared.plan.batches(objective.lengths)]
    _write_json(folder / BATCHES_FILE, batches)
    facts = {
        "comparison_id": run.comparison_id,
        "side": run.side,
        "config": run.config.to_dict(),
        "class_names": list(objective.class_names),
        "versions": library_versions(),
    }
    _write_json(folder / CONFIG_FILE, facts)
    numbers = read_numbers(events)
    (folder / SCRIPT_FILE).write_text(write_program(prepared, objective, numbers, events), encoding="utf-8")
    guide = script_guide(
        run, class_names=objective.class_names, sizes={name: len(split) for name, split in splits.items()}
    )
    (folder / GUIDE_FILE).write_text(guide, encoding="utf-8")


def read_numbers(events: Sequence[object]) -> dict[str, float]:
    """What the program's own numbers are compared with."""
    losses = [event.train_loss for event in events if isinstance(event, StepTaken)]
    evaluations = [event for event in events if isinstance(event, Evaluated)]
    finish = next(event for event in events if isinstance(event, RunFinished))
    return {
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "val_loss": evaluations[-1].val_loss,
        "val_accuracy": evaluations[-1].val_accuracy or 0.0,
        "test_accuracy": finish.test_accuracy or 0.0,
    }


def write_program(
    run: Preparation, objective: Classification, numbers: dict[str, float], events: Sequence[object]
) -> str:
    """The text of the program."""
    is_text = run.backbone.modality == "text"
    parameters = _known(run.parameters)
    return fill_in(
        "reproduce.py.txt",
        REQUIREMENTS="torch, transformers and safetensors" + ("" if is_text else ", pillow"),
        IMPORTS=_TEXT_IMPORTS if is_text else _IMAGE_IMPORTS,
        SETTINGS=_settings(run, parameters, numbers, events),
        DATA=fill_in("texts.py.txt" if is_text else "images.py.txt").strip(),
        FEATURES_ARE=_features_are(run),
        FEATURES=_indent(_features(run, objective), 12),
        NORMS_STAY=_norms(run)[0],
        MODES=_indent(_norms(run)[1], 8),
        SCHEDULE=fill_in(f"{parameters.schedule}.py.txt").strip(),
    )


_TEXT_IMPORTS = """from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModel, AutoTokenizer"""
_IMAGE_IMPORTS = """from PIL import Image
from transformers import AutoImageProcessor, AutoModel"""
_TEXT_FEATURES = """layers = self.backbone(**batch, output_hidden_states=True).hidden_states
both = torch.cat([layers[0], layers[-1]], dim=-1).float()  # (batch, tokens, features)
mask = batch["attention_mask"].unsqueeze(-1).float()  # (batch, tokens, 1)
return (both * mask).sum(dim=1) / mask.sum(dim=1)"""
_NORM = "isinstance(module, nn.modules.batchnorm._BatchNorm)"


def _settings(
    run: Preparation,
    parameters: Hyperparameters,
    numbers: dict[str, float],
    events: Sequence[object],
) -> str:
    """The constants, as code: numbers, names of modules and of blocks, and no text that anybody wrote."""
    notes = [event.message for event in events if isinstance(event, Noted)]
    lines = [
        f"DROPOUT_SEED = {derive_seed(run.config.seed, 'dropout')}  # all else that is random lies in the files",
        f"BFLOAT16 = {any('bfloat16 on cpu' in note for note in notes)}  # whether the app computed in bfloat16",
        *_reading_settings(run),
        f"DROPOUT = {parameters.dropout!r}  # share of features left out before the head, in training",
        f"WEIGHT_DECAY = {parameters.weight_decay!r}",
        f"GRADIENT_NORM_LIMIT = {GRADIENT_NORM_LIMIT!r}",
        f"WARMUP = {parameters.warmup!r}  # share of the steps over which learning rates rise",
        f"HEAD_RATE = {parameters.head_rate!r}  # peak learning rate",
        "BLOCKS = {  # from input to output: its parts in the backbone, and its peak learning rate",
        *_block_lines(run, parameters),
        "}",
        "PHASES = [  # from which step on, which blocks are frozen, and over which steps rates rise and fall",
        *[
            f"    ({phase.start}, {sorted(phase.frozen)!r}, {phase.cycle.start}, {phase.cycle.stop}),"
            for phase in run.phases
        ],
        "]",
        "APP = {  # what the app found",
        *[f"    {name!r}: {_number(value)}," for name, value in numbers.items()],
        "}",
    ]
    return "\n".join(lines)


def _reading_settings(run: Preparation) -> list[str]:
    if run.backbone.modality == "image":
        return [f"MODE = {MODES[run.backbone.model.config.num_channels]!r}  # of the images, as Pillow calls it"]
    pad_id = run.backbone.processor.pad_token_id or 0
    return [
        f"CONTEXT = {find_context(run.backbone)}  # tokens that are read of a text",
        f"PAD_ID = {pad_id}",
    ]


def _block_lines(run: Preparation, parameters: Hyperparameters) -> Iterable[str]:
    names = {id(module): name for name, module in run.backbone.model.named_modules()}
    loose = {id(parameter): name for name, parameter in run.backbone.model.named_parameters()}
    blocks = run.backbone.blocks
    for below_top, block in zip(reversed(range(len(blocks))), blocks, strict=True):
        parts = _parts(block, names, loose)
        rate = parameters.backbone_rate / parameters.rate_decay**below_top
        yield f"    {block.name!r}: ({parts!r}, {rate!r}),"


def _parts(block: Block, modules: dict[int, str], parameters: dict[int, str]) -> list[str]:
    """A block's modules, without those that hold nothing, and its loose parameters, by their names in the backbone."""
    return [
        *[parameters[id(parameter)] for parameter in block.loose],
        *[modules[id(module)] for module in block.modules if any(True for _ in module.state_dict())],
    ]


def _features_are(run: Preparation) -> str:
    if run.backbone.modality == "text":
        return "the embedding and the last layer, each its mean over the tokens"
    return "what the backbone has pooled over the image"


def _features(run: Preparation, objective: Classification) -> str:
    """How the backbone is read, in code; see `tlvsft.backbones.features`."""
    if run.backbone.modality == "text":
        return _TEXT_FEATURES
    return f"output = self.backbone(**batch)\nreturn {_image_features(run, objective)}.float()"


def _image_features(run: Preparation, objective: Classification) -> str:
    run.backbone.model.eval()  # type: ignore[no-untyped-call]
    with torch.inference_mode():
        output = run.backbone.model(pixel_values=_first_pixels(objective, objective.train))
    if getattr(output, "pooler_output", None) is not None:
        return "torch.flatten(output.pooler_output, start_dim=1)"
    return f"output.last_hidden_state{'.mean(dim=(2, 3))' if output.last_hidden_state.dim() == 4 else '[:, 0]'}"


def _first_pixels(objective: Classification, split: Split) -> Tensor:
    """The first image of a split as the backbone reads it, shape `(1, channels, height, width)`."""
    first = np.array([0])
    return objective.encode_split(split.select(first)).inputs.batch(first)["pixel_values"]


def _norms(run: Preparation) -> tuple[str, str]:
    """What becomes of BatchNorm: in words that follow "dropout off", and in code."""
    has_norms = any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in run.backbone.model.modules())
    stays, words = "belongs_to(name, frozen)", ""
    if has_norms and run.model.statistics_drift:
        stays, words = f"{stays} and not {_NORM}", ", but BatchNorm takes new statistics (a mistake on purpose)"
    elif has_norms and run.method.pretrained:
        stays, words = f"{stays} or {_NORM}", "; so does BatchNorm everywhere, its statistics kept"
    elif has_norms:
        words = ", BatchNorm's statistics kept"
    return words, f"if {stays}:\n    module.training = False"


def _write_start(run: Preparation, objective: Classification, folder: Path) -> None:
    run.backbone.model.save_pretrained(folder)
    run.backbone.processor.save_pretrained(folder)
    head: Any = objective.model.head
    tensors = {
        "weight": head.linear.weight,
        "bias": head.linear.bias,
        "mean": head.scale.mean,
        "deviation": head.scale.deviation,
    }
    kept = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    save_file(kept, folder / "head.safetensors")


def _write_split(objective: Classification, name: str, split: Split, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    is_text = objective.backbone.modality == "text"
    rows = _text_rows(split) if is_text else _image_rows(objective, name, split, folder)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


def _text_rows(split: Split) -> Iterable[dict[str, Any]]:
    for text, label in zip(split.inputs, split.labels, strict=True):
        yield {"text": str(text), "label": int(label)}


def _image_rows(objective: Classification, name: str, split: Split, folder: Path) -> Iterable[dict[str, Any]]:
    """Writes the images, in the mode that the backbone reads, without loss."""
    if _first_pixels(objective, split).nbytes * len(split) > KEPT_BYTES:
        raise InvalidInput(f"The {name} images are too many or too large to take along: choose smaller ones.")
    mode = MODES[objective.backbone.model.config.num_channels]
    (folder / name).mkdir()
    for number, (image, label) in enumerate(zip(split.inputs, split.labels, strict=True)):
        file = f"{name}/{number:05}.png"
        image.convert(mode).save(folder / file)  # type: ignore[union-attr]
        yield {"image": file, "label": int(label)}


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _number(value: float) -> str:
    return repr(float(value)) if math.isfinite(value) else 'float("nan")'


def _indent(code: str, spaces: int) -> str:
    return "\n".join(" " * spaces + line for line in code.splitlines())


def _known(parameters: Hyperparameters | None) -> Hyperparameters:
    if parameters is None:
        raise InvalidInput("This method takes no steps: there is nothing to train again.")
    return parameters
