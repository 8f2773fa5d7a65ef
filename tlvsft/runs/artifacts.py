"""The files of runs and comparisons, beside the database: weights, predictions, test examples.

    runs/<run id>/          weights.safetensors (only tensors that differ from the backbone), predictions.npz or,
                            of a language model, text_losses.npz, <name>.npz with what else was
                            observed, run.json (config, classes, which backbone, after how many updates), log.txt
    comparisons/<id>/       examples.json (the test examples as they are shown), tsne.json (where some of them lie)

Each file is written under another name first and then renamed: a reader finds a whole file or none.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlvsft.config import RunConfig
from tlvsft.errors import InvalidInput, StoreError
from tlvsft.runs.records import Example, StoredPredictions, StoredTextLosses

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

WEIGHTS_FILE = "weights.safetensors"
PREDICTIONS_FILE = "predictions.npz"
REPRESENTATIONS_FILE = "representations.npz"
TEXT_LOSSES_FILE = "text_losses.npz"
RUN_FILE = "run.json"
EXAMPLES_FILE = "examples.json"
TSNE_FILE = "tsne.json"
LOG_FILE = "log.txt"
_TESTED = "only a finished run was tested."


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What it takes to use a trained variant again.

    Attributes:
        changed_tensors: Entries of the state dict that differ from the pretrained backbone, head included.
        backbone_fingerprint: Hash of the backbone that they belong to.
        step: After how many updates; `None` where it was not written down yet.
    """

    config: RunConfig
    class_names: tuple[str, ...]
    backbone_fingerprint: str
    changed_tensors: dict[str, Tensor]
    step: int | None = None


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Writes `run.json` and `weights.safetensors`."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    facts = {
        "config": checkpoint.config.to_dict(),
        "class_names": list(checkpoint.class_names),
        "backbone_fingerprint": checkpoint.backbone_fingerprint,
        "step": checkpoint.step,
    }
    # Tensors may share memory (tied weights); safetensors wants each on its own.
    tensors = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in checkpoint.changed_tensors.items()}
    _write_whole(folder / RUN_FILE, lambda path: _write_json(path, facts))
    try:
        _write_whole(folder / WEIGHTS_FILE, lambda path: save_file(tensors, path))
    except SafetensorError as error:
        raise StoreError(f"Can't write {folder / WEIGHTS_FILE} ({error}): free some space.") from error


def load_checkpoint(folder: Path) -> Checkpoint:
    """Reads what `save_checkpoint` wrote.

    Raises:
        InvalidInput: The run has no weights: it didn't come that far, or they were deleted to save space.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    facts = _read_json(folder / RUN_FILE, missing="This run has no trained model: it ended before it learnt anything.")
    if not (folder / WEIGHTS_FILE).exists():
        raise InvalidInput("This run's weights were deleted to make room for newer ones: train it again to predict.")
    try:
        changed_tensors = load_file(folder / WEIGHTS_FILE)
    except (OSError, SafetensorError) as error:
        raise StoreError(f"{folder / WEIGHTS_FILE} is damaged: delete the folder and train again.") from error
    return Checkpoint(
        config=RunConfig.from_dict(facts["config"]),
        class_names=tuple(facts["class_names"]),
        backbone_fingerprint=facts["backbone_fingerprint"],
        changed_tensors=changed_tensors,
        step=facts.get("step"),
    )


def save_predictions(folder: Path, *, labels: np.ndarray, probabilities: np.ndarray) -> None:
    """Writes `predictions.npz`: labels `(n,)`, probabilities `(n, num_classes)`."""
    path = folder / PREDICTIONS_FILE
    _save_arrays(path, labels=labels.astype("int64"), probabilities=probabilities.astype("float32"))


def load_predictions(folder: Path) -> StoredPredictions:
    """Reads `predictions.npz`.

    Raises:
        InvalidInput: The run has none.
        StoreError: The file is damaged.
    """
    labels, probabilities = _load_arrays(
        folder / PREDICTIONS_FILE, ("labels", "probabilities"), missing=f"This run has no predictions: {_TESTED}"
    )
    return StoredPredictions(labels=labels, probabilities=probabilities)


def save_text_losses(folder: Path, *, losses: np.ndarray, tokens: np.ndarray) -> None:
    """Writes `text_losses.npz`: nats summed over each test text `(texts,)`, tokens predicted in it `(texts,)`."""
    _save_arrays(folder / TEXT_LOSSES_FILE, losses=losses.astype("float64"), tokens=tokens.astype("int64"))


def load_text_losses(folder: Path) -> StoredTextLosses:
    """Reads `text_losses.npz`.

    Raises:
        InvalidInput: The run has none.
        StoreError: The file is damaged.
    """
    losses, tokens = _load_arrays(
        folder / TEXT_LOSSES_FILE, ("losses", "tokens"), missing=f"This run has no losses of texts: {_TESTED}"
    )
    return StoredTextLosses(losses=losses, tokens=tokens)


def save_observed(folder: Path, name: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes what was observed of a trained model beside its test: `<name>.npz`; `name` is letters and `_` alone."""
    _save_arrays(folder / f"{name}.npz", **arrays)


