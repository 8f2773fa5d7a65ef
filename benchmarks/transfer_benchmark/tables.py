"""Results for people: text for a terminal, Markdown for `benchmarks/README.md`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from benchmarks.markdown import markdown_table
from benchmarks.transfer_benchmark.checks import Check
from benchmarks.transfer_benchmark.estimates import Accuracies, Curve, Estimate
from benchmarks.transfer_benchmark.grid import SEEDS
from benchmarks.transfer_benchmark.label_ratio import LabelRatio, headline, label_ratios
from tlvsft.cli.output import format_table

Rows = list[Sequence[str]]
NOTHING = "–"
CAPTION = (
    f"Test accuracy in %: mean over {SEEDS} seeds ± half of its 95 % interval (Student's t). All seeds share one test\n"
    "split: the intervals are about label subsets, first weights and batch order, not about other test examples.\n"
    "Label ratio: labels that from_scratch needs / labels that the better of linear_probe and full needs for the same\n"
    "accuracy; '>' where from_scratch never got there within what was measured."
)


def write_text(accuracies: Accuracies, checks: Sequence[Check]) -> str:
    """Everything as text."""
    parts = [CAPTION]
    for panel in accuracies.panels():
        rows = panel_rows(accuracies, *panel)
        parts.append(f"{' · '.join(panel)}\n{_write_rows(rows)}")
    parts.append(f"Label ratios\n{_write_rows(ratio_rows(accuracies), numbers=(2, 4, 5))}")
    parts.append(f"Done when\n{_write_rows(check_rows(checks), numbers=(1, 2))}")
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def write_markdown(accuracies: Accuracies, checks: Sequence[Check]) -> str:
    """The same in Markdown."""
    parts = [CAPTION]
    for dataset, backbone in accuracies.panels():
        parts.append(f"### {dataset} · {backbone}\n\n{markdown_table(panel_rows(accuracies, dataset, backbone))}")
    parts.append(f"### Label ratios\n\n{markdown_table(ratio_rows(accuracies))}")
    parts.append(f"### Done when\n\n{markdown_table(check_rows(checks))}")
    return "\n\n".join(parts) + "\n"


def panel_rows(accuracies: Accuracies, dataset: str, backbone: str) -> Rows:
    """One row per method, one column per number of labels, and a row of label ratios."""
    curves = {method: accuracies.curve(dataset, backbone, method) for method in accuracies.methods(dataset, backbone)}
    counts = _columns(curves.values())
    rows: Rows = [("method", *(_label_header(count, curves.values()) for count in counts))]
    for method, curve in curves.items():
        rows.append((method, *(_cell(curve.get(count)) for count in counts)))
    ratios = {ratio.labels: str(ratio) for ratio in label_ratios(accuracies, dataset, backbone)}
    sizes = [_examples(count, curves.values()) for count in counts]
    if ratios:
        rows.append(("label ratio", *(ratios.get(size, NOTHING) for size in sizes)))
    return rows


def ratio_rows(accuracies: Accuracies) -> Rows:
    """The headline of each dataset and backbone."""
    rows: Rows = [("dataset", "backbone", "labels", "method", "accuracy", "label ratio")]
    for dataset, backbone in accuracies.panels():
        if found := headline(label_ratios(accuracies, dataset, backbone)):
            rows.append((dataset, backbone, str(found.labels), found.method, _percent(found.accuracy), _times(found)))
    return rows


def check_rows(checks: Sequence[Check]) -> Rows:
    """One row per check."""
    rows: Rows = [("check", "target", "measured", "95 % interval", "status", "")]
    for check in checks:
        write = _unit(check)
        measured = NOTHING if check.measured is None else write(check.measured)
        interval = f"{write(check.interval[0])} to {write(check.interval[1])}" if check.interval else ""
        rows.append((check.name, check.target, measured, interval, check.status, check.detail))
    return rows


def _unit(check: Check) -> Callable[[float], str]:
    if check.target.endswith("×"):
        return lambda value: f"{value:.1f}"
    # With two decimals: 94.96 is below 95.0, and the row should show why it says "fail".
    return (lambda value: f"{100 * value:.2f}") if check.target.endswith("%") else lambda value: f"{100 * value:+.2f}"


def _columns(curves: Collection[Curve]) -> list[int | None]:
    counts = {count for curve in curves for count in curve}
    return sorted(counts, key=lambda count: (count is None, count))


def _label_header(count: int | None, curves: Collection[Curve]) -> str:
    return f"all ({_examples(count, curves):,})" if count is None else f"{count:,}"


def _examples(count: int | None, curves: Collection[Curve]) -> int:
    return count or max(curve[None].examples for curve in curves if None in curve)


def _cell(found: Estimate | None) -> str:
    if found is None:
        return NOTHING
    if found.mean is None:
        return "failed"
    text = _percent(found.mean) + ("" if found.half_width is None else f" ± {100 * found.half_width:.1f}")
    notes = [f"n={found.n}"] if found.n + found.failed != SEEDS else []
    notes += [f"{found.failed} failed"] if found.failed else []
    return f"{text} ({', '.join(notes)})" if notes else text


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def _times(found: LabelRatio) -> str:
    return f"{found} ×"


def _write_rows(rows: Rows, *, numbers: Sequence[int] | None = None) -> str:
    return format_table(rows, right_aligned=range(1, len(rows[0])) if numbers is None else numbers)
