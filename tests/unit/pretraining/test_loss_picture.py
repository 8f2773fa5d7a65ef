from __future__ import annotations

import pytest
from PIL import ImageChops

from tlvsft.pretraining.loss_picture import draw_loss, nice_ticks

FALLING = [{"step": 10.0 * index, "train_loss": 5.0 / index} for index in range(1, 20)]
RISING = [{"step": 10.0 * index, "train_loss": 0.2 * index} for index in range(1, 20)]


def curve_heights(history: list[dict[str, float]]) -> list[int]:
    """Where the curve runs, from left to right, in pixels from the top."""
    picture = draw_loss(history, title="").convert("RGB")
    blue = [
        [y for y in range(picture.height) if (pixel := picture.getpixel((x, y)))[2] - pixel[0] > 100]
        for x in range(80, 840, 40)
    ]
    return [column[len(column) // 2] for column in blue if column]


def test_the_curve_goes_where_the_loss_goes() -> None:
    falling, rising = curve_heights(FALLING), curve_heights(RISING)

    assert len(falling) > 15
    assert falling[0] < falling[1] < falling[-1]  # down the picture
    assert rising[0] > rising[5] > rising[-1]


def test_it_is_dark_on_white_with_axes_and_words() -> None:
    picture = draw_loss(FALLING, title="tiny: training loss").convert("L")
    untitled = draw_loss(FALLING, title="").convert("L")

    assert picture.size == (880, 440)
    assert picture.getpixel((1, 1)) == 255
    assert ImageChops.difference(picture, untitled).crop((0, 0, 880, 40)).getbbox() is not None
    below, beside = picture.crop((76, 384, 880, 420)), picture.crop((0, 40, 70, 384))
    assert min(below.getextrema()) < 80  # numbers of the steps
    assert min(beside.getextrema()) < 80  # numbers of the loss


@pytest.mark.parametrize("history", [FALLING[:1], [{"step": 5.0, "train_loss": 0.0}, {"step": 6.0, "train_loss": 0.0}]])
def test_a_short_or_flat_history_is_drawn(history: list[dict[str, float]]) -> None:
    assert draw_loss(history, title="short").size == (880, 440)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (4.5, 8.7, [4, 5, 6, 7, 8, 9]),
        (0.0, 2100.0, [0, 500, 1000, 1500, 2000, 2500]),
        (0.31, 0.52, [0.3, 0.35, 0.4, 0.45, 0.5, 0.55]),
        (1.0, 1.0, [1.0, 1.2, 1.4, 1.6, 1.8, 2.0]),
    ],
)
def test_ticks_are_round_and_enclose_the_values(low: float, high: float, expected: list[float]) -> None:
    assert nice_ticks(low, high) == expected
