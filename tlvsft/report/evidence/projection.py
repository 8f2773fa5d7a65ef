"""Where the test examples lie: before, after the left side's training and after the right one's, on the same axes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tlvsft.comparison.evidence.projection import PANELS, Change, Panel, Places, ProjectionEvidence
from tlvsft.comparison.figures import percent
from tlvsft.comparison.naming import capitalise
from tlvsft.config import SIDES
from tlvsft.report.legends import side_name
from tlvsft.report.markup import Markup, element
from tlvsft.report.tables import sign_of, table

MOST_SHOWN = 10
"""Classes with a colour of their own; colours are only the second sign, the first is the letter."""
SIDE = 320
_MARGIN = 12.0
_OTHER = "·"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PCA = "Principal components: the two directions along which the examples of all three pictures together vary most"
_TSNE_WARNING = (
    "t-SNE puts near each other what has the same neighbours. Distances between groups, their sizes and their places "
    "mean nothing; only who is mixed with whom does."
)
_MEASURES = (
    "The silhouette says how much nearer an example lies to its own class than to the nearest other one: 1 is "
    "far apart, 0 mixed, below 0 nearer to others. It is measured in all features, and so is who the nearest neighbour "
    "is: not in a picture."
)
_NO_TSNE = "t-SNE takes some seconds more: it isn't there yet."


@dataclass(frozen=True)
class ClassSign:
    """How the examples of one class are drawn.

    Attributes:
        sign: One character.
        style: Its class in the style sheet.
        name: What it stands for.
        examples: Numbers of its examples.
    """

    sign: str
    style: str
    name: str
    examples: tuple[int, ...]


def projection_drawing(evidence: ProjectionEvidence) -> Markup:
    """Both projections, each with three pictures on one scale, the legend, and the numbers from the whole space."""
    signs = class_signs(evidence.labels, evidence.class_names)
    first, second = (percent(share) for share in evidence.kept)
    kept = f"{_PCA}. They keep {first} and {second} of the variance; what else there is, this picture can't show."
    parts = [
        _legend(signs),
        element("h4", "PCA"),
        _maps(evidence, evidence.pca, signs, "PCA"),
        element("p", kept, class_="facts"),
        element("h4", "t-SNE"),
    ]
    if evidence.tsne is None:  # the pictures have their room before they come
        parts += [_maps(evidence, None, signs, "t-SNE"), element("p", _NO_TSNE, class_="facts tsne-missing")]
    else:
        how = (
            f"Fitted to all three pictures together: perplexity {evidence.tsne.perplexity:.0f}, "
            f"{evidence.tsne.iterations:,} iterations, always the same start (PCA) and seed."
        )
        parts += [
            _maps(evidence, evidence.tsne.places, signs, "t-SNE"),
            element("p", f"{_TSNE_WARNING} {how}", class_="facts"),
        ]
    return element(
        "div",
        *parts,
        element("h4", "In all features"),
        _numbers(evidence),
        element("p", _MEASURES, class_="facts"),
        _notes(evidence),
        class_="maps",
    )


def class_signs(labels: Sequence[int], class_names: Sequence[str]) -> list[ClassSign]:
    """The most frequent classes, in their order, each with a letter and a colour; the others together."""
    counts = Counter(labels)
    ordered = sorted(counts, key=lambda label: (-counts[label], label))
    shown = sorted(ordered[:MOST_SHOWN])
    letters = _letters([class_names[label] for label in shown])
    signs = [
        ClassSign(letter, f"k{place}", class_names[label], _of(labels, {label}))
        for place, (label, letter) in enumerate(zip(shown, letters, strict=True))
    ]
    others = set(ordered[MOST_SHOWN:])
    if others:
        signs.append(ClassSign(_OTHER, "k-other", f"{len(others):,} other classes", _of(labels, others)))
    return signs


def _of(labels: Sequence[int], wanted: set[int]) -> tuple[int, ...]:
    return tuple(number for number, label in enumerate(labels) if label in wanted)


def _letters(names: Sequence[str]) -> list[str]:
    """The names' own first letters where these tell them apart, else A, B, C and so on."""
    own = [name[:1].upper() for name in names]
    usable = len(set(own)) == len(own) and all(len(letter) == 1 and letter.isalnum() for letter in own)
    return own if usable else list(_LETTERS[: len(names)])


def _legend(signs: Sequence[ClassSign]) -> Markup:
    entries = [
        element(
            "li",
            element("b", sign.sign, class_=sign.style, aria_hidden=sign.sign != sign.name, translate="no"),
            *(
                [" ", element("span", sign.name, translate="no" if sign.sign != _OTHER else None)]
                if sign.sign != sign.name
                else []
            ),
        )
        for sign in signs
    ]
    return element("ul", *entries, class_="map-legend")


