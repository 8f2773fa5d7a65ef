"""Links: written, read back, and read strictly."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from tests.unit.setups import random_setups
from tlvsft.catalog.presets import DEFAULT_PRESET, PRESETS
from tlvsft.cli.parser import build_parser
from tlvsft.comparison import command_line
from tlvsft.config import VariantConfig
from tlvsft.ui.link_panel import command_line_html, link_note_html, link_value
from tlvsft.ui.link_reading import LONGEST_VALUE, OF_THE_PAGE, SETTINGS, OpenedLink, open_link
from tlvsft.ui.links import DATA_LEFT_OUT, START_LEFT_OUT, STORY, link_of
from tlvsft.ui.settling import choose_frozen, choose_start
from tlvsft.ui.setup import Setup, setup_of_story

OWN = f"own:{'a' * 32}"


def opened(query: str) -> OpenedLink:
    return open_link(parse_qsl(query, keep_blank_values=True))


def setup_in(query: str) -> Setup:
    """What a link without faults has."""
    link = opened(query)
    assert link.problems == ()
    assert link.setup is not None
    return link.setup


@pytest.mark.parametrize("name", PRESETS)
def test_a_story_unchanged_is_its_name(name: str) -> None:
    story = setup_of_story(name)
    assert link_of(story).query == f"story={name}"
    assert setup_in(f"story={name}") == story


def test_whatever_can_be_trained_survives_a_link() -> None:
    for setup in random_setups(seed=11, count=400):
        link = link_of(setup)
        back = setup_in(link.query)
        assert back.usual() == setup.usual(), link
        assert back.config() == setup.config()
        assert link.left_out == ()
        assert re.fullmatch(r"[\w=&,.-]+", link.query, flags=re.ASCII), link.query


def test_only_what_differs_is_said() -> None:
    digits = setup_of_story("digits")
    assert link_of(replace(digits, seed=7, labels=digits.data.train_size)).query == "story=digits&labels=all&seed=7"
    frozen = choose_frozen(digits, "left", ["embedding", "0", "1", "3"])
    assert link_of(frozen).query == "story=digits&left=partial&freeze-left=embedding,0-1,3"
    lora = replace(setup_of_story("book-genres"), left=VariantConfig(method="lora"), labels=40)
    assert link_of(lora).query == "story=book-genres&left=lora&labels=40"
    photos = replace(digits, backbone="photos-resnet", labels=100)
    assert link_of(photos).query == "backbone=photos-resnet&dataset=digits&labels=100"


def test_what_a_story_chose_is_taken_back() -> None:
    broken = setup_of_story("drifting-batchnorm")
    mended = replace(broken, right=VariantConfig(method="linear_probe"), epochs=None)
    assert setup_in("story=drifting-batchnorm&batchnorm-right=default&epochs=default") == mended
    assert setup_in(link_of(mended).query) == mended


def test_the_order_does_not_matter() -> None:
    query = "story=digits&left=partial&freeze-left=embedding,0&seed=7"
    assert setup_in("&".join(reversed(query.split("&")))) == setup_in(query)


def test_a_part_of_the_data_finds_the_rest() -> None:
    assert setup_in("dataset=book-genres").backbone == "wiki-gpt"
    assert setup_in("backbone=wiki-gpt").data.modality == "text"
    assert setup_in("task=language_modeling").backbone == "wiki-gpt"
    moved = setup_in("story=digits&backbone=photos-resnet")
    assert (moved.backbone, moved.labels) == ("photos-resnet", moved.data.train_size)
    assert setup_in("seed=3") == replace(setup_of_story(DEFAULT_PRESET), seed=3)


def test_an_earlier_run_is_left_out_and_said() -> None:
    earlier = "abcdefghijklmnop"
    for name in ("book-reviews", "three-tasks"):
        setup = choose_start(setup_of_story(name), "left", f"{earlier}-right")
        link = link_of(setup)
        assert link.query == f"story={name}"
        assert link.left_out == (START_LEFT_OUT,)


def test_own_data_is_left_out_and_said() -> None:
    setup = replace(setup_of_story("book-genres"), dataset=OWN, labels=12, left=VariantConfig(method="lora"), seed=4)
    link = link_of(setup)
    assert link.query == "backbone=wiki-gpt&left=lora&seed=4"
    assert link.left_out == (DATA_LEFT_OUT,)
    assert setup_in(link.query).left == setup.left
    assert OWN not in str(link_value(setup))


def test_a_setup_out_of_bounds_has_no_link() -> None:
    value = link_value(replace(setup_of_story("digits"), seed=-1))
    assert value["query"] == ""
    assert "seed must be from 0" in value["problem"]


FAULTS = {
    "story=digts": "Unknown story 'digts': did you mean 'digits'?",
    "colour=blue&seed=1": "Unknown setting 'colour'.",
    "epoch=3": "Unknown setting 'epoch': did you mean 'epochs'?",
    "story=digits&story=book-genres": "story is there 2 times.",
    "seed=1.5": "seed must be a whole number, not '1.5'.",
    "seed=-1": "seed must be a whole number",
    "seed=٣": "seed must be a whole number",
    "seed=99999999999": "seed must be from 0 to 2,147,483,647",
    "seed=": "seed must be a whole number, not ''.",
    "epochs=0": "epochs must be from 1 to 500, not 0.",
    "labels=9": "labels must be from 10 to 1,257, not 9.",
    "labels=1258": "labels must be from 10 to 1,257",
    "label-noise=nan": "label-noise must be a number",
    "label-noise=0.95": "label-noise must be from 0 to 0.9",
    "story=adapt-to-book-reviews&label-noise=0.1": "learnt without labels",
    "dataset=own:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": "Unknown dataset",
    "backbone=../../etc/passwd": "Unknown backbone",
    "backbone=glyphs-resnet&dataset=book-genres": "can't read the dataset book-genres",
    "backbone=glyphs-resnet&task=language_modeling": "glyphs-resnet can't predict words.",
    "task=regression": "Unknown task",
    "left=magic": "Unknown method 'magic'",
    "story=adapt-to-book-reviews&left=nearest_centroid": "knows classes only",
    "left=partial&freeze-left=7": "Unknown block of glyphs-resnet '7'",
    "left=partial&freeze-left=3-1": "runs backwards",
    "left=partial&freeze-left=": "Can't read block ''",
    "freeze-left=0": "The left side: Method 'linear_probe' leaves no choice of frozen blocks",
    "right=nearest_centroid&schedule-right=cosine": "The right side: Method 'nearest_centroid' takes no steps",
    "head-left=kept": "The left side: The head 'kept' is for language modelling",
    "story=book-genres&batchnorm-left=train": "wiki-gpt has no BatchNorm.",
    "rate-decay-left=0.5": "rate-decay-left must be from 1 to 100",
    "rate-factor-right=inf": "rate-factor-right must be a number",
    "from-left=abcdefgh-left": "Unknown setting 'from-left'",
    "owner=mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm": "Unknown setting 'owner'",
}


@pytest.mark.parametrize(("query", "problem"), FAULTS.items())
def test_what_cannot_be_used_is_said_and_the_usual_stays(query: str, problem: str) -> None:
    link = opened(query)
    assert len(link.problems) == 1, link.problems
    assert problem in link.problems[0]
    assert link.setup is None or setup_in(link_of(link.setup).query).usual() == link.setup.usual()


def test_the_rest_of_a_faulty_link_counts() -> None:
    link = opened("story=digits&labels=20&epochs=9999&right=lora&rate-factor-right=oops&left=nearest_centroid")
    assert len(link.problems) == 2
    expected = setup_of_story("digits")
    left, right = VariantConfig(method="nearest_centroid"), VariantConfig(method="lora")
    assert link.setup == replace(expected, labels=20, left=left, right=right)


def test_a_side_that_makes_no_sense_keeps_its_method_alone() -> None:
    link = opened("story=digits&right=nearest_centroid&rate-factor-right=5&left=lora&rate-factor-left=5")
    assert link.setup is not None
    assert link.setup.right == VariantConfig(method="nearest_centroid")
    assert link.setup.left == VariantConfig(method="lora", rate_factor=5.0)


def test_too_much_is_refused_as_a_whole() -> None:
    assert opened("&".join(f"a{number}=1" for number in range(10_000))).problems == ("It has more than 60 settings.",)
    long = opened(f"story=digits&freeze-left={'0,' * 5000}0")
    assert long.problems == (f"freeze-left is longer than {LONGEST_VALUE} characters.",)
    assert long.setup == setup_of_story("digits")


def test_what_belongs_to_the_page_and_its_host_is_let_through() -> None:
    assert opened("presenter=&__theme=dark&__sign=abc&view=api&logs=container") == OpenedLink()
    assert setup_in("presenter&story=digits&__theme=dark") == setup_of_story("digits")


def test_nothing_said_makes_the_reader_fail() -> None:
    chance = random.Random(5)
    pool = [*"0123456789.,-+e:/<>&'\"%", "all", "none", "default", "nan", "embedding", "\u202e", "\x00", "é", "🙂"]
    words = ["digits", "book-reviews", "wiki-gpt", "language_modeling", "partial", "lora", "tied", "train", "cosine"]
    for _ in range(1500):
        names = chance.sample(SETTINGS, chance.randint(1, 8))
        said = [
            (name, chance.choice(words) if chance.random() < 0.6 else "".join(chance.choices(pool, k=3)))
            for name in names
        ]
        link = open_link(said)
        assert link.setup is not None
        link_of(link.setup)
        link.setup.ladder("left")


def test_hostile_links_are_shown_as_text() -> None:
    link = opened("story=<img src=x onerror=alert(1)>&<script>=1&seed=\u202e<b>")
    html = link_note_html(link.problems)
    assert "<img" not in html
    assert "<script" not in html
    assert "<b>" not in html
    assert "\u202e" not in html
    assert html.count("<p") == 1


def test_a_line_names_a_few_problems_and_counts_the_others() -> None:
    html = link_note_html(opened("a=1&b=2&c=3&d=4&e=5").problems)
    assert "&#x27;c&#x27;" in html
    assert "&#x27;d&#x27;" not in html
    assert "And 2 more." in html
    assert "<p" not in link_note_html()


def test_names_are_those_of_the_command_line() -> None:
    help_text = build_parser()._subparsers._group_actions[0].choices["compare"].format_help()  # type: ignore[union-attr, index, call-overload]
    for name in set(SETTINGS) - {STORY}:
        assert f"--{name} " in help_text, name


def test_every_setting_is_documented(repository: Path) -> None:
    text = (repository / "docs" / "links.md").read_text(encoding="utf-8")
    for name in (*SETTINGS, *PRESETS, *OF_THE_PAGE):
        assert f"`{name}`" in text, name


def test_the_script_lets_the_same_parameters_through(repository: Path) -> None:
    script = (repository / "assets" / "js" / "link.js").read_text(encoding="utf-8")
    listed = re.search(r"OF_THE_PAGE = \[([^\]]*)\]", script)
    assert listed is not None
    assert set(re.findall(r'"(\w+)"', listed[1])) == OF_THE_PAGE


def test_the_card_escapes_and_explains() -> None:
    setup = setup_of_story("book-genres")
    config = replace(setup.config(), dataset=replace(setup.config().dataset, name="<script>.csv"), preset=None)
    html = command_line_html(config)
    assert "<script" not in html
    assert "PATH_TO_YOUR_DATA" in command_line_html(replace(config, dataset=replace(config.dataset, name=OWN)))
    started = replace(config, left=replace(config.left, start="abcdefgh-left"))
    assert "earlier run" in command_line_html(started)
    assert "earlier run" not in command_line_html(setup_of_story("three-tasks").config())
    assert command_line_html(None) == ""


def test_the_cards_text_is_the_line() -> None:
    for setup in random_setups(seed=12, count=20):
        html = command_line_html(setup.config())
        code = re.sub(r"<[^>]*>", "", html.split('<code translate="no">')[1].split("</code>")[0])
        assert code == command_line(setup.config())


@pytest.mark.parametrize("name", ["", "d", "DIGITS", "digits ", " digits"])
def test_a_story_must_be_written_in_full(name: str) -> None:
    assert "Unknown story" in open_link([(STORY, name)]).problems[0]
