"""What turns a backbone and data into something to train: inputs as tensors, and heads."""

from __future__ import annotations

from tlvsft.tasks.adapted import STORED, AdaptedModel
from tlvsft.tasks.classifier import ClassifierModel
from tlvsft.tasks.corpora import EncodedCorpus, encode_corpus
from tlvsft.tasks.encoding import EncodedInputs, encode_inputs
from tlvsft.tasks.heads import CentroidHead, LinearHead
from tlvsft.tasks.language_modeling import LanguageModel
from tlvsft.tasks.next_words import continue_text, next_word_probabilities
from tlvsft.tasks.ragged import Ragged

__all__ = [
    "STORED",
    "AdaptedModel",
    "CentroidHead",
    "ClassifierModel",
    "EncodedCorpus",
    "EncodedInputs",
    "LanguageModel",
    "LinearHead",
    "Ragged",
    "continue_text",
    "encode_corpus",
    "encode_inputs",
    "next_word_probabilities",
]
