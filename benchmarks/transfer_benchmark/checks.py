"""What the backbones have to reach ("Done when" of issue 3), checked on what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from benchmarks.transfer_benchmark.estimates import Accuracies, Estimate
from benchmarks.transfer_benchmark.grid import BAG_OF_WORDS, MOBILENET, SEEDS
from benchmarks.transfer_benchmark.label_ratio import HEADLINE_LABELS, headline, label_ratios

Status = Literal["pass", "fail", "not measured"]
_ROUNDING = 1e-9

_DIGITS = ("digits", "glyphs-resnet")
_GENRES = ("book-genres", "wiki-gpt")
_TOPICS = ("ag-news", "wiki-gpt")
_MOVIES = ("movie-reviews", "wiki-gpt")
_CIFAR = ("cifar10-small", "photos-resnet")
_INSECTS = ("hymenoptera", MOBILENET)

BEST = "best pretrained"
LEAST_RATIO = 4.0


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What a method has to reach.

    Attributes:
        place: Dataset and backbone.
        method: A method, or `BEST`.
        rival: Whom it is compared with; without one its accuracy counts.
        least: Accuracy, or lead over the rival; `None` asks that it is level with the rival, that is, not significantly
            worse: the 95 % interval of the difference isn't all below zero.
    """

    place: tuple[str, str]
    labels: int | None
    method: str
    rival: str | None = None
    least: float | None = None

    @property
    def name(self) -> str:
        """In words."""
        dataset, backbone = self.place
        where = f"{dataset} on {backbone}" if backbone == MOBILENET else dataset
        labels = "all" if self.labels is None else f"{self.labels:,}"
        return f"{where}, {labels} labels: {self.method}{f' − {self.rival}' if self.rival else ''}"

    @property
    def target(self) -> str:
        """In words."""
        if self.least is None:
            return "not below 0"
        return f"≥ {100 * self.least:.1f} {'points' if self.rival else '%'}"

    def is_kept(self, found: Estimate) -> bool:
        """Whether what was measured is enough."""
        if self.least is None:
            return found.interval is not None and found.interval[1] >= 0
        return found.mean is not None and found.mean >= self.least - _ROUNDING


PROMISES = (
    Promise(place=_DIGITS, labels=50, method="linear_probe", least=0.90),
    Promise(place=_DIGITS, labels=50, method="full", least=0.95),
    Promise(place=_DIGITS, labels=50, method="full", rival="from_scratch", least=0.08),
    Promise(place=_GENRES, labels=None, method="linear_probe", rival="random_features", least=0.15),
    Promise(place=_GENRES, labels=None, method=BEST, rival="from_scratch", least=0.10),
    Promise(place=_GENRES, labels=None, method=BEST, rival=BAG_OF_WORDS),
    Promise(place=_TOPICS, labels=200, method="linear_probe", least=0.76),
    Promise(place=_TOPICS, labels=200, method=BEST, least=0.80),
    Promise(place=_MOVIES, labels=200, method=BEST, rival="from_scratch", least=0.05),
    Promise(place=_MOVIES, labels=200, method=BEST, rival=BAG_OF_WORDS),
    Promise(place=_MOVIES, labels=5_000, method="full", least=0.75),
    Promise(place=_CIFAR, labels=500, method="linear_probe", rival="from_scratch", least=0.10),
    Promise(place=_INSECTS, labels=None, method="linear_probe", least=0.88),
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One promise.

    Attributes:
        target: In words.
        measured: An accuracy, a difference of accuracies, or a label ratio.
        interval: Its 95 % interval over seeds, where there is one.
        status: `not measured` also where fewer than 5 seeds were.
        detail: What a reader should know besides.
    """

    name: str
    target: str
    measured: float | None = None
    interval: tuple[float, float] | None = None
    status: Status = "not measured"
    detail: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready data."""
        return asdict(self)


def run_checks(accuracies: Accuracies) -> list[Check]:
    """Every check; the label ratio on digits comes last."""
    return [*(_check(accuracies, promise) for promise in PROMISES), _check_ratio(accuracies)]


def any_failed(checks: Sequence[Check]) -> bool:
    """Whether a check that was measured missed its target."""
    return any(check.status == "fail" for check in checks)


def _check(accuracies: Accuracies, promise: Promise) -> Check:
    labels = promise.labels
    method = accuracies.best_pretrained(*promise.place, labels) if promise.method == BEST else promise.method
    found = None
    if method is not None:
        found = (
            accuracies.difference(*promise.place, (method, promise.rival), labels)
            if promise.rival
            else accuracies.at(*promise.place, method, labels)
        )
    if method is None or found is None:
        return Check(name=promise.name, target=promise.target)
    status: Status = "pass" if promise.is_kept(found) else "fail"
    notes = [method] if promise.method == BEST else []
    if found.failed:
        status = "fail"
        notes.append(f"{found.failed} runs failed")
    elif found.n < SEEDS:
        status = "not measured"
        notes.append(f"{found.n} of {SEEDS} seeds")
    return Check(
        name=promise.name,
        target=promise.target,
        measured=found.mean,
        interval=found.interval,
        status=status,
        detail=", ".join(notes),
    )


def _check_ratio(accuracies: Accuracies) -> Check:
    name = f"digits, {HEADLINE_LABELS} labels: label ratio"
    target = f"≥ {LEAST_RATIO:g} ×"
    found = headline(label_ratios(accuracies, *_DIGITS))
    if found is None:
        return Check(name=name, target=target)
    scratch = accuracies.curve(*_DIGITS, "from_scratch").values()
    best = accuracies.at(*_DIGITS, found.method, found.labels)
    seeds = min(estimate.n for estimate in (best, *scratch) if estimate)
    detail = f"{found.method}; from_scratch needs {'' if found.bound == '=' else found.bound + ' '}{found.needed:.0f}"
    status: Status = "pass" if found.ratio >= LEAST_RATIO and found.bound != "<" else "fail"
    if seeds < SEEDS or (status == "fail" and found.bound == ">"):
        status = "not measured"  # too little is known from scratch to tell
    return Check(name=name, target=target, measured=found.ratio, status=status, detail=detail)
