"""How much blocks resemble the pretrained ones, in words."""

from __future__ import annotations

import pytest

from tlvsft.comparison.similarities import cka_words, describe_similarities

NAMES = {"left": "linear probe", "right": "full fine-tuning"}
STILL = {"embedding": 1.0, "0": 1.0, "1": 1.0}


PROBE = "linear probe represents examples exactly as the pretrained backbone does."


@pytest.mark.parametrize(
    ("right", "controls", "sentence"),
    [
        (
            {"embedding": 0.9996, "0": 0.98, "1": 0.651},
            (),
            f"Full fine-tuning differs most from the pretrained backbone in block 1 (CKA 0.65); {PROBE}",
        ),
        (
            {"embedding": 1.0, "0": 1.0, "1": 0.972},
            (),
            f"Full fine-tuning differs from the pretrained backbone only in block 1 (CKA 0.972); {PROBE}",
        ),
        (
            {"embedding": None, "0": 0.31, "1": 0.73},
            ("right",),
            f"Full fine-tuning comes nearest to the pretrained backbone in block 1 (CKA 0.73); {PROBE}",
        ),
        ({}, (), PROBE.capitalize()),
    ],
)
def test_the_side_that_changed_more_comes_first(
    right: dict[str, float | None], controls: tuple[str, ...], sentence: str
) -> None:
    said = describe_similarities(NAMES, {"left": STILL, "right": right}, controls=controls)  # type: ignore[arg-type]
    assert said == sentence


def test_nothing_measured_is_nothing_said() -> None:
    assert describe_similarities(NAMES, {"left": {}, "right": {"0": None}}, controls=()) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.0, "1"),
        (0.99995, "more than 0.9999"),
        (0.99963, "0.9996"),
        (0.9731, "0.973"),
        (0.6512, "0.65"),
        (-0.031, "−0.03"),
    ],
)
def test_a_cka_has_the_decimals_that_tell_it_from_one(value: float, words: str) -> None:
    assert cka_words(value) == words
