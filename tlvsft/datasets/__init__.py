"""Data to train on, labelled or texts alone: the bundled sets, a user's own files, and the Hub's.

Importing this package loads neither torch nor the `datasets` library.
"""

from __future__ import annotations

from tlvsft.datasets.bundled import load_general_text
from tlvsft.datasets.digits import digit_from_drawing, enlarge_digit
from tlvsft.datasets.labelled import LabelledData, Split
from tlvsft.datasets.loading import load_labelled_data
from tlvsft.datasets.sampling import check_label_count, draw_label_subset
from tlvsft.datasets.texts import TextData, draw_texts, load_text_data

__all__ = [
    "LabelledData",
    "Split",
    "TextData",
    "check_label_count",
    "digit_from_drawing",
    "draw_label_subset",
    "draw_texts",
    "enlarge_digit",
    "load_general_text",
    "load_labelled_data",
    "load_text_data",
]
