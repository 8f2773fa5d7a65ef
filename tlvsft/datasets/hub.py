"""Datasets from the Hugging Face Hub: data files only, never code."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tlvsft.config import SplitName
from tlvsft.datasets.library import read_with_library
from tlvsft.datasets.locating import SPLIT_WORDS, HubId
from tlvsft.errors import DatasetError

if TYPE_CHECKING:
    from datasets import Dataset

_READERS = frozenset({"csv", "json", "parquet", "arrow", "imagefolder"})
"""Of the library's readers, those for plain data: others unpack archives or know formats that can hold code."""
_SEVERAL = "Config name is missing"
"""What the library says of a dataset with several configurations, none of them the default."""
_MOST_BYTES = 5 * 1024**3
_ANSWER_WITHIN_S = 5.0
"""The library itself would try for half a minute to reach a Hub that isn't there."""


def read_hub(dataset: HubId) -> dict[SplitName, Dataset]:
    """Reads a dataset from the Hub, or from its own cache when the Hub is out of reach.

    Raises:
        DatasetError: It doesn't exist, can't be reached, or isn't plain data.
    """
    shown = f"Hub dataset {dataset.name!r}"
    if "/" not in dataset.name and _is_reader(dataset.name):
        raise DatasetError(f"{dataset.name!r} is a file format, not a dataset: give the path of a file or a Hub id.")
    reachable = _is_reachable(dataset.name)
    with _offline_unless(reachable=reachable):
        try:
            return _read(dataset.name, shown)
        except DatasetError as error:
            if _SEVERAL in str(error.__cause__):
                raise DatasetError(
                    f"{shown} is several datasets in one: save the one you want as Parquet and give its path."
                ) from error
            if reachable or not isinstance(error.__cause__, ConnectionError):
                raise
            raise DatasetError(
                f"There is no file or folder {dataset.name!r}, and the Hub can't be reached to look for a dataset of "
                "that id: check the path or the network."
            ) from error


def _is_reader(name: str) -> bool:
    return name.isidentifier() and importlib.util.find_spec(f"datasets.packaged_modules.{name}") is not None


def _is_reachable(name: str) -> bool:
    """Whether the Hub answers now.

    Raises:
        DatasetError: It does, and says that there is no such dataset.
    """
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError
    from huggingface_hub.errors import HTTPError as NoAnswer  # type: ignore[attr-defined]
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    try:
        validate_repo_id(name)
        if constants.HF_HUB_OFFLINE:
            return False
        HfApi().dataset_info(name, timeout=_ANSWER_WITHIN_S)
    except HFValidationError as error:
        raise DatasetError(
            f"There is no file or folder {name!r}, and no dataset on the Hub can have that id: check the path."
        ) from error
    except RepositoryNotFoundError as error:
        raise DatasetError(
            f"There is no dataset {name!r} on the Hub, or it is private: check the id, or log in with 'hf auth login'."
        ) from error
    except (NoAnswer, OSError):
        return False
    return True


@contextmanager
def _offline_unless(*, reachable: bool) -> Iterator[None]:
    """Keeps the library from trying, and waiting, for a Hub that doesn't answer: it then reads its cache."""
    import datasets
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE
    if not reachable:
        constants.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE = before


def _read(name: str, shown: str) -> dict[SplitName, Dataset]:
    import datasets

    with read_with_library(shown, advice="check the id and the network, or give the path of a file."):
        builder = datasets.load_dataset_builder(name)
        reader = type(builder).__module__.rsplit(".", 1)[-1]
        size_bytes = builder.info.download_size or 0
    if reader not in _READERS | {"cache"}:
        raise DatasetError(f"{shown} is stored as {reader}, which is not read: download it and save it as Parquet.")
    if size_bytes > _MOST_BYTES:
        raise DatasetError(
            f"{shown} is a download of {size_bytes / 1024**3:.0f} GB, more than 5: save a part of it as Parquet and "
            "give its path."
        )
    with read_with_library(shown, advice="check the id and the network, or give the path of a file."):
        builder.download_and_prepare()
        loaded = builder.as_dataset()
        return _name_splits(dict(loaded), shown)


def _name_splits(loaded: dict[str, Dataset], shown: str) -> dict[SplitName, Dataset]:
    splits = {SPLIT_WORDS[name]: table for name, table in loaded.items() if name in SPLIT_WORDS}
    if not splits and len(loaded) == 1:
        return {"train": next(iter(loaded.values()))}
    if "train" not in splits:
        raise DatasetError(
            f"{shown} has no training split, only {', '.join(loaded)}: save one as Parquet, give its path."
        )
    return splits
