"""The pictures of where test examples lie: letters, colours, one scale, a legend, and no data that becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tlvsft.catalog.paths import ASSETS
from tlvsft.comparison.evidence.projection import Apartness, Change, ProjectionEvidence, Tsne
from tlvsft.report.evidence.projection import MOST_SHOWN, SIDE, class_signs, projection_drawing

MOVED = Apartness(
    silhouette=Change(value=0.5, difference=0.25, ci95=(-0.05, 0.4)),
    nearest_is_alike=Change(value=0.75, difference=0.25, ci95=(0.05, 0.4)),
    is_same=False,
    is_control=False,
)
STILL = Change(value=0.25, difference=0.0, ci95=(0.0, 0.0))
PLACES = {
    "before": [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)],
    "left": [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)],
    "right": [(0.0, -1.0), (2.0, 0.0), (0.0, 1.0), (-2.0, 0.0)],
}
EVIDENCE = ProjectionEvidence(
    names={"left": "linear probe", "right": "full fine-tuning"},
    class_names=("<script>x</script>", "dog"),
    labels=(0, 1, 0, 1),
    examples=(3, 4, 5, 6),
    seed=0,
    seeds=1,
    silhouette=0.25,
    nearest_is_alike=0.5,
    sides={"left": Apartness(silhouette=STILL, nearest_is_alike=STILL, is_same=True, is_control=False), "right": MOVED},
    pca=PLACES,
    kept=(0.4, 0.125),
    tsne=None,
)


def test_three_pictures_on_one_scale() -> None:
    drawn = projection_drawing(EVIDENCE)
    assert drawn.count("<svg") == 6
    assert drawn.count("<text") == 3 * 2  # those of t-SNE are empty yet
    first, second = re.findall(r'<text class="point k1" x="([\d. ]+)" y="([\d. ]+)"', drawn)[0:3:2]
    # The widest range is 4, from -2 to 2 across: a unit is (320 - 24) / 4 = 74, and 0 is in the middle.
    assert first == ("234 86", "160 160")
    assert second == ("308 12", "160 160")
    assert '<svg viewBox="0 0 320 320" role="img" class="drawn map">' in drawn  # its title is no data
    assert "They keep 40.0 % and 12.5 % of the variance" in drawn
    assert "t-SNE takes some seconds more" in drawn
    with_tsne = projection_drawing(
        replace(EVIDENCE, tsne=Tsne(perplexity=30, iterations=1000, seed=0, divergence=0.5, places=PLACES))
    )
    assert with_tsne.count("<svg") == 6
    assert with_tsne.count("<text") == 6 * 2
    assert "Distances between groups, their sizes and their places mean nothing" in with_tsne
    assert "perplexity 30, 1,000 iterations" in with_tsne


def test_points_that_all_lie_together_are_in_the_middle() -> None:
    together = {panel: [(5.0, 5.0)] * 4 for panel in PLACES}
    assert 'x="160 160"' in projection_drawing(replace(EVIDENCE, pca=together))
    assert SIDE == 320


def test_the_table_has_the_numbers_and_what_stayed() -> None:
    drawn = projection_drawing(EVIDENCE)
    for words in ("75.0 %", "+25.0 (+5.0 to +40.0)", "0.500", "+0.250 (−0.050 to +0.400)", ">the same<", "(as before)"):
        assert words in drawn
    assert "pictures are of seed 0" in projection_drawing(replace(EVIDENCE, seeds=3))


def test_names_of_classes_never_become_markup() -> None:
    drawn = projection_drawing(EVIDENCE)
    assert "<script>" not in drawn
    assert "&lt;script&gt;x&lt;/script&gt;" in drawn
    assert [sign.sign for sign in class_signs(EVIDENCE.labels, EVIDENCE.class_names)] == ["A", "B"]


def test_names_give_their_letters_where_these_tell_them_apart() -> None:
    labels = (0, 1, 2)
    assert [sign.sign for sign in class_signs(labels, ("negative", "positive", "8"))] == ["N", "P", "8"]
    assert [sign.sign for sign in class_signs(labels, ("dog", "deer", "cat"))] == ["A", "B", "C"]
    assert [sign.sign for sign in class_signs(labels, ("ßa", "", "cat"))] == ["A", "B", "C"]  # ß has no single capital


def test_of_many_classes_the_most_frequent_have_letters() -> None:
    labels = tuple(number for number in range(14) for _ in range(2 if number < 12 else 5))
    signs = class_signs(labels, tuple(f"class {number}" for number in range(14)))
    assert len(signs) == MOST_SHOWN + 1
    assert [sign.name for sign in signs][-3:] == ["class 12", "class 13", "4 other classes"]
    assert sum(len(sign.examples) for sign in signs) == len(labels)
    assert (signs[-1].sign, signs[-1].style) == ("·", "k-other")


def test_a_control_is_explained() -> None:
    control = replace(EVIDENCE, sides={**EVIDENCE.sides, "right": replace(MOVED, is_control=True)})
    assert "Full fine-tuning: random weights at the start" in projection_drawing(control)
    assert "random weights" not in projection_drawing(EVIDENCE)


def _channels(colour: str) -> list[float]:
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def _luminance(channels: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("ink", "grounds"), [("#17212b", ("#ffffff", "#f5f6f8")), ("#e9eef3", ("#161e26", "#0e141a"))])
def test_every_class_can_be_seen_in_light_and_dark(ink: str, grounds: tuple[str, str]) -> None:
    sheet = (ASSETS / "css" / "figures_projection.css").read_text(encoding="utf-8")
    mixed = re.findall(r"\.k(\d) \{ --class: color-mix\(in srgb, (#\w{6}) (\d+)%, var\(--ink\)\)", sheet)
    assert [int(place) for place, _, _ in mixed] == list(range(MOST_SHOWN))
    for _, colour, part in mixed:
        share = int(part) / 100
        seen = [share * c + (1 - share) * i for c, i in zip(_channels(colour), _channels(ink), strict=True)]
        for ground in grounds:
            low, high = sorted((_luminance(seen), _luminance(_channels(ground))))
            assert (high + 0.05) / (low + 0.05) >= 3
