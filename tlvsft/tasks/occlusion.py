"""Which words, or which parts of a picture, a decision rests on: what happens to it when they are covered, one by one.

Source: Zeiler and Fergus 2014, https://arxiv.org/abs/1311.2901 (pictures); Li, Monroe and Jurafsky 2016,
https://arxiv.org/abs/1612.08220 (words).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

MOST_WORDS = 100
"""So many words are left out, one by one; a book review has up to 70."""
TEXTS_TOGETHER = 16
PATCHES_A_SIDE = 4
"""A patch is so much smaller than the picture."""
PICTURES_TOGETHER = 16
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class WordDrop:
    """A word of a text, by its place, and how much the decision needs it.

    Attributes:
        start: Its first character.
        end: The one after its last.
        drop: How much less probable the predicted class is without it (−1 to 1); negative: it spoke against the class.
    """

    start: int
    end: int
    drop: float


@dataclass(frozen=True, eq=False)
class PatchDrops:
    """What covering parts of a picture does to the decision.

    Attributes:
        drops: How much less probable the predicted class is with each patch covered, `(rows, columns)`, from the top
            left on, float32.
        heat: The same for each pixel, the mean over the patches that cover it, `(height, width)`, float32.
    """

    drops: np.ndarray
    heat: np.ndarray


def drop_words(
    predict: Callable[[Sequence[str]], np.ndarray], text: str, *, predicted: int, enough: Callable[[], bool]
) -> list[WordDrop]:
    """Leaves out each word of a text, from its beginning on.

    Args:
        predict: Probabilities of each text, `(texts, num_classes)`.
        text: What was decided about.
        predicted: The class that was decided for.
        enough: Asked between batches, whether to leave it at what has been tried; a text's first words always are.
    """
    whole = float(predict([text])[0, predicted])
    places = [match.span() for match in _WORD.finditer(text)][:MOST_WORDS]
    found: list[WordDrop] = []
    for first in range(0, len(places), TEXTS_TOGETHER):
        if found and enough():
            break
        batch = places[first : first + TEXTS_TOGETHER]
        shares = predict([_leave_out(text, *place) for place in batch])[:, predicted]
        found += [WordDrop(*place, whole - float(share)) for place, share in zip(batch, shares, strict=True)]
    return found


def count_words(text: str) -> int:
    """How many words a text has."""
    return len(_WORD.findall(text))


def drop_patches(
    predict: Callable[[Tensor], Tensor], pixels: Tensor, *, predicted: int, overlapping: bool
) -> PatchDrops:
    """Covers a picture with patches of its own median colour (a drawing's ground), one at a time.

    Args:
        predict: Probabilities `(pictures, num_classes)` of pixels `(pictures, channels, height, width)`.
        pixels: One picture, `(channels, height, width)`.
        predicted: The class that was decided for.
        overlapping: Whether patches lie half a patch apart (7 × 7 of them) rather than side by side (4 × 4).
    """
    places = _patches(pixels.shape[1], pixels.shape[2], overlapping=overlapping)
    covered = [_cover(pixels, place) for row in places for place in row]
    whole = predict(pixels.unsqueeze(0))[0, predicted]
    shares = torch.cat(
        [
            predict(torch.stack(covered[first : first + PICTURES_TOGETHER]))[:, predicted]
            for first in range(0, len(covered), PICTURES_TOGETHER)
        ]
    )
    drops = (whole - shares).numpy().astype(np.float32).reshape(len(places), len(places[0]))
    return PatchDrops(drops, _spread(drops, places, pixels.shape[1:]))


_Place = tuple[slice, slice]


def _leave_out(text: str, start: int, end: int) -> str:
    return text[:start] + text[end:].lstrip()


def _patches(height: int, width: int, *, overlapping: bool) -> list[list[_Place]]:
    def stretches(length: int) -> list[slice]:
        size = max(1, round(length / PATCHES_A_SIDE))
        count = 2 * PATCHES_A_SIDE - 1 if overlapping else PATCHES_A_SIDE
        starts = np.linspace(0, length - size, count).round().astype(int)
        return [slice(int(start), int(start) + size) for start in starts]

    return [[(rows, columns) for columns in stretches(width)] for rows in stretches(height)]


def _cover(pixels: Tensor, place: _Place) -> Tensor:
    covered = pixels.clone()
    covered[:, place[0], place[1]] = pixels.flatten(1).median(dim=1).values[:, None, None]
    return covered


def _spread(drops: np.ndarray, places: list[list[_Place]], shape: torch.Size) -> np.ndarray:
    total, times = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    for row, line in enumerate(places):
        for column, place in enumerate(line):
            total[place] += drops[row, column]
            times[place] += 1
    spread: np.ndarray = total / np.maximum(times, 1)
    return spread
