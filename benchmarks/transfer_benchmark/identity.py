"""What a measurement depends on, as a hash: replaced weights, defaults or data make it stale, and nothing else does."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tlvsft
from benchmarks.transfer_benchmark import bag_of_words
from benchmarks.transfer_benchmark.grid import BAG_OF_WORDS, TASKS, Cell, Task, backbone_folder
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import METHODS
from tlvsft.config import Modality
from tlvsft.datasets import load_labelled_data
from tlvsft.training.defaults import GRADIENT_NORM_LIMIT, REFERENCE_WIDTH, batch_size_for, hyperparameters_for

_ROOT = Path(next(iter(tlvsft.__path__)))
_DRAWING_CODE = tuple(_ROOT / "datasets" / name for name in ("sampling.py", "splitting.py"))
_FEATURE_CODE = tuple(
    _ROOT / name
    for name in (
        "backbones/features.py",
        "tasks/classifier.py",
        "tasks/encoding.py",
        "tasks/heads.py",
        "tasks/image_classification.py",
        "tasks/text_classification.py",
    )
)
"""How examples become features and these become classes: pooling is as much part of a backbone as its weights."""
_NOT_READ = frozenset({"blocks.json", "recipe.json", "training.json", "generation_config.json"})
"""JSON beside the weights that no run reads."""


class Identities:
    """Hashes of what lies on this machine now, each computed once."""

    def __init__(self, shared: Path) -> None:
        self._shared = shared
        self._feature_code = hash_code([*_DRAWING_CODE, *_FEATURE_CODE])
        self._bag_of_words_code = hash_code([*_DRAWING_CODE, Path(bag_of_words.__file__)])
        self._datasets: dict[str, str | None] = {}
        self._backbones: dict[tuple[str, bool], str | None] = {}

    def key(self, cell: Cell) -> str | None:
        """Hash of all that decides a cell's outcome; `None` where the dataset or the backbone isn't there."""
        task = TASKS.get(cell.dataset)
        dataset = self.dataset(task) if task else None
        if task is None or dataset is None:
            return None
        if cell.backbone is None:
            known = {"dataset": dataset, "code": self._bag_of_words_code}
            return _digest_json(known) if cell.method == BAG_OF_WORDS else None
        backbone = self.backbone(cell.backbone, pretrained=METHODS[cell.method].pretrained)
        if backbone is None:
            return None
        return _digest_json(
            {
                "dataset": dataset,
                "code": self._feature_code,
                "backbone": backbone,
                "parameters": method_parameters(task.modality, cell.method),
            }
        )

    def dataset(self, task: Task) -> str | None:
        """Hash of a dataset's files, or of the digits; `None` if it isn't there."""
        if task.name not in self._datasets:
            self._datasets[task.name] = self._hash_dataset(task)
        return self._datasets[task.name]

    def backbone(self, name: str, *, pretrained: bool) -> str | None:
        """Hash of a backbone's files; a method that starts from random weights doesn't depend on the pretrained."""
        if (name, pretrained) not in self._backbones:
            folder = backbone_folder(name, self._shared)
            self._backbones[name, pretrained] = hash_backbone(folder, weights=pretrained)
        return self._backbones[name, pretrained]

    def _hash_dataset(self, task: Task) -> str | None:
        if not task.bundled:
            folder = task.folder(self._shared)
            return hash_files(folder, folder.rglob("*")) if folder.is_dir() else None
        bundled = DATASETS[task.name]
        if bundled.path is None:
            return _hash_images(task, self._shared)
        files = hash_files(bundled.path, bundled.path.glob("*.jsonl"))
        return _digest_json({"files": files, "label_column": bundled.label_column, "classes": bundled.classes})


def hash_backbone(folder: Path, *, weights: bool) -> str | None:
    """Hash of config, tokenizer or image processor, and weights if these matter; `None` where there is no model."""
    if not (folder / "config.json").is_file():
        return None
    endings = {".json", ".txt", ".model"} | ({".safetensors"} if weights else set())
    return hash_files(folder, (p for p in folder.iterdir() if p.suffix in endings and p.name not in _NOT_READ))


def hash_files(root: Path, paths: Iterable[Path]) -> str:
    """Hash over the names and the bytes of files; hidden ones are passed over."""
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file() and not path.name.startswith(".")):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def hash_code(paths: Iterable[Path]) -> str:
    """Hash over what Python files do: comments, docstrings and layout don't count."""
    digest = hashlib.sha256()
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                node.body = [statement for statement in node.body if not _is_text(statement)]
        digest.update(f"{path.name} {ast.dump(tree)}\n".encode())
    return digest.hexdigest()


def method_parameters(modality: Modality, method: str) -> dict[str, Any] | None:
    """The defaults that a method is trained with; `None` for one that takes no steps."""
    if not METHODS[method].takes_steps:
        return None
    return {
        **asdict(hyperparameters_for(modality, method)),
        "batch_size": batch_size_for(modality),
        "gradient_norm_limit": GRADIENT_NORM_LIMIT,
        "reference_width": REFERENCE_WIDTH,
    }


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _hash_images(task: Task, shared: Path) -> str:
    data = load_labelled_data(task.config(shared))
    digest = hashlib.sha256()
    for split in (data.train, data.validation, data.test):
        digest.update(split.labels.tobytes())
        for image in split.inputs:
            digest.update(image.tobytes())  # type: ignore[union-attr]
    return digest.hexdigest()


def _digest_json(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
