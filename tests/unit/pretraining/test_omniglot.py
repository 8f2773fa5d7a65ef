from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tlvsft.errors import InvalidInput
from tlvsft.pretraining.omniglot import SOURCE_SIZE, find_archives, read_drawings


def test_an_alphabet_in_two_archives_is_read_once(omniglot: Path) -> None:
    drawings = read_drawings(find_archives(omniglot))

    assert drawings.names == ("Greek/character01", "Greek/character02", "Latin/character01", "Tagalog/character01")
    assert np.bincount(drawings.characters).tolist() == [4, 4, 4, 4]
    assert sorted(set(drawings.numbers.tolist())) == [1, 2, 3, 4]


def test_ink_is_bright_on_black_and_fills_the_frame(omniglot: Path) -> None:
    images = read_drawings(find_archives(omniglot)).images

    assert images.shape == (16, SOURCE_SIZE, SOURCE_SIZE)
    assert images.dtype == np.uint8
    assert (images[:, 0, 0] == 0).all()
    assert (images.max(axis=(1, 2)) > 200).all()
    columns = np.flatnonzero(images[0].max(axis=0) > 100)
    assert columns[-1] - columns[0] > SOURCE_SIZE * 0.6


def test_the_folder_above_is_understood(omniglot: Path) -> None:
    assert find_archives(omniglot.parent) == find_archives(omniglot)


def test_a_folder_without_archives_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"No Omniglot archives in .*: give --data a folder"):
        find_archives(tmp_path)


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "images_broken.zip"
    broken.write_bytes(b"no zip")

    with pytest.raises(InvalidInput, match=r"images_broken\.zip is damaged"):
        read_drawings([broken])


def test_an_archive_without_drawings_is_refused(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "images_empty.zip", "w") as archive:
        archive.writestr("notes.txt", "nothing here")

    with pytest.raises(InvalidInput, match="No drawings"):
        read_drawings([tmp_path / "images_empty.zip"])
