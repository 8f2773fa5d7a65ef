"""When both have finished: the verdict and the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from tlvsft.comparison import Verdict
from tlvsft.comparison.decisions import describe_decision
from tlvsft.comparison.figures import operations, percent, seconds
from tlvsft.config import SIDES, ComparisonConfig, Side
from tlvsft.events import RunFinished, RunStarted
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.feed import RunProgress
from tlvsft.ui.forgetting import forgetting_sentence, mean_of, perplexity_of
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.starts import describe_way
from tlvsft.ui.texts import WINNER_WORDS, perplexity_change, predicts_words, side_names


def verdict_html(verdict: Verdict | None, *, waiting_for: str) -> Markup:
    """The verdict in a sentence, in the winner's colour; before there is one, what will stand here."""
    heading = element("h2", "Verdict")
    if verdict is None:
        return element("section", heading, element("p", waiting_for, class_="empty"), class_="card verdict-card")
    badge = element("span", WINNER_WORDS[verdict.winner], class_=f"badge {verdict.winner}")
    statement = element("p", verdict.statement, id="verdict")
    return element(
        "section", heading, badge, statement, decided_html(verdict), class_=f"card verdict-card {verdict.winner}"
    )


def decided_html(verdict: Verdict) -> Markup:
    """How the verdict was reached, to be opened: test, figures, reason and sources."""
    figures, sources = describe_decision(verdict)
    return element(
        "details",
        element("summary", "How this was decided"),
        element("p", figures),
        element("p", sources, class_="facts"),
        class_="decided",
    )


def results_html(comparison: ComparisonRecord | None, progress: Mapping[str, RunProgress]) -> Markup:
    """The two variants in numbers: means over the seeds where there are several."""
    heading = element("h2", "In numbers")
    if comparison is None or not comparison.is_finished:
        empty = "What the test found, the time and the trained parameters of both will stand here."
        return element("section", heading, element("p", empty, class_="empty"), class_="card")
    config = comparison.config
    names = side_names(config)
    runs = {side: [progress[run.id] for run in comparison.runs if run.side == side] for side in SIDES}
    columns = {side: _column(config, runs[side]) for side in SIDES}
    head = element(
        "tr", element("td"), *[element("th", _dotted(names[side]), scope="col", class_=side) for side in SIDES]
    )
    rows = [
        element("tr", element("th", label, scope="row"), *[element("td", columns[side][label]) for side in SIDES])
        for label in columns["left"]
    ]
    table = element("table", element("thead", head), element("tbody", *rows), class_="numbers")
    notes = [element("p", note, class_="facts") for note in _notes(config, runs)]
    return element("section", heading, table, *notes, class_="card")


def _column(config: ComparisonConfig, runs: Sequence[RunProgress]) -> dict[str, str]:
    done = [(run.started, run.finish) for run in runs if run.started and run.finish]
    started, finishes = done[0][0], [finish for _, finish in done]
    intact = {finish.frozen_intact for finish in finishes}
    drifted = max(finish.drifted_norms for finish in finishes)
    broken = f"✗ no: {drifted} BatchNorm layers have other statistics" if drifted else "✗ no"
    frozen = "nothing frozen" if intact == {None} else "✓ yes, bit for bit" if False not in intact else broken
    scores = _perplexities(finishes) if predicts_words(config) else _accuracies(finishes)
    return scores | {
        "Time": seconds(fmean(finish.cost_s for finish in finishes)),
        "Time, training alone": seconds(fmean(finish.train_s for finish in finishes)),
        "FLOPs of training": operations(mean_of(finishes, lambda finish: finish.train_flops)),
        "Trained parameters": f"{started.trainable_parameters:,} of {started.total_parameters:,}",
        "Frozen weights intact": frozen,
        "Frozen blocks computed once": _saving(started, finishes),
    }


def _saving(started: RunStarted, finishes: Sequence[RunFinished]) -> str:
    blocks = max(finish.prefix_blocks for finish in finishes)
    speedups = [finish.prefix_speedup for finish in finishes if finish.prefix_speedup is not None]
    if not blocks:
        return "none"
    numbered = sum(block.name.isdigit() for block in started.blocks)
    faster = f", epochs {fmean(speedups):,.1f} × faster" if speedups else ""
    return f"{blocks} of {numbered}{faster}"


def _accuracies(finishes: Sequence[RunFinished]) -> dict[str, str]:
    accuracy = mean_of(finishes, lambda finish: finish.test_accuracy)
    macro_f1 = mean_of(finishes, lambda finish: finish.test_macro_f1)
    return {
        "Test accuracy": "–" if accuracy is None else percent(accuracy),
        "Macro-F1": "–" if macro_f1 is None else f"{macro_f1:.3f}",
    }


def _perplexities(finishes: Sequence[RunFinished]) -> dict[str, str]:
    return {
        "Perplexity, test texts": perplexity_change(
            perplexity_of(finishes, lambda finish: finish.perplexity_before),
            perplexity_of(finishes, lambda finish: finish.perplexity),
        ),
        "Perplexity, general English": perplexity_change(
            perplexity_of(finishes, lambda finish: finish.source_perplexity_before),
            perplexity_of(finishes, lambda finish: finish.source_perplexity_after),
        ),
    }


def _notes(config: ComparisonConfig, runs: Mapping[Side, Sequence[RunProgress]]) -> list[str]:
    """What the table means, which way each variant came, and over how many seeds the means go."""
    notes = []
    names = side_names(config)
    if predicts_words(config):
        finishes = {side: [run.finish for run in runs[side] if run.finish] for side in SIDES}
        notes += [forgetting_sentence(names, finishes), "Before is the untouched model; lower is better."]
    ways = {side: describe_way(config.backbone, runs[side][0].lineage, config.task) for side in SIDES}
    notes += [f"{names[side]}: {ways[side]}." for side in SIDES if runs[side][0].lineage]
    reused_s = {side: fmean(run.finish.reused_s for run in runs[side] if run.finish) for side in SIDES}
    notes += [
        f"{names[side]}: an earlier run had computed the same frozen blocks; its {seconds(reused_s[side])} count here."
        for side in SIDES
        if reused_s[side]
    ]
    if config.seeds > 1:
        notes.append(f"Means over {config.seeds} seeds.")
    return [note for note in notes if note]


def _dotted(name: str) -> Markup:
    return join([element("span", class_="dot", aria_hidden="true"), name])
