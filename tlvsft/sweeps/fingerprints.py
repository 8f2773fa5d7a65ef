"""What data and backbone hold, as hashes: a name alone doesn't say it for good."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.own import is_own
from tlvsft.catalog.paths import BUNDLED_DATASETS
from tlvsft.config import DatasetConfig
from tlvsft.errors import BackboneError, DatasetError
from tlvsft.runs.cell_keys import fingerprint_files


def fingerprint_dataset(config: DatasetConfig) -> str:
    """A hash of a dataset: of its files where they are on this machine, else of what is read from the Hub.

    An own dataset's name is 128 random bits that are given to nothing else, and what it holds never changes.

    Raises:
        DatasetError: It can't be read.
    """
    if is_own(config.name):
        return config.name
    if config.name in DATASETS:
        folder = DATASETS[config.name].folder
        return "scikit-learn" if folder is None else _hash_path(BUNDLED_DATASETS / folder)
    path = Path(config.name).expanduser()
    try:
        return _hash_path(path) if path.exists() else _hash_loaded(config)
    except OSError as error:
        raise DatasetError(f"{config.name!r} can't be read ({error.strerror}): check its files.") from error


def fingerprint_backbone(name: str) -> str:
    """A hash of a backbone's files; of one from the Hub, the commit that is in the cache.

    Raises:
        BackboneError: It can't be read.
    """
    path = BACKBONES[name].path if name in BACKBONES else Path(name).expanduser()
    try:
        return _hash_path(path) if path.exists() else _cached_commit(name)
    except OSError as error:
        raise BackboneError(f"{name!r} can't be read ({error.strerror}): check its files.") from error


def _hash_path(path: Path) -> str:
    if path.is_file():
        return fingerprint_files([path], root=path.parent)
    hidden = {file for file in path.rglob("*") if any(part.startswith(".") for part in file.relative_to(path).parts)}
    return fingerprint_files([file for file in path.rglob("*") if file.is_file() and file not in hidden], root=path)


def _hash_loaded(config: DatasetConfig) -> str:
    from tlvsft.datasets import load_labelled_data

    data = load_labelled_data(config)
    digest = hashlib.sha256("\0".join(data.class_names).encode())
    for split in (data.train, data.validation, data.test):
        digest.update(split.labels.tobytes())
        for item in split.inputs:
            content = item.encode() if isinstance(item, str) else item.tobytes()
            digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def _cached_commit(name: str) -> str:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name, "config.json")
    return Path(found).parent.name if isinstance(found, str) else name