def _maps(evidence: ProjectionEvidence, places: Places | None, signs: Sequence[ClassSign], method: str) -> Markup:
    """Three pictures with the same axes, empty ones without places."""
    drawn = _scale(places) if places else {panel: [] for panel in PANELS}
    figures = []
    for panel in PANELS:
        title = f"{method}: where {len(evidence.labels):,} test examples lie {_when(evidence, panel)}"
        caption = element("figcaption", _heading(evidence, panel))
        figures.append(element("figure", caption, _map(drawn[panel], signs if places else [], title)))
    return element("div", *figures, class_="map-row")


def _scale(places: Places) -> dict[Panel, list[tuple[float, float]]]:
    """Places on the paper: all pictures have one scale and one middle, up is up."""
    xs, ys = ([pair[axis] for panel in PANELS for pair in places[panel]] for axis in (0, 1))
    reach = max(max(xs) - min(xs), max(ys) - min(ys)) or 1.0
    middle = ((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2)
    scale = (SIDE - 2 * _MARGIN) / reach
    return {
        panel: [
            (round(SIDE / 2 + (x - middle[0]) * scale, 1), round(SIDE / 2 - (y - middle[1]) * scale, 1))
            for x, y in places[panel]
        ]
        for panel in PANELS
    }


def _map(drawn: Sequence[tuple[float, float]], signs: Sequence[ClassSign], title: str) -> Markup:
    """One picture: one text for each class, whose letters each have a place."""
    texts = [
        element(
            "text",
            sign.sign * len(sign.examples),
            class_=f"point {sign.style}",
            x=" ".join(f"{drawn[number][0]:g}" for number in sign.examples),
            y=" ".join(f"{drawn[number][1]:g}" for number in sign.examples),
            translate="no",
        )
        for sign in reversed(signs)
    ]
    frame = element("rect", class_="grid", x=0.5, y=0.5, width=SIDE - 1, height=SIDE - 1)
    return element(
        "svg",
        element("title", title),
        frame,
        *texts,
        viewBox=f"0 0 {SIDE} {SIDE}",
        role="img",
        class_="drawn map",
    )


def _heading(evidence: ProjectionEvidence, panel: Panel) -> Markup:
    if panel == "before":
        return element("b", "Before")
    as_before = " (as before)" if evidence.sides[panel].is_same else ""
    return element("b", sign_of(panel), capitalise(evidence.names[panel]), as_before, class_=panel)


def _when(evidence: ProjectionEvidence, panel: Panel) -> str:
    return "before training" if panel == "before" else f"after {evidence.names[panel]}"


def _numbers(evidence: ProjectionEvidence) -> Markup:
    rows: list[list[str | Markup | None]] = [
        ["before training", f"{evidence.silhouette:.3f}", "", percent(evidence.nearest_is_alike), ""]
    ]
    for side in SIDES:
        found = evidence.sides[side]
        silhouette, alike = found.silhouette, found.nearest_is_alike
        rows.append(
            [
                side_name(evidence.names, side),
                f"{silhouette.value:.3f}",
                "the same" if found.is_same else _gain(silhouette, lambda value: f"{value:+.3f}"),
                percent(alike.value),
                "the same" if found.is_same else _gain(alike, lambda value: f"{100 * value:+.1f}"),
            ]
        )
    over = (
        f"; means over {evidence.seeds} seeds, the pictures are of seed {evidence.seed}" if evidence.seeds > 1 else ""
    )
    heads = ["", "silhouette", "more (95 % interval)", "nearest neighbour alike", "points more (95 % interval)"]
    return table(
        heads, rows, caption=f"Of {len(evidence.labels):,} test examples, in all features{over}", class_="numbers"
    )


def _gain(change: Change, write: Callable[[float], str]) -> str:
    """A difference with its interval."""
    difference, low, high = (write(value).replace("-", "−") for value in (change.difference, *change.ci95))
    return f"{difference} ({low} to {high})"


def _notes(evidence: ProjectionEvidence) -> Markup | None:
    controls = [evidence.names[side] for side in SIDES if evidence.sides[side].is_control]
    if not controls:
        return None
    words = (
        f"{capitalise(' and '.join(controls))}: random weights at the start, so no feature has to do with one of the "
        "pretrained backbone. Places can't be compared with those before, only how the classes are mixed."
    )
    return element("p", words, class_="facts")
