"""Inputs as tensors: the seam between the kinds of data and everything that trains on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from torch import Tensor

from tlvsft.backbones import Backbone
from tlvsft.errors import InvalidInput
from tlvsft.tasks.image_classification import EncodedImages, encode_images
from tlvsft.tasks.ragged import Ragged
from tlvsft.tasks.text_classification import EncodedTexts, encode_texts


class EncodedInputs(Protocol):
    """Examples, encoded once, that give batches for a backbone; `EncodedCorpus` is one, too."""

    @property
    def note(self) -> str | None:
        """What the user should know about the encoding, e.g. that long texts were cut."""

    @property
    def lengths(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How much work each example is, shape `(examples,)`: its tokens, or 1 for an image."""

    @property
    def layout(self) -> Ragged | None:
        """How examples of different lengths lie in one tensor; `None` where all have the same shape."""

    @property
    def varies(self) -> bool:
        """Whether an example is another one each time, so that nothing computed from it can be stored."""

    def fingerprint(self) -> str | None:
        """Hash of all that the backbone reads of them; `None` where it isn't kept."""

    def __len__(self) -> int:
        """How many examples."""

    def batch(self, indices: np.ndarray) -> Mapping[str, Tensor]:
        """The chosen examples as the backbone takes them."""


def encode_inputs(backbone: Backbone, inputs: Sequence[Any]) -> EncodedInputs:
    """Encodes texts or PIL images for a backbone.

    Raises:
        InvalidInput: They are not what the backbone reads.
    """
    is_text = isinstance(inputs[0], str)
    if is_text != (backbone.modality == "text"):
        given = "texts" if is_text else "images"
        wanted = "a text" if is_text else "an image"
        raise InvalidInput(f"{backbone.name!r} can't read {given}: choose {wanted} backbone, or other data.")
    return encode_texts(backbone, inputs) if is_text else encode_images(backbone, inputs)


__all__ = ["EncodedImages", "EncodedInputs", "EncodedTexts", "encode_inputs"]
