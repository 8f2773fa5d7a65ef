"""Evidence for what people say about forgetting: what both sides still know of the source task, as means over seeds."""

from __future__ import annotations

from collections.abc import Callable

from tlvsft.comparison.figures import percent, perplexity
from tlvsft.comparison.findings import Finding, Shown, SideEvidence
from tlvsft.events import RunFinished

_NOT_MEASURED = (
    "What was forgotten of the source task wasn't measured: the backbone came without a head for it, or this was "
    "trained before that was measured."
)

Figure = Callable[[RunFinished], float | None]
_PERPLEXITIES: tuple[tuple[str, Figure, Figure], ...] = (
    (
        "Perplexity on general English",
        lambda finish: finish.source_perplexity_before,
        lambda finish: finish.source_perplexity_after,
    ),
    (
        "Perplexity on held-out source texts",
        lambda finish: finish.heldout_perplexity_before,
        lambda finish: finish.heldout_perplexity_after,
    ),
)


def find_forgotten(shown: Shown) -> list[Finding]:
    """What became of what the backbone had learnt before; for controls, that there was nothing."""
    found = [text for side in shown.both for text in _describe(side)]
    return [Finding(text=text) for text in found or [_NOT_MEASURED]]


def _describe(side: SideEvidence) -> list[str]:
    if not side.method.pretrained:
        return [f"{side.title}: nothing to forget, since it starts from random weights."]
    return [*_describe_perplexities(side), *_describe_answers(side)]


def _describe_perplexities(side: SideEvidence) -> list[str]:
    found = []
    for title, read_before, read_after in _PERPLEXITIES:
        before, after = side.perplexity(read_before), side.perplexity(read_after)
        if before and after is not None:
            change = f"{100 * (after / before - 1):+.0f} %".replace("-", "−")
            found.append(f"{title}, {side.name}: {perplexity(before)} → {perplexity(after)} ({change}).")
    return found


def _describe_answers(side: SideEvidence) -> list[str]:
    """Agreement, and where the source data is there, what is right."""
    found = []
    agreement = side.mean(lambda finish: finish.source_agreement)
    if agreement is not None:
        found.append(f"Agreement of the pretrained head with itself (a proxy), {side.name}: {percent(agreement)}.")
    before = side.mean(lambda finish: finish.heldout_accuracy_before)
    after = side.mean(lambda finish: finish.heldout_accuracy_after)
    if before is not None and after is not None:
        found.append(f"Accuracy on held-out source data, {side.name}: {percent(before)} → {percent(after)}.")
    return found
