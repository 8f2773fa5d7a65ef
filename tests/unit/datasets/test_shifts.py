"""Images of another kind, pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tlvsft.catalog.shifts import SHIFTS, shifts_of
from tlvsft.datasets.bundled import read_digits
from tlvsft.datasets.shifts import add_noise, rotate, shift_image, shrink_image, thicken


def _image(pixels: list[list[int]] | np.ndarray) -> Image.Image:
    return Image.fromarray(np.asarray(pixels, dtype=np.uint8))


def test_turned_by_a_right_angle_every_pixel_is_where_it_belongs() -> None:
    pixels = np.arange(16, dtype=np.uint8).reshape(4, 4)
    turned = np.asarray(rotate(_image(pixels), 90, mirrored=False))
    assert turned.tolist() == np.rot90(pixels).tolist()  # numpy turns anticlockwise, too


def test_turned_strokes_get_black_corners_and_photos_what_is_at_the_edge() -> None:
    white = _image(np.full((20, 20), 255))
    assert np.asarray(rotate(white, 45, mirrored=False))[0, 0] == 0
    assert (np.asarray(rotate(white, 45, mirrored=True)) == 255).all()
    coloured = _image(np.full((20, 12, 3), (10, 200, 30)))
    turned = rotate(coloured, 20, mirrored=True)
    assert turned.size == coloured.size
    assert np.asarray(turned).tolist() == np.asarray(coloured).tolist()


def test_noise_has_the_stated_deviation_and_depends_on_the_place_alone() -> None:
    grey = _image(np.full((200, 200), 128))
    first = np.asarray(add_noise(grey, 0.1, index=7), dtype=float)
    assert first.std() == pytest.approx(25.5, rel=0.03)
    assert first.mean() == pytest.approx(128, abs=0.5)
    assert (np.asarray(add_noise(grey, 0.1, index=7)) == first).all()
    assert (np.asarray(add_noise(grey, 0.1, index=8)) != first).any()


def test_a_dot_becomes_a_disc() -> None:
    dot = np.zeros((7, 7), dtype=np.uint8)
    dot[3, 3] = 200
    by_one = np.asarray(thicken(_image(dot), 1))
    assert by_one[2:5, 2:5].tolist() == [[0, 200, 0], [200, 200, 200], [0, 200, 0]]
    assert (by_one > 0).sum() == 5
    assert (np.asarray(thicken(_image(dot), 1.5)) > 0).sum() == 9  # the corners are √2 away
    assert (np.asarray(thicken(_image(dot), 2)) > 0).sum() == 13


def test_thickening_takes_the_brightest_of_each_channel() -> None:
    pixels = np.zeros((3, 3, 3), dtype=np.uint8)
    pixels[1, 1] = (9, 0, 4)
    assert np.asarray(thicken(_image(pixels), 1))[0, 1].tolist() == [9, 0, 4]


def test_a_photo_is_shrunk_to_what_a_model_sees_and_a_small_one_is_not_enlarged() -> None:
    assert shrink_image(Image.new("RGBA", (300, 200)), 64).size == (96, 64)
    assert shrink_image(Image.new("P", (300, 200)), 64).mode == "RGB"
    digit = read_digits()[0][0]
    assert shrink_image(digit, 64) is digit


@pytest.mark.parametrize("name", SHIFTS)
def test_a_digit_becomes_another_one_of_the_same_size_always_the_same(name: str) -> None:
    digit = read_digits()[0][5]
    shifted = shift_image(digit, name, index=5, strokes=True)
    assert (shifted.size, shifted.mode) == (digit.size, "L")
    assert shifted.tobytes() != digit.tobytes()
    assert shift_image(digit, name, index=5, strokes=True).tobytes() == shifted.tobytes()


def test_what_there_is_for_which_data() -> None:
    assert [shift.name for shift in shifts_of("digits", "image")] == ["rotated", "noisy", "thick"]
    assert [shift.name for shift in shifts_of("/home/me/photos", "image")] == ["rotated", "noisy"]
    assert shifts_of("book-reviews", "text") == ()
    with pytest.raises(ValueError, match="no shift"):
        shift_image(read_digits()[0][0], "upside-down", index=0, strokes=True)


def test_photos_get_less_noise_than_strokes_and_it_is_said() -> None:
    grey = _image(np.full((64, 64), 128))
    strong, weak = (
        np.asarray(shift_image(grey, "noisy", index=0, strokes=strokes), dtype=float).std() for strokes in (True, False)
    )
    assert strong > 1.5 * weak
    assert "deviation 30 %" in SHIFTS["noisy"].describe("digits")
    assert "deviation 18 %" in SHIFTS["noisy"].describe("/home/me/photos")
    assert SHIFTS["rotated"].describe("/home/me/photos") == SHIFTS["rotated"].words
