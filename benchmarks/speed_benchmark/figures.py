"""The figures that are reported, by the keys of issue 5, and what they have to reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["pass", "fail", "not measured", ""]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of the report.

    Attributes:
        key: Its name in the JSON.
        item: The number of the item that measures it.
        meaning: In words.
        least: It has to be at least this much.
        most: It may be at most this much; figures with neither are reported only.
        is_open: Whether `most` itself is too much.
    """

    key: str
    item: int
    meaning: str
    least: float | None = None
    most: float | None = None
    is_open: bool = False

    @property
    def target(self) -> str:
        """In words; empty where there is none."""
        if self.least is not None and self.most is not None:
            return f"{self.least:g} to {self.most:g}"
        if self.least is not None:
            return f"≥ {self.least:g}"
        return "" if self.most is None else f"{'<' if self.is_open else '≤'} {self.most:g}"

    def status(self, value: float | None) -> Status:
        """Whether a value is good enough; empty where nothing is asked."""
        if value is None:
            return "not measured"
        if not self.target:
            return ""
        return "pass" if self._reached(value) else "fail"

    def _reached(self, value: float) -> bool:
        if self.least is not None and value < self.least:
            return False
        return self.most is None or value < self.most or (value == self.most and not self.is_open)


FIGURES = (
    Figure(key="probe_vs_trainer", item=1, least=8, meaning="Trainer ÷ ours, linear_probe, 10 epochs"),
    Figure(key="probe_vs_pass", item=1, most=1.2, meaning="ours ÷ one inference pass over the same texts"),
    Figure(key="half_vs_trainer", item=2, least=1.6, meaning="Trainer ÷ ours, lower half frozen, 5 epochs"),
    Figure(key="full_vs_half", item=2, meaning="full ÷ half, both ours, training loop"),
    Figure(key="full_vs_half_flops", item=2, meaning="the same, as counted FLOPs predict it"),
    Figure(key="full_vs_half_vs_flops", item=2, least=0.85, most=1.15, meaning="measured ÷ predicted"),
    Figure(key="full_vs_half_wall", item=2, meaning="full ÷ half, both ours, whole runs"),
    Figure(key="full_vs_trainer", item=3, least=1.5, meaning="Trainer at its defaults ÷ ours, full, 3 epochs"),
    Figure(key="full_vs_trainer_equal", item=3, meaning="the same at equal batch size and precision"),
    Figure(key="full_vs_plain_loop", item=3, least=0.95, meaning="a hand-written loop ÷ ours, full, 3 epochs"),
    Figure(key="pair_vs_sum", item=4, most=0.65, meaning="two full runs at once ÷ one after the other, book-reviews"),
    Figure(key="pair_vs_sum_training", item=4, meaning="the same without the start and the end of the processes"),
    Figure(key="pair_vs_sum_digits", item=4, meaning="two full runs at once ÷ one after the other, digits, 50 labels"),
    Figure(
        key="pair_vs_sum_digits_training", item=4, meaning="the same without the start and the end of the processes"
    ),
    Figure(key="default_pair_s", item=4, meaning="the default preset, from submitted to over, seconds"),
    Figure(key="click_to_point_s", item=5, most=1.0, meaning="from click to first point on screen, warm, seconds"),
    Figure(key="start_to_page_s", item=5, most=8, meaning="from python app.py to an answering page, seconds"),
    Figure(key="viewers_p50_ms", item=6, most=50, meaning="50 viewers' polls, median, milliseconds"),
    Figure(key="viewers_p95_ms", item=6, most=250, meaning="50 viewers' polls, 95 % are quicker than, milliseconds"),
    Figure(key="viewers_slowdown", item=6, most=0.10, is_open=True, meaning="how much they slow the training, a share"),
    Figure(key="growth", item=7, meaning="time per step at 100,000 rows ÷ at 1,000 rows, the worst"),
    Figure(key="growth_spread", item=7, most=0.10, meaning="time per step: largest ÷ smallest size − 1, the worst"),
    Figure(key="growth_memory_mb", item=7, meaning="peak resident memory at 100,000 rows, the worst, MB"),
    Figure(key="peak_fraction", item=7, meaning="share of the machine's measured matmul peak that full reaches"),
)


def any_missed(values: Mapping[str, Any]) -> bool:
    """Whether a figure that was measured missed its target."""
    return any(figure.status(values.get(figure.key)) == "fail" for figure in FIGURES)


def keys_of(item: int) -> tuple[str, ...]:
    """The keys that an item measures."""
    return tuple(figure.key for figure in FIGURES if figure.item == item)
