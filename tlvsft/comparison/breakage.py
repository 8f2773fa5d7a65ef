"""What a mistake did in a comparison: whether the collapse that it stands for shows, and the numbers that say so.

Pure: computed from the config and the events of one seed's two runs. Nothing is claimed that these don't show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tlvsft.catalog.faults import Fault
from tlvsft.catalog.methods import get_method
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison.naming import capitalise
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import Evaluated, Event, RunFailed, RunFinished, StepTaken

HIGH_FACTOR = 3.0
"""From this factor between the two variants' rates on, the higher one is taken for a mistake."""
_BLEW_UP = 2.0
"""A loss that rises beyond this times what the untrained head had has blown up."""
_LAST_STEPS = 10


@dataclass(frozen=True, kw_only=True)
class Trace:
    """One run, as far as it came.

    Attributes:
        failure: Why it couldn't be finished; empty if it could.
    """

    steps: tuple[StepTaken, ...] = ()
    evaluations: tuple[Evaluated, ...] = ()
    finish: RunFinished | None = None
    failure: str = ""

    @property
    def peak(self) -> StepTaken | None:
        """The step with the highest training loss."""
        return max(self.steps, key=lambda step: step.train_loss, default=None)

    @property
    def last_train_loss(self) -> float:
        """Mean over the last steps; 0 where there were none."""
        last = self.steps[-_LAST_STEPS:]
        return sum(step.train_loss for step in last) / max(1, len(last))

    @property
    def trained_evaluations(self) -> tuple[Evaluated, ...]:
        """The validations after the first step."""
        return tuple(event for event in self.evaluations if event.step > 0)


@dataclass(frozen=True, kw_only=True)
class Breakage:
    """What a mistake did.

    Attributes:
        shows: Whether it did the harm that it is known for, in these two runs.
        evidence: Sentences with the numbers that say so, or that say the contrary.
    """

    fault: Fault
    shows: bool
    evidence: tuple[str, ...]


Names = Mapping[Side, str]
Traces = Mapping[Side, Trace]
_Find = Callable[[ComparisonConfig, Traces, Names], Breakage]


def trace_of(events: Iterable[Event]) -> Trace:
    """What of a run's events tells of a collapse."""
    heard = tuple(events)
    return Trace(
        steps=tuple(event for event in heard if isinstance(event, StepTaken)),
        evaluations=tuple(event for event in heard if isinstance(event, Evaluated)),
        finish=next((event for event in heard if isinstance(event, RunFinished)), None),
        failure=next((event.message for event in heard if isinstance(event, RunFailed)), ""),
    )


def fault_of(config: ComparisonConfig) -> Fault | None:
    """The mistake that a comparison shows: its preset's, else what its settings amount to; `None` if there is none."""
    preset = PRESETS.get(config.preset or "")
    if preset is not None and preset.fault is not None:
        return preset.fault
    if config.label_noise:
        return "noise"
    if "train" in {config.left.batchnorm, config.right.batchnorm}:
        return "batchnorm"
    return _fault_of_rates(config)


def find_breakage(config: ComparisonConfig, traces: Traces, names: Names) -> Breakage | None:
    """What the mistake of a comparison did, in words and numbers.

    Args:
        config: What was compared; without a mistake in it the answer is `None`.
        traces: One seed's runs, each finished or failed.
        names: Of the variants.
    """
    fault = fault_of(config)
    return None if fault is None else _FINDERS[fault](config, traces, names)


def _fault_of_rates(config: ComparisonConfig) -> Fault | None:
    low, high = sorted((config.left.rate_factor, config.right.rate_factor))
    if high >= HIGH_FACTOR * low and high > 1:
        return "rate"
    thaws = {get_method(config.variant(side).method).thaws for side in SIDES}
    return "head" if low == high >= HIGH_FACTOR and thaws == {"after_probe", "at_once"} else None


def _find_rate(config: ComparisonConfig, traces: Traces, names: Names) -> Breakage:
    broken: Side = "left" if config.left.rate_factor > config.right.rate_factor else "right"
    sound: Side = "right" if broken == "left" else "left"
    peak, usual, failure = traces[broken].peak, traces[sound].peak, traces[broken].failure
    if peak is None or usual is None:
        return _broke_off("rate", traces, names, broken)
    first = traces[broken].steps[0].train_loss
    rise = (
        f"{capitalise(names[broken])}: the training loss began at {first:.1f} and came to {peak.train_loss:.1f} at "
        f"step {peak.step:,}. {capitalise(names[sound])}: it was never above {usual.train_loss:.1f}."
    )
    evidence = [
        rise,
        *_failures(traces, names),
        *_compare_tests(traces, names, broken, sound),
    ]
    shows = bool(failure) or (peak.train_loss > _BLEW_UP * first and _is_worse(traces, broken, sound))
    return Breakage(fault="rate", shows=shows, evidence=tuple(evidence))


def _find_head(config: ComparisonConfig, traces: Traces, names: Names) -> Breakage:
    sound: Side = "left" if get_method(config.left.method).thaws == "after_probe" else "right"
    broken: Side = "right" if sound == "left" else "left"
    worst = {side: _worst(traces[side]) for side in SIDES}
    cold, warm = worst[broken], worst[sound]
    if cold is None or warm is None:
        return _broke_off("head", traces, names, broken)
    rise = (
        f"{capitalise(names[broken])}, head not warmed up: the validation loss began at "
        f"{traces[broken].evaluations[0].val_loss:.2f} and came to {cold.val_loss:.2f} after {cold.step:,} steps. "
        f"{capitalise(names[sound])}: from its first validation on it was never above {warm.val_loss:.2f}."
    )
    evidence = [
        rise,
        *_failures(traces, names),
        *_compare_tests(traces, names, broken, sound),
    ]
    blown = _BLEW_UP * traces[broken].evaluations[0].val_loss
    shows = bool(traces[broken].failure) or cold.val_loss > blown >= warm.val_loss
    return Breakage(fault="head", shows=shows, evidence=tuple(evidence))


