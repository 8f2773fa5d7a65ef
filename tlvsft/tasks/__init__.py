"""What turns a backbone and labelled data into something to train: inputs as tensors, and heads."""

from __future__ import annotations

from tlvsft.tasks.classifier import ClassifierModel
from tlvsft.tasks.encoding import EncodedInputs, encode_inputs
from tlvsft.tasks.heads import CentroidHead, LinearHead

__all__ = ["CentroidHead", "ClassifierModel", "EncodedInputs", "LinearHead", "encode_inputs"]
