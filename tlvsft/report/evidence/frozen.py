"""The end-of-run proof as a card: each block's hash before the first step and after the last."""

from __future__ import annotations

from tlvsft.comparison.evidence.frozen import FrozenEvidence, ProvedBlock
from tlvsft.comparison.naming import block_title, capitalise
from tlvsft.config import SIDES, Side
from tlvsft.events import BlockProof
from tlvsft.report.markup import Markup, element, sign
from tlvsft.report.tables import sign_of, table
from tlvsft.report.words import STATE_SIGNS, STATE_WORDS

SHOWN_DIGITS = 12
"""Of a hash's 64: two of them agree by chance once in 10^14 times."""
_MOST_NAMED = 12
_WORDS = {None: "nothing frozen", True: "✓ intact", False: "✗ changed"}
_HOW = (
    "A hash is the SHA-256 of a block's tensors, names and shapes included: one bit that changed gives another one. "
    "Anybody can compute the same from the files; docs/evidence.md has the program, a dozen lines of Python."
)


def frozen_drawing(evidence: FrozenEvidence) -> Markup:
    """One table for each side, and how to check it."""
    parts = [element("div", *[_card(evidence, side) for side in SIDES], class_="figures")]
    if evidence.seeds > 1:
        parts.append(element("p", _describe_seeds(evidence), class_="facts"))
    if any(evidence.blocks.values()):
        parts += [element("p", _HOW, class_="facts"), _whole_hashes(evidence)]
    return element("div", *parts, class_="proofs")


def _card(evidence: FrozenEvidence, side: Side) -> Markup:
    heading = element(
        "figcaption",
        element("b", sign_of(side), capitalise(evidence.names[side]), class_=side),
        element("span", _WORDS[evidence.intact[side]], class_="proved"),
    )
    blocks = evidence.blocks[side]
    if not blocks:
        return element("figure", heading, element("p", "Hashes weren't kept: train again to see them.", class_="facts"))
    heads = [element("th", words, scope="col") for words in ("Block", "Tensors", "Before", "After", "Result")]
    proof = element(
        "table",
        element("thead", element("tr", *heads)),
        element("tbody", *[row for block in blocks for row in _rows(block)]),
        class_="proof",
    )
    return element("figure", heading, proof)


def _rows(block: ProvedBlock) -> list[Markup]:
    """The block's own row, and below it, where it should not have changed, what did."""
    proof = block.proof
    name = element(
        "th",
        sign(STATE_SIGNS[block.state]),
        " ",
        block_title(proof.name),
        element("small", STATE_WORDS[block.state]),
        scope="row",
    )
    found = element("td", _found(proof), class_="found is-alarm" if proof.drifted else "found")
    row = element("tr", name, element("td", f"{proof.tensors}"), _hash(proof.loaded), _hash(proof.trained), found)
    return [row, _drifted(proof)] if proof.drifted else [row]


def _found(proof: BlockProof) -> str:
    if not proof.tensors:
        return "none of its own"
    if proof.is_intact:
        return "✓ identical" if proof.frozen else "identical"
    return f"✗ changed: {proof.changed_tensors}" if proof.frozen else f"changed: {proof.changed_tensors}"


def _drifted(proof: BlockProof) -> Markup:
    named = [element("li", element("code", name, translate="no")) for name in proof.drifted[:_MOST_NAMED]]
    rest = len(proof.drifted) - len(named)
    more = element("li", f"and {rest} more") if rest > 0 else None
    listed = element("details", element("summary", "What changed"), element("ul", *named, more))
    return element("tr", element("td", listed, colspan=5), class_="drifted")


def _hash(digits: str) -> Markup:
    return element("td", element("code", digits[:SHOWN_DIGITS], title=digits, translate="no"))


def _describe_seeds(evidence: FrozenEvidence) -> str:
    counts = [
        f"{capitalise(evidence.names[side])}: {count} of {evidence.seeds} runs proved intact."
        for side in SIDES
        if (count := evidence.seeds_intact[side]) is not None
    ]
    return " ".join([f"Shown is seed {evidence.seed}.", *counts])


def _whole_hashes(evidence: FrozenEvidence) -> Markup:
    rows = [
        [
            element("span", sign_of(side), block_title(block.proof.name), class_=side),
            element("code", block.proof.loaded, translate="no"),
            element("code", block.proof.trained, translate="no"),
        ]
        for side in SIDES
        for block in evidence.blocks[side]
    ]
    caption = f"SHA-256 of every block, seed {evidence.seed}"
    whole = table(["Block", "Before", "After"], rows, caption=caption)
    return element("details", element("summary", "All 64 digits"), whole, class_="whole-hashes")
