"""A visitor's own datasets, seen from outside: what they are called, where they lie, what they hold.

Nothing here reads more than a small JSON file per dataset, so that a page can ask at every click.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from tlvsft.catalog.datasets import DATASETS, KnownDataset
from tlvsft.catalog.paths import home_folder
from tlvsft.config import Modality
from tlvsft.errors import DatasetError

Origin = Literal["table", "zip", "photos"]
"""Where own data comes from: a file of rows, a zip of image folders, pictures collected on the page."""

MOST_UPLOAD_BYTES = 20 * 1000**2
"""Largest file that is read."""
MOST_UNPACKED_BYTES = 300 * 1000**2
"""Largest that an archive or a compressed table may become."""
MOST_RATIO = 200
"""How many times larger than in the archive a large member may be: pictures hardly shrink, bombs do."""
MOST_MEMBERS = 10_000
"""Most entries in an archive, folders among them."""
MOST_ROWS = 50_000
MOST_COLUMNS = 500
MOST_TEXT_CHARACTERS = 50_000
"""Longest single text."""
MOST_IMAGES = 5_000
MOST_CLASSES = 200
MOST_CLASS_CHARACTERS = 80
MOST_TITLE_CHARACTERS = 60
MOST_PIXELS_TOGETHER = 2 * 1000**3
"""All pictures of a set: 20 MB of photos have far fewer, 20 MB of nearly empty ones take minutes to decode."""
STORED_SIDE_PIXELS = 320
"""Longest side of a picture as it is kept; the bundled backbones read far less."""
MOST_OWN = 10
"""Datasets that one visitor may keep."""
MOST_OWN_BYTES = 200 * 1000**2
"""What they may take together."""
MOST_BYTES = 2 * 1000**3
"""What all visitors' datasets may take together; beyond it, those that were unused for longest go."""
UNUSED_DAYS = 30
"""A dataset that nobody used for so long is deleted."""
UNUSED_DAYS_SHARED = 1
"""The same where strangers share the machine."""

GONE = "That dataset isn't there any more: upload it again."
"""What is said of a deleted dataset, and of somebody else's."""
DELETED_DATA = "own data, deleted"
"""What an own dataset is called once it is gone."""
FOLDER = "own"
MANIFEST = "manifest.json"
_NAME = re.compile(r"own:(?P<id>[0-9a-f]{32})")


@dataclass(frozen=True, kw_only=True)
class OwnDataset:
    """A dataset that a visitor brought; everything that the page says of it.

    Attributes:
        name: `own:` and 128 random bits in hexadecimal; what configs call it.
        title: As the visitor calls it.
        kept_as: Where it came from.
        columns: The columns that were read as input and class, as they were called; empty for pictures in folders.
        classes: Class names in the order of their numbers.
        counts: Examples of each class, over all splits.
        sizes: Examples in train, validation and test.
        notes: What was done to the data, one sentence each.
        size_bytes: What it takes on the disk.
        created_at: When it was saved, in seconds since 1970.
        used_at: When it was last trained on, or else saved; the manifest's own time, since several runs may tell of it.
        owner_hash: A hash of its visitor's token.
    """

    name: str
    title: str
    kept_as: Origin
    modality: Modality
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    counts: tuple[int, ...]
    sizes: tuple[int, int, int]
    notes: tuple[str, ...]
    size_bytes: int
    created_at: float
    used_at: float
    owner_hash: str

    @property
    def train_size(self) -> int:
        """Training examples: the most labels that can be asked for."""
        return self.sizes[0]

    @property
    def origin(self) -> str:
        """Who made the data; shown wherever the data is."""
        return "Your own data: only this browser sees it."

    def to_dict(self) -> dict[str, Any]:
        """This dataset as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> OwnDataset:
        """The inverse of `to_dict`.

        Raises:
            TypeError: Something is missing.
        """
        known = {field.name for field in fields(cls)}
        given: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items() if key in known
        }
        return cls(**given)


def is_own(name: str) -> bool:
    """Whether a dataset's name is that of a visitor's own one, there or not."""
    return name.startswith("own:")


def own_folder(home: Path, name: str) -> Path:
    """Where an own dataset lies, if it is there.

    Raises:
        DatasetError: No own dataset can have this name.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise DatasetError(GONE)
    return home / FOLDER / match["id"]


def describe(home: Path, name: str) -> OwnDataset:
    """An own dataset, whoever it belongs to; a page asks `tlvsft.runs.own_data.find_own`, which knows who may see it.

    Raises:
        DatasetError: It isn't there (any more).
    """
    try:
        manifest = own_folder(home, name) / MANIFEST
        dataset = OwnDataset.from_dict(json.loads(manifest.read_text(encoding="utf-8")))
        return replace(dataset, used_at=manifest.stat().st_mtime)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DatasetError(GONE) from error


def find_described(name: str, *, home: Path | None = None) -> OwnDataset | None:
    """The same for names of any kind; `None` where it is no own dataset that is there."""
    if not is_own(name):
        return None
    try:
        return describe(home or home_folder(), name)
    except DatasetError:
        return None


def find_dataset(name: str) -> KnownDataset | None:
    """A bundled dataset or an own one; `None` for all others, which would have to be read first."""
    return DATASETS.get(name) or find_described(name)


def list_own(home: Path, owner: str) -> list[OwnDataset]:
    """A visitor's datasets, newest first."""
    mine = hash_owner(owner)
    found = [dataset for dataset in list_all(home) if dataset.owner_hash == mine]
    return sorted(found, key=lambda dataset: dataset.created_at, reverse=True)


def list_all(home: Path) -> list[OwnDataset]:
    """Everybody's datasets, in no order."""
    return [dataset for name in _names(home) if (dataset := find_described(name, home=home)) is not None]


def hash_owner(owner: str) -> str:
    """What is kept of a visitor's token: enough to recognise it. A token is 192 random bits, so no salt is needed."""
    return hashlib.sha256(b"tlvsft own data\0" + owner.encode()).hexdigest()


def _names(home: Path) -> Iterator[str]:
    try:
        entries = [path.name for path in (home / FOLDER).iterdir()]
    except OSError:
        return
    yield from (f"own:{entry}" for entry in entries if _NAME.fullmatch(f"own:{entry}"))
