"""Collected photos are read as from a stranger: bounded, each picture's header first, nothing outside the uploads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ui.collected import huge_png, pack, photo, photos, put_parcel, sent
from tlvsft.errors import InvalidInput
from tlvsft.ui.collect_reading import (
    MOST_PICTURES,
    PICTURE_BYTES,
    PICTURE_SIDE,
    check_picture,
    read_collected,
    unpack_parcel,
)


def test_photos_of_two_classes_are_read_and_their_files_deleted(tmp_path: Path) -> None:
    message = sent(tmp_path, {" cats  at home ": photos(10), "dogs": photos(12, start=10)})
    collected = read_collected(message, uploads=tmp_path)
    assert {name: len(pictures) for name, pictures in collected.images.items()} == {"cats at home": 10, "dogs": 12}
    assert collected.title == "cats at home, dogs"
    assert list(tmp_path.rglob("*.bin")) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_of_these_kinds_are_taken(kind: str) -> None:
    check_picture(photo(1, kind=kind), shown="Picture 1")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"I am a text that is called photo.jpg.", "no JPEG, PNG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no JPEG, PNG or WebP"),
        (b"\x80\x04\x95.", "no JPEG, PNG or WebP"),
        (photo(1, kind="BMP"), "no JPEG, PNG or WebP"),
        (huge_png(50_000, 50_000), "larger than 1,024 pixels"),
        (huge_png(PICTURE_SIDE + 1, 8), "larger than 1,024 pixels"),
        (bytes(PICTURE_BYTES + 1), "300,001 bytes"),
    ],
)
def test_what_is_no_small_picture_is_refused_in_one_line_and_deleted(
    tmp_path: Path, content: bytes, words: str
) -> None:
    message = sent(tmp_path, {"cats": [*photos(10), content], "dogs": photos(10, start=10)})
    with pytest.raises(InvalidInput, match=f"Picture 11 of 'cats' .*{words}") as refusal:
        read_collected(message, uploads=tmp_path)
    assert "\n" not in str(refusal.value)
    assert list(tmp_path.rglob("*.bin")) == []


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["cats"], "1 classes: give 2 to 10"),
        ([f"class {number}" for number in range(11)], "11 classes: give 2 to 10"),
        (["cats", " \n\u200b\u202e "], "Class 2 has no name"),
        (["cats", "CATS "], "Two classes are called"),
        (["cats", "d" * 41], "longer than 40 characters"),
    ],
)
def test_names_are_bounded_and_different(tmp_path: Path, names: list[str], words: str) -> None:
    classes = [
        {"name": name, "parcel": str(put_parcel(tmp_path, pack(photos(10, start=10 * number))))}
        for number, name in enumerate(names)
    ]
    with pytest.raises(InvalidInput, match=words):
        read_collected({"classes": classes}, uploads=tmp_path)


def test_a_script_in_a_name_is_only_text(tmp_path: Path) -> None:
    name = "<script>alert(1)</script>"
    collected = read_collected(sent(tmp_path, {name: photos(10), "dogs": photos(10, start=10)}), uploads=tmp_path)
    assert list(collected.images) == [name, "dogs"]


def test_too_few_and_too_many_pictures_are_refused(tmp_path: Path) -> None:
    few = sent(tmp_path, {"cats": photos(9), "dogs": photos(10, start=10)})
    with pytest.raises(InvalidInput, match="'cats' has 9 different pictures and needs at least 10"):
        read_collected(few, uploads=tmp_path)
    many = sent(tmp_path, {"cats": photos(MOST_PICTURES + 1), "dogs": photos(10, start=900)})
    with pytest.raises(InvalidInput, match="'cats' has 201 pictures: remove some, 200 are taken"):
        read_collected(many, uploads=tmp_path)


def test_the_same_picture_counts_once_and_in_one_class_only(tmp_path: Path) -> None:
    twice = sent(tmp_path, {"cats": [*photos(11), photo(0), photo(1)], "dogs": photos(10, start=20)})
    collected = read_collected(twice, uploads=tmp_path)
    assert len(collected.images["cats"]) == 11
    assert collected.repeated == 2
    both = sent(tmp_path, {"cats": photos(10), "dogs": photos(10, start=9)})
    with pytest.raises(InvalidInput, match="The same picture is in 'cats' and, as number 1, in 'dogs'"):
        read_collected(both, uploads=tmp_path)
    fewer = sent(tmp_path, {"cats": [*photos(9), photo(0)], "dogs": photos(10, start=20)})
    with pytest.raises(InvalidInput, match="'cats' has 9 different pictures"):
        read_collected(fewer, uploads=tmp_path)


@pytest.mark.parametrize("content", [pack(photos(2))[:-1], pack([b"x"]) + b"\x00", pack([b""]), bytes(18)])
def test_a_parcel_that_is_cut_short_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="didn't arrive whole"):
        unpack_parcel(content)


@pytest.mark.parametrize("content", [b"", bytes(16)])
def test_an_empty_parcel_has_no_pictures(content: bytes) -> None:
    assert unpack_parcel(content) == []


def strange_places(uploads: Path) -> list[Any]:
    """Paths that a browser might make up; the file of a private kind is really there."""
    own = put_parcel(uploads / "elsewhere", pack(photos(10)))
    return [
        str(own),
        str(uploads / "elsewhere" / ".." / own.parent.name / own.name),
        "/etc/passwd",
        "pictures.bin",
        "",
        "\0",
        None,
        7,
        ["pictures.bin"],
        str(uploads / ("0" * 64) / "other.bin"),
        str(uploads / ("0" * 64) / "pictures.bin"),
    ]


@pytest.mark.parametrize("place", range(11))
def test_nothing_but_an_uploaded_parcel_is_opened_or_deleted(tmp_path: Path, place: int) -> None:
    strange = strange_places(tmp_path)[place]
    message = sent(tmp_path, {"cats": photos(10), "dogs": photos(10, start=10)})
    message["classes"][1]["parcel"] = strange
    with pytest.raises(InvalidInput, match="didn't arrive whole"):
        read_collected(message, uploads=tmp_path)
    assert len(list((tmp_path / "elsewhere").rglob("*.bin"))) == 1


def test_a_link_in_the_place_of_a_parcel_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(pack(photos(10)))
    message = sent(tmp_path / "uploads", {"cats": photos(10, start=50), "dogs": photos(10, start=10)})
    link = Path(message["classes"][0]["parcel"])
    link.unlink()
    link.symlink_to(secret)
    with pytest.raises(InvalidInput, match="didn't arrive whole"):
        read_collected(message, uploads=tmp_path / "uploads")
    assert secret.exists()


@pytest.mark.parametrize("message", [{}, {"classes": None}, {"classes": "cats"}, {"classes": [1, 2]}, {"classes": {}}])
def test_anything_else_that_is_sent_gets_its_line(tmp_path: Path, message: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="There are 0 classes: give 2 to 10"):
        read_collected(message, uploads=tmp_path)


def test_a_title_is_one_line_of_bounded_length(tmp_path: Path) -> None:
    images = {"cats": photos(10), "dogs": photos(10, start=10)}
    collected = read_collected(sent(tmp_path, images, title=f" My\n{'x' * 90}"), uploads=tmp_path)
    assert re.fullmatch(r"My x{56}…", collected.title)
