"""The proof as a card: twelve digits to look at, all 64 to compare."""

from __future__ import annotations

from dataclasses import replace

from tlvsft.comparison.evidence.frozen import FrozenEvidence, ProvedBlock
from tlvsft.events import BlockProof
from tlvsft.report.evidence.frozen import frozen_drawing

BEFORE, AFTER = "0123456789abcdef" * 4, "fedcba9876543210" * 4
INTACT = ProvedBlock(proof=BlockProof(name="0", frozen=True, tensors=12, loaded=BEFORE, trained=BEFORE), state="frozen")
NEW = ProvedBlock(
    proof=BlockProof(name="head", frozen=False, tensors=4, loaded=BEFORE, trained=AFTER, changed_tensors=3), state="new"
)
BROKEN = ProvedBlock(
    proof=replace(
        INTACT.proof,
        trained=AFTER,
        changed_tensors=14,
        drifted=tuple(f"<{number}>.running_mean" for number in range(14)),
    ),
    state="frozen",
)
EVIDENCE = FrozenEvidence(
    names={"left": "linear probe", "right": "full"},
    seed=3,
    seeds=1,
    seeds_intact={"left": 1, "right": 0},
    blocks={"left": (INTACT, NEW), "right": (BROKEN, NEW)},
)


def test_hashes_are_short_with_the_whole_ones_beside() -> None:
    drawn = frozen_drawing(EVIDENCE)
    assert f'<code title="{BEFORE}" translate="no">0123456789ab</code>' in drawn
    assert f'<code translate="no">{BEFORE}</code></td><td><code translate="no">{BEFORE}</code>' in drawn
    assert "✓ identical" in drawn
    assert "changed: 3" in drawn


def test_what_drifted_is_named_and_escaped() -> None:
    drawn = frozen_drawing(EVIDENCE)
    assert "✗ changed: 14" in drawn
    assert '<code translate="no">&lt;11&gt;.running_mean</code>' in drawn
    assert '<code translate="no">&lt;12&gt;.running_mean</code>' not in drawn
    assert "and 2 more" in drawn


def test_several_seeds_are_counted() -> None:
    drawn = frozen_drawing(replace(EVIDENCE, seeds=4, seeds_intact={"left": 4, "right": None}))
    assert "Shown is seed 3. Linear probe: 4 of 4 runs proved intact." in drawn
    assert "nothing frozen" in drawn


def test_old_runs_say_that_there_are_no_hashes() -> None:
    drawn = frozen_drawing(replace(EVIDENCE, blocks={"left": (), "right": ()}))
    assert drawn.count("Hashes weren&#x27;t kept: train again to see them.") == 2
    assert "64 digits" not in drawn
