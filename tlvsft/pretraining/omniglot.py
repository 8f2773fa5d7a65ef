"""Handwritten characters from the Omniglot zips, as arrays.

Source: Lake, Salakhutdinov & Tenenbaum 2015, "Human-level concept learning through probabilistic program induction".
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, UnidentifiedImageError

from tlvsft.errors import InvalidInput

SOURCE_SIZE = 64
ALL_NUMBERS = range(1, 21)
_MARGIN = 0.1


@dataclass(frozen=True, kw_only=True)
class Drawings:
    """Drawings of characters, cropped to their ink.

    Attributes:
        images: Shape `(drawings, 64, 64)`, uint8; ink is bright (255) on black.
        characters: Shape `(drawings,)`, int64; which character each one shows.
        numbers: Shape `(drawings,)`, int64; which person drew it, 1–20.
        names: `alphabet/character` of each character.
    """

    images: np.ndarray
    characters: np.ndarray
    numbers: np.ndarray
    names: tuple[str, ...]

    def select(self, mask: np.ndarray) -> Drawings:
        """Only the drawings where `mask` (shape `(drawings,)`, bool) is true."""
        return Drawings(
            images=self.images[mask],
            characters=self.characters[mask],
            numbers=self.numbers[mask],
            names=self.names,
        )


def find_archives(data: Path) -> list[Path]:
    """The Omniglot zips in `data`, or below it where `shared/` keeps them.

    Raises:
        InvalidInput: There are none.
    """
    for folder in (data, data / "omniglot", data / "data" / "omniglot"):
        archives = sorted(folder.glob("images_*.zip"))
        if archives:
            return archives
    raise InvalidInput(f"No Omniglot archives in {data}: give --data a folder with images_background_small*.zip.")


def read_drawings(archives: Sequence[Path], *, numbers: Container[int] = ALL_NUMBERS) -> Drawings:
    """Drawings; an alphabet that several archives hold is read from the first one.

    Args:
        archives: The Omniglot zips.
        numbers: Which people's drawings to read; all of them unless given.

    Raises:
        InvalidInput: An archive is damaged, or holds no drawings.
    """
    images: dict[tuple[str, int], np.ndarray] = {}
    seen_alphabets: set[str] = set()
    for archive in archives:
        try:
            found = _read_archive(archive, numbers, skip=seen_alphabets)
        except (zipfile.BadZipFile, UnidentifiedImageError) as error:
            raise InvalidInput(f"{archive} is damaged: copy the Omniglot archive again.") from error
        images.update(found)
        seen_alphabets.update(name.split("/")[0] for name, _ in found)
    if not images:
        raise InvalidInput(f"No drawings in {archives[0].parent}: the archives should hold alphabet/character/*.png.")
    return _stack(images)


def _read_archive(archive: Path, numbers: Container[int], *, skip: set[str]) -> dict[tuple[str, int], np.ndarray]:
    found: dict[tuple[str, int], np.ndarray] = {}
    with zipfile.ZipFile(archive) as members:
        for member in sorted(members.namelist()):
            parts = member.split("/")
            if not member.endswith(".png") or len(parts) < 3 or parts[-3] in skip:
                continue
            number = int(Path(member).stem.split("_")[-1])
            if number in numbers:
                found[f"{parts[-3]}/{parts[-2]}", number] = _crop_to_ink(members.read(member))
    return found


def _crop_to_ink(png: bytes) -> np.ndarray:
    ink = ImageChops.invert(Image.open(io.BytesIO(png)).convert("L"))
    left, top, right, bottom = ink.getbbox() or (0, 0, *ink.size)
    side = max(right - left, bottom - top) * (1 + 2 * _MARGIN)
    centre_x, centre_y = (left + right) / 2, (top + bottom) / 2
    box = (centre_x - side / 2, centre_y - side / 2, centre_x + side / 2, centre_y + side / 2)
    square = ink.transform((SOURCE_SIZE * 2,) * 2, Image.Transform.EXTENT, box, Image.Resampling.BILINEAR)
    return np.asarray(square.resize((SOURCE_SIZE,) * 2, Image.Resampling.BOX))


def _stack(images: dict[tuple[str, int], np.ndarray]) -> Drawings:
    names = tuple(sorted({name for name, _ in images}))
    index = {name: position for position, name in enumerate(names)}
    keys = sorted(images)
    return Drawings(
        images=np.stack([images[key] for key in keys]),
        characters=np.array([index[name] for name, _ in keys]),
        numbers=np.array([number for _, number in keys]),
        names=names,
    )
