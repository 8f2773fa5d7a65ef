"""The proof as evidence: all seeds must hold, the first is shown, what drifted is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.evidence_runs import finish_observed
from tlvsft.comparison.evidence import read_observed
from tlvsft.comparison.evidence.frozen import FrozenEvidence, read_frozen
from tlvsft.config import ComparisonConfig, Side
from tlvsft.events import BlockProof, BlockStatus, Event, FrozenProved, RunStarted
from tlvsft.runs.store import Store

FROZEN = (
    BlockProof(name="embedding", frozen=True, tensors=6, loaded="a" * 64, trained="a" * 64),
    BlockProof(name="0", frozen=True, tensors=12, loaded="b" * 64, trained="b" * 64),
    BlockProof(name="head", frozen=False, tensors=4, loaded="c" * 64, trained="d" * 64, changed_tensors=4),
)
TRAINED = tuple(
    replace(proof, frozen=False, trained=f"{number}" * 64, changed_tensors=proof.tensors)
    for number, proof in enumerate(FROZEN)
)
DRIFTED = (
    FROZEN[0],
    replace(FROZEN[1], trained="e" * 64, changed_tensors=3, drifted=("0.n.mean", "0.n.steps", "0.n.var")),
    FROZEN[2],
)


def ladder(*states: str) -> RunStarted:
    names = ("embedding", "0", "head")
    blocks = tuple(BlockStatus(name=name, parameters=1, state=state) for name, state in zip(names, states, strict=True))  # type: ignore[arg-type]
    return RunStarted(
        trainable_parameters=1,
        total_parameters=3,
        blocks=blocks,
        total_steps=1,
        epochs=1,
        train_examples=2,
        class_names=("a", "b"),
    )


def read(
    store: Store, config: ComparisonConfig, proofs: dict[tuple[Side, int], tuple[BlockProof, ...]]
) -> FrozenEvidence:
    def events(side: Side, seed: int) -> list[Event]:
        states = ("frozen", "frozen", "new") if proofs[side, seed][0].frozen else ("trains", "trains", "new")
        return [ladder(*states), FrozenProved(proofs=proofs[side, seed])]

    def intact(side: Side, seed: int) -> bool | None:
        frozen = [proof.is_intact for proof in proofs[side, seed] if proof.frozen]
        return all(frozen) if frozen else None

    comparison_id = finish_observed(
        store, config, events=events, figures=lambda side, seed: {"frozen_intact": intact(side, seed)}
    )
    found = read_frozen(read_observed(store, comparison_id))
    assert found is not None
    return found


def test_one_seed_in_words(store: Store, digits_config: ComparisonConfig) -> None:
    found = read(store, digits_config, {("left", 0): FROZEN, ("right", 0): TRAINED})
    assert found.sentence == (
        "Linear probe: all 2 backbone blocks (18 tensors) still have the hash with which they were loaded; the head, "
        "which was to change, has another hash now. Full fine-tuning: nothing was frozen, and all of the 3 blocks that "
        "were to change have another hash now."
    )
    described = found.to_dict()
    assert described["intact"] == {"left": True, "right": None}
    assert described["blocks"]["left"][1] == {
        "name": "0",
        "state": "frozen",
        "frozen": True,
        "tensors": 12,
        "before": "b" * 64,
        "after": "b" * 64,
        "identical": True,
        "changed_tensors": 0,
        "drifted": [],
    }


def test_one_seed_that_failed_fails_all(store: Store, digits_config: ComparisonConfig) -> None:
    config = replace(digits_config, seeds=3)
    proofs = {(side, seed): FROZEN for side in ("left", "right") for seed in range(3)}
    proofs["left", 2] = DRIFTED
    found = read(store, config, proofs)  # type: ignore[arg-type]
    assert found.to_dict()["seeds_intact"] == {"left": 2, "right": 3}
    assert found.intact == {"left": False, "right": True}
    assert "what should have been frozen has changed in 1 of 3 seeds" in found.sentence
    assert "in all 3 seeds" in found.sentence


def test_what_drifted_is_named(store: Store, digits_config: ComparisonConfig) -> None:
    found = read(store, digits_config, {("left", 0): DRIFTED, ("right", 0): TRAINED})
    assert "has changed: block 0 (3 tensors: 0.n.mean, 0.n.steps and 1 more)." in found.sentence


@pytest.mark.parametrize(("intact", "words"), [(True, "every frozen tensor is bit for bit"), (False, "has changed.")])
def test_runs_from_before_hashes_were_kept(
    store: Store, digits_config: ComparisonConfig, *, intact: bool, words: str
) -> None:
    comparison_id = finish_observed(store, digits_config, figures=lambda *_: {"frozen_intact": intact})
    found = read_frozen(read_observed(store, comparison_id))
    assert found is not None
    assert words in found.sentence
    assert found.to_dict()["blocks"] == {"left": [], "right": []}
