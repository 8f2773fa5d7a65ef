"""The same setup with the same seed, trained twice: whether the results are the same to the last bit."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tlvsft.comparison.naming import capitalise, side_names
from tlvsft.config import SIDES, ComparisonConfig
from tlvsft.errors import InvalidInput
from tlvsft.events import Evaluated, Noted, RunFinished, StepTaken
from tlvsft.runs.home import on_shared_host
from tlvsft.runs.ownership import visible_rows

if TYPE_CHECKING:
    import numpy as np

    from tlvsft.runs.records import ComparisonRecord, RunRecord
    from tlvsft.runs.store import Store

_LOOKED_BACK = 100
"""Among so many earlier comparisons on the same data from the same backbone the same setup is looked for."""
_ARITHMETIC = "Computed in "
"""How the note of a run begins that wasn't computed in float32 on the CPU (`tlvsft.training.run`)."""
_USUAL_ARITHMETIC = "float32 on the CPU"
_OTHER_ANSWERS = "the figures are the same, and the answers to single test examples differ in the last digits"


@dataclass(frozen=True, kw_only=True)
class _Results:
    """What a run computed, without how long it took.

    Attributes:
        losses: The training loss of each step.
        validations: Step, loss, accuracy and perplexity of each validation.
        tests: What the test found.
        arithmetic: What it was computed in.
    """

    losses: tuple[float, ...]
    validations: tuple[tuple[float | None, ...], ...]
    tests: tuple[float | None, ...]
    arithmetic: str


def find_earlier(store: Store, comparison: ComparisonRecord, *, viewer: str | None) -> ComparisonRecord | None:
    """The newest finished comparison before this one that had the very same setup and that this viewer may see."""
    visible, owner = visible_rows(viewer=viewer, shared_host=on_shared_host())
    statement = (
        f"SELECT id, config FROM comparisons WHERE {visible}"  # noqa: S608  no input
        " AND number < (SELECT number FROM comparisons WHERE id = ?)"
        " AND json_extract(config, '$.backbone') = ? AND json_extract(config, '$.dataset.name') = ?"
        " AND NOT EXISTS (SELECT 1 FROM runs WHERE comparison_id = comparisons.id AND state <> 'finished')"
        " ORDER BY number DESC LIMIT ?"
    )
    config = comparison.config
    with store.database.reading() as connection:
        asked = (*owner, comparison.id, config.backbone, config.dataset.name, _LOOKED_BACK)
        rows = connection.execute(statement, asked).fetchall()
    for row in rows:
        if _is_same(ComparisonConfig.from_dict(json.loads(row["config"])), config):
            return store.comparison(row["id"])
    return None


def describe_repeat(store: Store, comparison: ComparisonRecord, earlier: ComparisonRecord) -> str:
    """Whether a finished comparison came out as an earlier one of the same setup did, bit for bit, in words.

    Raises:
        InvalidInput: One of them was deleted meanwhile.
    """
    names = side_names(comparison.config, dict.fromkeys(SIDES, ()))
    now = {run.id: _read_results(store, run) for run in comparison.runs}
    differences, answers_seen = [], True
    reasons: dict[str, None] = {}
    for run in comparison.runs:
        before_run = earlier.run(run.side, run.seed)
        before = _read_results(store, before_run)
        difference = _first_difference(before, now[run.id])
        if not difference:
            same = _have_same_answers(store, before_run, run)
            answers_seen = answers_seen and same is not None
            difference = _OTHER_ANSWERS if same is False else ""
        if difference:
            seed = f" (seed {run.seed})" if comparison.config.seeds > 1 else ""
            differences.append(f"{capitalise(names[run.side])}{seed}: {difference}.")
            reasons[_reason(before, now[run.id])] = None
    if differences:
        return " ".join(["Not bit-identical to it.", *differences, *reasons])
    finals = " and ".join(f"{_final(now[comparison.run(side).id])} ({names[side]})" for side in SIDES)
    seen = "every validation and every test answer" if answers_seen else "every validation and every test figure"
    kept = "" if answers_seen else " (answers to single test examples aren't kept any more)"
    alike = f"every training loss, {seen} of both variants is the same to the last bit{kept}"
    return f"Bit-identical to it: {alike}; {finals}."


