"""The loss curve of a pretraining as a picture, drawn with Pillow alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

LOSS_PICTURE = "loss.png"
"""Its name beside the weights."""

Point = tuple[float, float]

_WIDTH, _HEIGHT = 880, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 28, 44, 62
_SHARPNESS = 2  # drawn this much larger and reduced, since Pillow's lines have no smooth edges
_INK, _FAINT, _CURVE = "#1f2933", "#d9dee4", "#0b5fa5"
_TEXT_SIZE = 15
_COLOURS = 64


@dataclass(frozen=True, kw_only=True)
class _Axis:
    """Where a number lies between two ends of the picture, in pixels."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def draw_loss(history: Sequence[Mapping[str, float]], *, title: str) -> Image.Image:
    """Draws the training loss over the steps, dark on white.

    Args:
        history: Entries with `step` and `train_loss`, as `training.json` has them; at least one.
        title: What stands above the curve.

    Returns:
        A palette image of 880×440 pixels.
    """
    points = [(float(entry["step"]), float(entry["train_loss"])) for entry in history]
    x_ticks = nice_ticks(0.0, points[-1][0])
    y_ticks = nice_ticks(min(loss for _, loss in points), max(loss for _, loss in points))
    scale = _SHARPNESS
    picture = Image.new("RGB", (_WIDTH * scale, _HEIGHT * scale), "white")
    canvas = ImageDraw.Draw(picture)
    # The axis ends where training ended; the last tick may lie beyond.
    across = _Axis(low=0.0, high=points[-1][0], start=_LEFT * scale, end=(_WIDTH - _RIGHT) * scale)
    up = _Axis(low=y_ticks[0], high=y_ticks[-1], start=(_HEIGHT - _BOTTOM) * scale, end=_TOP * scale)
    _draw_grid(canvas, across, up, [tick for tick in x_ticks if tick <= across.high], y_ticks)
    _draw_words(canvas, title)
    _draw_curve(canvas, [(across.at(step), up.at(loss)) for step, loss in points], label=f"{points[-1][1]:.2f}")
    small = picture.resize((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS)
    return small.quantize(_COLOURS, dither=Image.Dither.NONE)


def nice_ticks(low: float, high: float, *, wanted: int = 6) -> list[float]:
    """Round numbers, evenly spaced, the first at or below `low` and the last at or above `high`.

    Args:
        low: The smallest value to show.
        high: The largest; when it isn't larger than `low`, room is made above.
        wanted: About how many.
    """
    span = high - low if high > low else max(abs(low), 1.0)
    rough = span / wanted
    power: float = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil((low + span) / step - 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def _draw_grid(
    canvas: ImageDraw.ImageDraw, across: _Axis, up: _Axis, x_ticks: Sequence[float], y_ticks: Sequence[float]
) -> None:
    scale, font = _SHARPNESS, _font()
    for tick in y_ticks:
        height = up.at(tick)
        canvas.line([(across.start, height), (across.end, height)], fill=_FAINT, width=scale)
        canvas.text((across.start - 8 * scale, height), f"{tick:g}", fill=_INK, font=font, anchor="rm")
    for tick in x_ticks:
        place = across.at(tick)
        canvas.line([(place, up.start), (place, up.start + 6 * scale)], fill=_INK, width=scale)
        canvas.text((place, up.start + 10 * scale), f"{tick:,.0f}", fill=_INK, font=font, anchor="ma")
    canvas.line([(across.start, up.end), (across.start, up.start), (across.end, up.start)], fill=_INK, width=scale)


def _draw_words(canvas: ImageDraw.ImageDraw, title: str) -> None:
    scale, font = _SHARPNESS, _font()
    middle = (_LEFT + _WIDTH - _RIGHT) / 2 * scale
    canvas.text((_LEFT * scale, _TOP / 2 * scale), title, fill=_INK, font=font, anchor="lm")
    canvas.text((middle, (_HEIGHT - 12) * scale), "step", fill=_INK, font=font, anchor="ms")


def _draw_curve(canvas: ImageDraw.ImageDraw, places: Sequence[Point], *, label: str) -> None:
    radius = 3 * _SHARPNESS
    canvas.line(list(places), fill=_CURVE, width=2 * _SHARPNESS, joint="curve")
    x, y = places[-1]
    canvas.ellipse([(x - radius, y - radius), (x + radius, y + radius)], fill=_CURVE)
    canvas.text((x + radius, y - 3 * radius), label, fill=_CURVE, font=_font(), anchor="rs")


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=_TEXT_SIZE * _SHARPNESS)