def _find_batchnorm(config: ComparisonConfig, traces: Traces, names: Names) -> Breakage:
    broken: Side = "left" if config.left.batchnorm == "train" else "right"
    sound: Side = "right" if broken == "left" else "left"
    drifted, kept = traces[broken].finish, traces[sound].finish
    if drifted is None or kept is None:
        return _broke_off("batchnorm", traces, names, broken)
    drift = (
        f"{capitalise(names[broken])}: the running statistics of {drifted.drifted_norms} of {drifted.frozen_norms} "
        f"frozen BatchNorm layers changed, though no gradient ever reached them. {capitalise(names[sound])}: those of "
        f"{kept.drifted_norms or 'none'} of {kept.frozen_norms}."
    )
    evidence = [
        drift,
        *_compare_losses(traces, names, broken, sound),
        *_compare_tests(traces, names, broken, sound),
    ]
    shows = drifted.drifted_norms > 0 and _is_worse(traces, broken, sound)
    return Breakage(fault="batchnorm", shows=shows, evidence=tuple(evidence))


def _find_noise(config: ComparisonConfig, traces: Traces, names: Names) -> Breakage:
    finishes = {side: traces[side].finish for side in SIDES}
    learnt = [finish for finish in finishes.values() if finish is not None and finish.wrong_labels]
    if not learnt:
        return _broke_off("noise", traces, names)
    evidence = [_describe_memory(config, traces[side], names[side]) for side in SIDES if finishes[side] is not None]
    evidence += [sentence for side in SIDES if (sentence := _describe_fall(traces[side], names[side]))]
    by_heart = any(2 * finish.wrong_labels_learnt >= finish.wrong_labels for finish in learnt)
    shows = by_heart and any(_describe_fall(traces[side], names[side]) for side in SIDES)
    return Breakage(fault="noise", shows=shows, evidence=(*evidence, *_failures(traces, names)))


def _describe_memory(config: ComparisonConfig, trace: Trace, name: str) -> str:
    finish = trace.finish
    assert finish is not None  # noqa: S101  the caller has looked
    loss = f", with a training loss of {trace.last_train_loss:.2f}" if trace.steps else ""
    return (
        f"{capitalise(name)} repeats {finish.wrong_labels_learnt:,} of the {finish.wrong_labels:,} wrong labels "
        f"({100 * config.label_noise:g} % of all){loss}. Of the test it has {_percent(finish.test_accuracy)} right."
    )


def _describe_fall(trace: Trace, name: str) -> str:
    """That validation was better before the end than at it; empty if it wasn't."""
    later = [event for event in trace.trained_evaluations if event.val_accuracy is not None]
    if not later:
        return ""
    best, last = max(later, key=lambda event: event.val_accuracy or 0.0), later[-1]
    if best.val_accuracy == last.val_accuracy:
        return ""
    return (
        f"{capitalise(name)} was best after {best.step:,} steps, with {_percent(best.val_accuracy)} of the validation "
        f"right; at the end, after {last.step:,}, it was {_percent(last.val_accuracy)}."
    )


def _compare_tests(traces: Traces, names: Names, broken: Side, sound: Side) -> list[str]:
    found = {
        names[side]: accuracy for side in (broken, sound) if (accuracy := _test_accuracy(traces[side])) is not None
    }
    parts = [f"{_percent(accuracy)} for {_inside(name)}" for name, accuracy in found.items()]
    return [f"Test accuracy: {', '.join(parts)}."] if parts else []


def _compare_losses(traces: Traces, names: Names, broken: Side, sound: Side) -> list[str]:
    """What each learnt, and what of that holds on other examples."""
    return [
        f"{capitalise(names[side])}: a training loss of {traces[side].last_train_loss:.2f} at the end, and "
        f"{traces[side].evaluations[-1].val_loss:.2f} on validation."
        for side in (broken, sound)
        if traces[side].evaluations
    ]


def _worst(trace: Trace) -> Evaluated | None:
    return max(trace.trained_evaluations, key=lambda event: event.val_loss, default=None)


def _is_worse(traces: Traces, broken: Side, sound: Side) -> bool:
    mine, theirs = (_test_accuracy(traces[side]) for side in (broken, sound))
    return mine is not None and theirs is not None and mine < theirs


def _test_accuracy(trace: Trace) -> float | None:
    return None if trace.finish is None else trace.finish.test_accuracy


def _failures(traces: Traces, names: Names) -> list[str]:
    return [f"{capitalise(names[side])} broke off: {traces[side].failure}" for side in SIDES if traces[side].failure]


def _broke_off(fault: Fault, traces: Traces, names: Names, broken: Side | None = None) -> Breakage:
    """There are no figures to compare: what shows is at most that the broken side alone failed in training."""
    failed = {side for side in SIDES if traces[side].failure}
    shows = broken is not None and failed == {broken} and bool(traces[broken].steps)
    return Breakage(fault=fault, shows=shows, evidence=tuple(_failures(traces, names)))


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _inside(name: str) -> str:
    """A title inside a sentence: `full fine-tuning (rates × 100)`, but `LoRA`."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


_FINDERS: dict[Fault, _Find] = {
    "rate": _find_rate,
    "head": _find_head,
    "batchnorm": _find_batchnorm,
    "noise": _find_noise,
}