def _is_same(earlier: ComparisonConfig, config: ComparisonConfig) -> bool:
    """Whether two setups train the same; the name of a story changes nothing."""
    return replace(earlier, preset=None) == replace(config, preset=None)


def _read_results(store: Store, run: RunRecord) -> _Results:
    losses: list[float] = []
    validations: list[tuple[float | None, ...]] = []
    tests: tuple[float | None, ...] = ()
    arithmetic = _USUAL_ARITHMETIC
    for _, event in store.events(run.id):
        match event:
            case StepTaken():
                losses.append(event.train_loss)
            case Evaluated():
                validations.append((event.step, event.val_loss, event.val_accuracy, event.val_perplexity))
            case RunFinished():
                forgotten = None if event.perplexity is None else event.source_perplexity_after  # a classifier's is new
                tests = (event.test_accuracy, event.test_macro_f1, event.perplexity, forgotten)
            case Noted() if event.message.startswith(_ARITHMETIC):
                arithmetic = event.message.removeprefix(_ARITHMETIC).partition(":")[0]
    return _Results(losses=tuple(losses), validations=tuple(validations), tests=tests, arithmetic=arithmetic)


def _first_difference(before: _Results, now: _Results) -> str:
    """In what two runs differ first, in words; empty where in nothing."""
    pairs = enumerate(zip(before.losses, now.losses, strict=False), start=1)
    step = next((step for step, (old, new) in pairs if repr(old) != repr(new)), None)
    if step is not None:
        old, new = before.losses[step - 1], now.losses[step - 1]
        return f"the training loss differs from step {step:,} on ({old:.6g} then, {new:.6g} now), {_tests(before, now)}"
    if len(before.losses) != len(now.losses):
        return f"{len(before.losses):,} steps then, {len(now.losses):,} now"
    if repr(before.validations) != repr(now.validations):
        return f"the validations differ, {_tests(before, now)}"
    return "" if repr(before.tests) == repr(now.tests) else _tests(before, now)


def _tests(before: _Results, now: _Results) -> str:
    """What both tests found, beside each other."""
    old, new = _describe_test(before), _describe_test(now)
    return f"the test found {old} then and {new} now" if old != new else f"the test found {new} both times"


def _describe_test(results: _Results) -> str:
    accuracy, _, perplexity, _ = results.tests or (None, None, None, None)
    if accuracy is not None:
        return f"{100 * accuracy:.1f} %"
    return "nothing" if perplexity is None else f"a perplexity of {perplexity:,.2f}"


def _final(results: _Results) -> str:
    loss = f", last training loss {results.losses[-1]:.4f}" if results.losses else ""
    return f"{_describe_test(results)}{loss}"


def _have_same_answers(store: Store, before: RunRecord, now: RunRecord) -> bool | None:
    """Whether the answers to single test examples agree; `None` where they aren't there any more."""
    try:
        return _is_equal(_answers(store, before), _answers(store, now))
    except InvalidInput:
        return None


def _answers(store: Store, run: RunRecord) -> np.ndarray:
    words = run.config.task == "language_modeling"
    return store.text_losses(run.id).losses if words else store.predictions(run.id).probabilities


def _is_equal(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def _reason(before: _Results, now: _Results) -> str:
    """Why two runs of the same seed may differ, as far as is known of them."""
    if before.arithmetic != now.arithmetic:
        return f"They were computed in {before.arithmetic} then and in {now.arithmetic} now, which round differently."
    if now.arithmetic != _USUAL_ARITHMETIC:
        return (
            f"Both were computed in {now.arithmetic}: a GPU may add sums up in another order each time, and with "
            "bfloat16's few digits that shows soon."
        )
    return (
        "The same seed gives the same curve on the same machine with as many cores and the same versions of the "
        "libraries: one of these has changed since."
    )
