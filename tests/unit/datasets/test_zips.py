"""Archives of image folders, honest ones and hostile ones."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tlvsft.datasets import pictures, zips
from tlvsft.datasets.zips import read_zip
from tlvsft.errors import DatasetError

Pack = Callable[..., Path]


def picture(shade: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (12, 10), (shade, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def classes(*names: str, count: int = 5, around: str = "") -> dict[str, bytes]:
    return {f"{around}{name}/{index}.png": picture(index) for name in names for index in range(count)}


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    def pack_files(files: dict[str, bytes], *more: tuple[zipfile.ZipInfo, bytes]) -> Path:
        path = tmp_path / "pets.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
            for member, content in more:
                archive.writestr(member, content)
        return path

    return pack_files


def refusal(path: Path) -> str:
    with pytest.raises(DatasetError) as refused:
        read_zip(path, shown=path.name)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_one_folder_per_class(pack: Pack) -> None:
    data = read_zip(pack(classes("cat", "dog")), shown="pets.zip")
    assert data.class_names == ("cat", "dog")
    assert [len(data.train), len(data.validation), len(data.test)] == [6, 2, 2]
    assert data.train.inputs[0].size == (12, 10)  # type: ignore[union-attr]


@pytest.mark.parametrize("around", ["pets/", "a/b/pets/"])
def test_folders_around_everything_do_not_count(pack: Pack, around: str) -> None:
    assert read_zip(pack(classes("cat", "dog", around=around)), shown="").class_names == ("cat", "dog")


def test_splits_of_its_own_are_kept(pack: Pack) -> None:
    files = {
        **classes("cat", "dog", around="pets/Train/"),
        **classes("cat", "dog", count=2, around="pets/val/"),
        **classes("cat", "dog", count=3, around="pets/test/"),
    }
    data = read_zip(pack(files), shown="")
    assert [len(data.train), len(data.validation), len(data.test)] == [10, 4, 6]


def test_notes_of_operating_systems_are_passed_over(pack: Pack) -> None:
    noise = {"__MACOSX/cat/._1.png": b"x", "cat/.DS_Store": b"x", "readme.txt": b"hello", "cat/": b""}
    data = read_zip(pack(classes("cat", "dog") | noise), shown="")
    assert data.notes[0] == "Left out 1 file that is no picture."
    assert len(data.train) == 6


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../dog/x.png", "leads out of its folder"),
        ("dog/../../x.png", "leads out of its folder"),
        ("/etc/x.png", "is an absolute path"),
        ("C:/dog/x.png", "is an absolute path"),
        ("dog\\x.png", "has a backslash"),
        ("\\\\server\\x.png", "is an absolute path"),
        ("dog//x.png", "leads out of its folder"),
        ("dog/a\x1b[2Jb.png", "has unprintable signs"),
        ("dog/model.pkl", "can run code"),
        ("dog/weights.pt", "can run code"),
        ("dog/pixels.npy", "can run code"),
        ("dog/pytorch_model.BIN", "can run code"),
        ("dog/more.zip", "archive within the archive"),
        ("dog/more.tar", "archive within the archive"),
    ],
)
def test_hostile_names(pack: Pack, name: str, words: str) -> None:
    assert words in refusal(pack(classes("cat", "dog") | {name: picture()}))


def test_script_in_names_stays_text(pack: Pack) -> None:
    files = classes("<img src=x onerror=alert(1)>", "dog")
    assert read_zip(pack(files), shown="").class_names[0] == "<img src=x onerror=alert(1)>"


def test_links_are_refused(pack: Pack) -> None:
    link = zipfile.ZipInfo("dog/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "is a link, no file" in refusal(pack(classes("cat", "dog"), (link, b"/etc/passwd")))


def test_passwords_are_refused(pack: Pack) -> None:
    path = pack(classes("cat", "dog"))
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(signature) + offset
        content[place] |= 1
    path.write_bytes(content)
    assert "is encrypted" in refusal(path)


def test_other_ways_to_pack_are_refused(pack: Pack) -> None:
    rare = zipfile.ZipInfo("dog/x.png")
    rare.compress_type = zipfile.ZIP_BZIP2
    assert "packed in a way that isn't read" in refusal(pack(classes("cat", "dog"), (rare, picture())))


def test_a_bomb_is_refused_unopened(pack: Pack) -> None:
    bomb = pack(classes("cat", "dog") | {"dog/bomb.png": bytes(5_000_000)})
    assert "would grow more than 200 times" in refusal(bomb)


def test_what_unpacks_to_too_much(pack: Pack, monkeypatch: Any) -> None:
    monkeypatch.setattr(zips, "MOST_UNPACKED_BYTES", 500)
    assert "would unpack to more than" in refusal(pack(classes("cat", "dog")))


def test_a_table_of_contents_that_lies(pack: Pack) -> None:
    path = pack(classes("cat", "dog"))
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", 40)  # it says 40 bytes, and holds more
    path.write_bytes(content)
    assert "damaged" in refusal(path)


@pytest.mark.parametrize(("most", "words"), [("MOST_MEMBERS", "entries, and at most 9"), ("MOST_IMAGES", "at most 9")])
def test_too_many(pack: Pack, monkeypatch: Any, most: str, words: str) -> None:
    monkeypatch.setattr(zips, most, 9)
    assert words in refusal(pack(classes("cat", "dog")))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"readme.txt": b"hello"}, "no pictures in pets.zip: make one folder per class"),
        (classes("cat"), "are of one class, 'cat'"),
        ({"1.png": picture(), **classes("cat", "dog")}, "'1.png' lies in no class's folder"),
        ({"cat/siamese/1.png": picture(), **classes("cat", "dog")}, "lies too deep"),
        (classes("cat", "dog") | {"bird/": b""}, "'bird' has no pictures"),
        (classes("cat", "dog", around="test/") | classes("cat", "dog", around="val/"), "no training pictures"),
        (classes("cat", "dog", around="train/") | classes("bird", around="test/"), "has no training examples"),
        (classes("cat", "x" * 90), "too long a name"),
        (classes("cat", "dog", count=2), "2 of the 3 examples"),
        (classes("cat", "dog") | {"dog/7.png": b"\x80\x04\x95."}, "dog/7.png is damaged or no image"),
        (classes("cat", "dog") | {"DOG/1.png": picture()}, "two entries"),
    ],
)
def test_folders_that_are_not_laid_out(pack: Pack, files: dict[str, bytes], words: str) -> None:
    assert words in refusal(pack(files))


def test_no_archive_at_all(tmp_path: Path) -> None:
    path = tmp_path / "pets.zip"
    path.write_bytes(b"PK\x03\x04 and nothing more")
    assert "damaged or no zip archive" in refusal(path)


def test_pictures_are_bounded_together(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS_TOGETHER", 10 * 120)
    assert len(read_zip(pack(classes("cat", "dog")), shown="pets.zip").train) == 6
    assert "together: make them smaller" in refusal(pack(classes("cat", "dog", count=6)))