def load_observed(folder: Path, name: str, arrays: Sequence[str]) -> dict[str, np.ndarray]:
    """Reads what `save_observed` wrote: the arrays of these names.

    Raises:
        InvalidInput: Nothing of this name was observed of the run.
        StoreError: The file is damaged, or one of the arrays isn't in it.
    """
    missing = f"Of this run no {name.replace('_', ' ')} were kept: train it again to see them."
    return dict(zip(arrays, _load_arrays(folder / f"{name}.npz", tuple(arrays), missing=missing), strict=True))


def save_examples(folder: Path, examples: Iterable[Example], *, class_names: tuple[str, ...]) -> None:
    """Writes `examples.json`."""
    entries = [
        {
            "index": example.index,
            "label": example.label,
            **({"image": example.image} if example.text is None else {"text": example.text}),
            **({} if example.group is None else {"group": example.group}),
        }
        for example in examples
    ]
    facts = {"class_names": list(class_names), "examples": entries}
    _write_whole(folder / EXAMPLES_FILE, lambda path: _write_json(path, facts))


def load_examples(folder: Path) -> list[Example]:
    """The test examples in `examples.json`.

    Raises:
        InvalidInput: There is no such file yet.
    """
    return [Example(**entry) for entry in _read_examples(folder)["examples"]]


def load_class_names(folder: Path) -> tuple[str, ...]:
    """The class names in `examples.json`.

    Raises:
        InvalidInput: There is no such file yet.
    """
    return tuple(_read_examples(folder)["class_names"])


def save_tsne(folder: Path, facts: Mapping[str, Any]) -> None:
    """Writes `tsne.json`."""
    _write_whole(folder / TSNE_FILE, lambda path: _write_json(path, dict(facts)))


def load_tsne(folder: Path) -> dict[str, Any]:
    """Reads what `save_tsne` wrote.

    Raises:
        InvalidInput: It wasn't computed yet.
        StoreError: The file is damaged.
    """
    return _read_json(folder / TSNE_FILE, missing="t-SNE wasn't computed for this comparison yet: open it on the page.")


def _save_arrays(path: Path, **arrays: np.ndarray) -> None:
    import numpy as np

    def write(unfinished: Path) -> None:
        with unfinished.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]  # numpy takes the names for options

    _write_whole(path, write)


def _load_arrays(path: Path, names: tuple[str, ...], *, missing: str) -> list[np.ndarray]:
    import numpy as np

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return [arrays[name] for name in names]
    except FileNotFoundError as error:
        raise InvalidInput(missing) from error
    except Exception as error:
        raise StoreError(f"{path} is damaged: delete the folder and train again.") from error


def _read_examples(folder: Path) -> dict[str, Any]:
    return _read_json(folder / EXAMPLES_FILE, missing="This comparison has no test examples yet: let a run finish.")


def _read_json(path: Path, *, missing: str) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidInput(missing) from error
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} is damaged: delete its folder and train again.") from error
    return facts


def _write_json(path: Path, facts: dict[str, Any]) -> None:
    path.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(unfinished)
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise StoreError(f"Can't write {path} ({error.strerror}): free some space or set TLVSFT_HOME.") from error
