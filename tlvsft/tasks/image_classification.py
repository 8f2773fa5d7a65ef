"""Images for an image backbone: in the channels, size and scale that it was pretrained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from tlvsft.backbones import Backbone, fingerprint_tensors
from tlvsft.errors import BackboneError

KEPT_BYTES = 512 * 2**20
"""Preprocessed images are kept up to this size; a larger split is preprocessed again for each batch."""
_TOGETHER = 64
"""Images that are preprocessed in one call: each call costs, and decoded images take memory."""
_MODES = {1: "L", 3: "RGB"}


@dataclass(frozen=True, eq=False)
class EncodedImages:
    """Images with what is needed to preprocess them, and the result where it fits into memory."""

    images: Sequence[Image.Image]
    processor: Any
    mode: str
    kept: Tensor | None
    note: str | None = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def lengths(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """All images are the same work: ones, shape `(images,)`."""
        return np.ones(len(self.images), dtype=np.int64)

    @property
    def layout(self) -> None:
        """None: all images have the same shape."""
        return None

    @property
    def varies(self) -> bool:
        """No: an example is the same each time."""
        return False

    def fingerprint(self) -> str | None:
        """Hash of all pixels; `None` where preprocessed images aren't kept."""
        return None if self.kept is None else fingerprint_tensors([self.kept])

    def batch(self, indices: np.ndarray) -> Mapping[str, Tensor]:
        """`pixel_values`, shape `(batch, channels, height, width)`."""
        if self.kept is not None:
            return {"pixel_values": self.kept[torch.as_tensor(indices)]}
        return {"pixel_values": preprocess([self.images[index] for index in indices], self.processor, self.mode)}


def encode_images(backbone: Backbone, images: Sequence[Image.Image]) -> EncodedImages:
    """Preprocesses images as the backbone's own processor does.

    Raises:
        BackboneError: The backbone wants neither 1 nor 3 channels.
    """
    channels = backbone.model.config.num_channels
    if channels not in _MODES:
        raise BackboneError(f"{backbone.name!r} wants images of {channels} channels: choose one with 1 or 3.")
    mode = _MODES[channels]
    first = preprocess(images[:1], backbone.processor, mode)
    if first.nbytes * len(images) > KEPT_BYTES:
        return EncodedImages(images, backbone.processor, mode, None)
    parts = [
        preprocess(images[start : start + _TOGETHER], backbone.processor, mode)
        for start in range(0, len(images), _TOGETHER)
    ]
    return EncodedImages(images, backbone.processor, mode, torch.cat(parts))


def preprocess(images: Sequence[Image.Image], processor: Any, mode: str) -> Tensor:
    """Pixels as the backbone takes them, shape `(images, channels, height, width)`, float32."""
    converted = [image.convert(mode) for image in images]
    pixels: Tensor = processor(images=converted, return_tensors="pt")["pixel_values"]
    return pixels.float()
