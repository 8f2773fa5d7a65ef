"""What moved, in one sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tlvsft.comparison.movements import describe_moves, norm_words, share_words
from tlvsft.config import Side
from tlvsft.events import BlockMovement

NAMES: dict[Side, str] = {"left": "linear probe", "right": "full fine-tuning"}


def moves(head: float | None = 2.0, **changes: float) -> list[BlockMovement]:
    blocks = {name.removeprefix("block_"): change for name, change in changes.items()}
    shares: dict[str, float | None] = {**blocks, "head": head}
    return [BlockMovement(name=name, weight_change=share, gradient_norm=share or 0.0) for name, share in shares.items()]


STILL = moves(embedding=0.0, block_0=0.0, block_1=0.0)


@pytest.mark.parametrize(
    ("right", "sentence"),
    [
        (
            moves(embedding=0.001, block_0=0.02, block_1=0.041),
            "Full fine-tuning moved block 1 most, by 4.1 %; linear probe moved only its head.",
        ),
        (
            moves(embedding=0.0, block_0=0.0, block_1=0.041),
            "Full fine-tuning moved only block 1 (by 4.1 %) and its head; linear probe moved only its head.",
        ),
        (
            moves(head=None, embedding=0.0, block_0=0.0),
            "Linear probe moved only its head; full fine-tuning moved nothing.",
        ),
        (
            moves(head=None, embedding=0.5, block_0=0.1),
            "Full fine-tuning moved embedding most, by 50 %; linear probe moved only its head.",
        ),
        ([], "Linear probe moved only its head."),
    ],
)
def test_it_names_the_block_that_moved_most(right: list[BlockMovement], sentence: str) -> None:
    assert describe_moves(NAMES, {"left": STILL, "right": right}) == sentence


def test_a_side_of_which_only_statistics_drifted_is_not_said_to_have_stayed() -> None:
    drifted = [replace(block, statistics_change=0.3) if block.name == "1" else block for block in STILL]
    sentence = describe_moves(NAMES, {"left": drifted, "right": moves(head=None, embedding=0.0)})
    assert (
        sentence
        == "Linear probe moved the weights of its head alone, yet BatchNorm drifted; full fine-tuning moved nothing."
    )


def test_nothing_is_said_where_nothing_was_measured() -> None:
    assert describe_moves(NAMES, {"left": [], "right": []}) == ""


def test_figures_have_as_many_decimals_as_say_something() -> None:
    shares = [share_words(share) for share in (0.0, 1e-7, 0.00032, 0.0021, 0.041, 0.12, 1.8, 12.0)]
    assert shares == ["0 %", "less than 0.001 %", "0.032 %", "0.21 %", "4.1 %", "12 %", "180 %", "1,200 %"]
    assert [norm_words(norm) for norm in (0.0341, 1.26, 12.4)] == ["0.034", "1.3", "12"]
