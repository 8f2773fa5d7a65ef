"""Drawings become what scikit-learn's digits are: same ink, same place, the same to a classifier."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from tlvsft.datasets.digits import USUAL_INK, digit_from_drawing, enlarge_digit, pixels_from_drawing
from tlvsft.errors import InvalidInput

Point = tuple[float, float]
STROKES: dict[int, list[list[Point]]] = {
    0: [[(50, 10), (25, 30), (22, 60), (35, 88), (58, 90), (76, 68), (76, 35), (50, 10)]],
    1: [[(35, 30), (55, 10), (55, 90)]],
    2: [[(25, 30), (35, 12), (60, 10), (72, 28), (62, 50), (25, 90), (78, 90)]],
    3: [[(25, 15), (50, 8), (70, 22), (60, 42), (42, 48), (66, 56), (72, 76), (52, 92), (24, 84)]],
    4: [[(35, 10), (22, 55), (78, 55)], [(62, 30), (60, 92)]],
    5: [[(72, 10), (32, 10), (28, 45), (55, 42), (74, 60), (66, 86), (28, 90)]],
    6: [[(62, 8), (36, 35), (26, 65), (36, 90), (62, 88), (70, 66), (54, 52), (30, 62)]],
    7: [[(24, 12), (76, 12), (45, 92)]],
    8: [[(52, 48), (30, 30), (36, 12), (60, 10), (70, 28), (52, 48), (28, 68), (34, 90), (62, 90), (72, 70), (52, 48)]],
    9: [[(70, 30), (50, 10), (30, 24), (34, 46), (58, 48), (70, 30), (66, 60), (52, 92)]],
}
"""Polylines on a field of 100 by 100."""
BLACK, WHITE, CLEAR = (0, 0, 0, 255), (255, 255, 255, 255), (0, 0, 0, 0)
Colour = tuple[int, int, int, int]


def draw(
    digit: int,
    *,
    ink: Colour = BLACK,
    ground: Colour = WHITE,
    size: int = 280,
    pen: int = 14,
    scale: float = 1.0,
    shift: Point = (0, 0),
) -> Image.Image:
    image = Image.new("RGBA", (size, size), ground)
    pencil = ImageDraw.Draw(image)
    for stroke in STROKES[digit]:
        points = [
            (size * (0.5 + (x - 50) / 100 * scale + shift[0]), size * (0.5 + (y - 50) / 100 * scale + shift[1]))
            for x, y in stroke
        ]
        pencil.line(points, fill=ink, width=pen, joint="curve")
        for x, y in points:
            pencil.ellipse([x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2], fill=ink)
    return image


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's digits: `(1797, 8, 8)` from 0 to 16, and their classes."""
    loaded = load_digits()
    return loaded.images, loaded.target


def centre(pixels: np.ndarray) -> np.ndarray:
    rows, columns = np.mgrid[:8, :8]
    return np.array([(pixels * rows).sum(), (pixels * columns).sum()]) / pixels.sum()


def test_the_usual_ink_is_that_of_the_data(digits: tuple[np.ndarray, np.ndarray]) -> None:
    assert digits[0].sum(axis=(1, 2)).mean() == pytest.approx(USUAL_INK, abs=0.5)


@pytest.mark.parametrize("pen", [3, 14, 36])
def test_drawings_have_the_ink_and_the_place_of_the_data(pen: int, digits: tuple[np.ndarray, np.ndarray]) -> None:
    drawn = np.stack([pixels_from_drawing(draw(digit, pen=pen)) for digit in range(10)])
    ink = drawn.sum(axis=(1, 2))
    assert np.all(np.abs(ink - USUAL_INK) < 35)  # one standard deviation of the data
    assert drawn.min() == 0
    assert drawn.max() == 16
    assert np.array_equal(drawn, np.rint(drawn))
    assert np.all(drawn.any(axis=2).all(axis=1))  # all eight rows are used, as in the data
    off = np.mean([centre(pixels) for pixels in drawn], axis=0) - np.mean(
        [centre(image) for image in digits[0]], axis=0
    )
    assert np.all(np.abs(off) < 0.35)


