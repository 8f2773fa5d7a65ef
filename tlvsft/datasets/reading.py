"""Local files as tables of the `datasets` library, one per split."""

from __future__ import annotations

import csv
import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlvsft.config import SplitName
from tlvsft.datasets.cache import cache_folder, prune_cache
from tlvsft.datasets.columns import Wanted
from tlvsft.datasets.library import read_with_library
from tlvsft.datasets.locating import LocalFiles
from tlvsft.errors import DatasetError

if TYPE_CHECKING:
    from datasets import Dataset

_SEPARATORS = ",;\t|"
_LONGEST_FIELD = 2**30
"""Python's csv module stops at 131,072 characters unless told."""
_ROWS_AT_ONCE = 1_000
_SAVE_AGAIN = "repair the data or save it again."
_METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
"""Files in which the library looks for the classes of images, where there are no folders for them."""


def read_files(files: LocalFiles, wanted: Wanted) -> dict[SplitName, Dataset]:
    """Reads local files. Their content is copied to the app's cache, which is kept small.

    Raises:
        DatasetError: They are damaged, empty, or lack a column.
    """
    for path in _files_of(files):
        with read_with_library(path.name, advice="check that it exists and may be read."), path.open("rb") as file:
            if not file.read(1):
                raise DatasetError(f"{path.name} is empty: it needs {wanted.described}.")
    return {"csv": _read_csv, "json": _read_json, "parquet": _read_parquet, "images": _read_images}[files.kind](
        files, wanted
    )


def _files_of(files: LocalFiles) -> list[Path]:
    return [] if files.kind == "images" else [path for paths in files.splits.values() for path in paths]


def _read_csv(files: LocalFiles, wanted: Wanted) -> dict[SplitName, Dataset]:
    """All values as texts: a label "01" stays what it is, and so does a text "NA"."""
    from datasets import Features, Value

    paths = _files_of(files)
    header, separator = read_header(paths[0], wanted)
    for path in paths:
        columns = wanted.find(read_header(path, wanted)[0], shown=path.name)
        _check_rows(path, wanted)
    used = [name for name in header if name in columns]
    return _load(
        "csv",
        files,
        wanted,
        features=Features({name: Value("string") for name in used}),
        usecols=used,
        sep=separator,
        keep_default_na=False,
        index_col=False,
    )


def read_header(path: Path, wanted: Wanted) -> tuple[list[str], str]:
    """The names of a CSV file's columns, and what separates them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            first = next(line for line in lines if line.strip())
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path.name} is not UTF-8 text: save it again as 'CSV UTF-8'.") from error
    except StopIteration as error:
        raise DatasetError(f"{path.name} is empty: it needs {wanted.described}.") from error
    if "\0" in first:
        raise DatasetError(f"{path.name} is no CSV file: save it again as 'CSV UTF-8'.")
    separator = max(_SEPARATORS, key=first.count)
    return next(csv.reader([first.rstrip("\r\n")], delimiter=separator)), separator


def accept_long_fields() -> None:
    """Lets Python's csv module read a long text, in this process: whether it is too long is said in words."""
    csv.field_size_limit(_LONGEST_FIELD)


def _check_rows(path: Path, wanted: Wanted) -> None:
    """Refuses rows with more fields than the header; the library would cut them off without a word.

    Raises:
        DatasetError: The message names the first such line.
    """
    header, separator = read_header(path, wanted)
    accept_long_fields()
    with path.open(encoding="utf-8-sig", newline="") as lines, read_with_library(path.name, advice=_SAVE_AGAIN):
        rows = csv.reader(lines, delimiter=separator)
        for row in rows:
            if any(field.strip() for field in row[len(header) :]):
                raise DatasetError(
                    f"In {path.name}, line {rows.line_num:,} has {len(row)} fields and the header {len(header)}: put "
                    f'texts that contain {separator!r} in "quotes".'
                )


def _read_json(files: LocalFiles, wanted: Wanted) -> dict[SplitName, Dataset]:
    return _load("json", files, wanted)


def _read_parquet(files: LocalFiles, wanted: Wanted) -> dict[SplitName, Dataset]:
    import pyarrow.parquet

    for path in _files_of(files):
        with read_with_library(path.name, advice="save it again as Parquet."):
            names = pyarrow.parquet.read_schema(path).names
        columns = wanted.find(names, shown=path.name)
    return _load("parquet", files, wanted, columns=list(columns), batch_size=_ROWS_AT_ONCE)


def _read_images(files: LocalFiles, wanted: Wanted) -> dict[SplitName, Dataset]:
    images = [f"**/*{ending}" for ending in sorted(files.endings)] + [f"**/{name}" for name in _METADATA]
    patterns = {
        split: [f"{glob.escape(str(folder))}/{pattern}" for folder in folders for pattern in images]
        for split, folders in files.splits.items()
    }
    return _load("imagefolder", files, wanted, patterns=patterns, drop_labels=False)


def _load(
    builder: str,
    files: LocalFiles,
    wanted: Wanted,
    *,
    patterns: dict[SplitName, list[str]] | None = None,
    **settings: Any,
) -> dict[SplitName, Dataset]:
    chosen = patterns or {split: [glob.escape(str(path)) for path in paths] for split, paths in files.splits.items()}
    cache = cache_folder()
    prune_cache(cache)
    return {
        split: _load_split(builder, paths, wanted, shown=_name(files, split), cache_dir=str(cache), **settings)
        for split, paths in chosen.items()
    }


def _name(files: LocalFiles, split: SplitName) -> str:
    """What to call a split: by its file, if it is one."""
    paths = files.splits[split]
    return paths[0].name if len(paths) == 1 and files.kind != "images" else files.shown


def _load_split(
    builder: str, paths: list[str], wanted: Wanted, *, shown: str, cache_dir: str, **settings: Any
) -> Dataset:
    """One split by itself: a column's type may differ between splits, e.g. where one has no classes."""
    from datasets import load_dataset_builder

    with read_with_library(shown, advice=_SAVE_AGAIN):
        reader = load_dataset_builder(builder, data_files={"train": paths}, cache_dir=cache_dir, **settings)
        reader.download_and_prepare()
        if not reader.info.splits["train"].num_examples:
            raise DatasetError(f"There are no examples in {shown}: it needs rows, and {wanted.described}.")
        return reader.as_dataset(split="train")