@pytest.mark.parametrize(
    ("pen", "scale", "shift"), [(3, 1, (0, 0)), (14, 1, (0, 0)), (36, 1, (0, 0)), (9, 0.4, (0.2, -0.15))]
)
def test_a_classifier_that_knows_only_the_data_reads_drawings(
    pen: int, scale: float, shift: Point, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    images, classes = digits
    nearest = KNeighborsClassifier(5).fit(images.reshape(len(images), 64), classes)
    drawn = np.stack([pixels_from_drawing(draw(digit, pen=pen, scale=scale, shift=shift)) for digit in range(10)])
    assert np.sum(nearest.predict(drawn.reshape(10, 64)) == np.arange(10)) >= 9


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        (WHITE, BLACK),
        (BLACK, CLEAR),
        (WHITE, CLEAR),
        ((40, 40, 160, 255), (250, 240, 220, 255)),
        ((90, 90, 90, 255), WHITE),
    ],
    ids=["light on dark", "black on nothing", "white on nothing", "blue on cream", "pencil"],
)
def test_colours_and_transparency_make_no_difference(ink: Colour, ground: Colour) -> None:
    expected = np.asarray(digit_from_drawing(draw(5)))
    assert np.array_equal(np.asarray(digit_from_drawing(draw(5, ink=ink, ground=ground))), expected)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "CMYK", "I;16", "F"])
def test_every_mode_of_an_image_is_read(mode: str) -> None:
    grey = draw(2).convert("L")
    image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    expected = np.asarray(digit_from_drawing(grey), dtype=float)
    assert np.abs(np.asarray(digit_from_drawing(image), dtype=float) - expected).mean() < 3


@pytest.mark.parametrize("size", [8, 28, 100, 1000])
def test_the_canvas_may_have_any_size(size: int) -> None:
    large = np.asarray(digit_from_drawing(draw(3, size=280, pen=28)), dtype=float)
    other = np.asarray(digit_from_drawing(draw(3, size=280, pen=28).resize((size, size))), dtype=float)
    assert np.abs(large - other).mean() < 40


def test_a_huge_canvas_with_a_hair_thin_pen_is_read_at_once() -> None:
    drawing = draw(7, size=4096, pen=3)
    start = time.perf_counter()
    pixels = pixels_from_drawing(drawing)
    assert time.perf_counter() - start < 3
    assert abs(pixels.sum() - USUAL_INK) < 35


@pytest.mark.parametrize("ground", [BLACK, WHITE, CLEAR, (200, 200, 200, 255)])
@pytest.mark.parametrize("size", [2, 280])
def test_an_empty_canvas_says_what_to_do(ground: Colour, size: int) -> None:
    with pytest.raises(InvalidInput, match="Draw a digit first"):
        digit_from_drawing(Image.new("RGBA", (size, size), ground))


def test_a_dot_and_a_full_canvas_do_not_break_it() -> None:
    dot = Image.new("L", (280, 280), 255)
    dot.putpixel((3, 200), 0)
    assert digit_from_drawing(dot).size == (32, 32)
    blot = Image.new("L", (280, 280), 255)
    blot.paste(0, (1, 1, 279, 279))
    assert digit_from_drawing(blot).size == (32, 32)


def test_enlarging_keeps_the_picture(digits: tuple[np.ndarray, np.ndarray]) -> None:
    image = enlarge_digit(digits[0][0])
    assert (image.size, image.mode) == ((32, 32), "L")
    small = np.asarray(image, dtype=float).reshape(8, 4, 8, 4).mean(axis=(1, 3)) / 255 * 16
    assert np.corrcoef(small.ravel(), digits[0][0].ravel())[0, 1] > 0.98
    assert np.asarray(image)[0, 0] == 0  # the ground is black
    assert np.asarray(image).max() > 230  # the ink is bright
