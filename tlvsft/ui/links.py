"""Links: a setup as the query of the page's address (`tlvsft.ui.link_reading` reads it). Plain data: no page, no store.

Names and values are those of the command line's flags, with `story` for `preset`: `docs/links.md` lists them. A link
says only what differs from a story, or from the usual where no story is near, and never what belongs to one visitor.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.presets import PRESETS, Preset
from tlvsft.comparison import default_dataset
from tlvsft.comparison.command_line import Option, differing_options, plain_comparison, task_options
from tlvsft.config import SIDES, ComparisonConfig, DatasetConfig, Side, VariantConfig
from tlvsft.ui.setup import Setup

STORY = "story"
DATA_LEFT_OUT = (
    "Your own data isn't in the link: only your browser sees it. Whoever opens the link gets the rest of this setup."
)
START_LEFT_OUT = (
    "The earlier run that this starts from isn't in the link: only you have it. Whoever opens the link starts from the "
    "pretrained model."
)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A setup as a link.

    Attributes:
        query: What stands behind the `?` of the address.
        left_out: What of the setup isn't in it, and why, one sentence each.
    """

    query: str
    left_out: tuple[str, ...] = ()


def link_of(setup: Setup) -> Link:
    """The link that opens the page with this setup in the form.

    Raises:
        InvalidInput: A number is out of bounds.
        UnknownName: The backbone isn't bundled.
    """
    left_out = []
    shared = _without_private_starts(setup)
    if shared != setup:
        left_out.append(START_LEFT_OUT)
    if setup.dataset not in DATASETS:
        left_out.append(DATA_LEFT_OUT)
        return Link(query=_write(_without_data(shared)), left_out=tuple(left_out))
    return Link(query=_write(_shortest(shared.config())), left_out=tuple(left_out))


def _write(options: list[Option]) -> str:
    return urlencode(options, safe=",")


def _shortest(config: ComparisonConfig) -> list[Option]:
    """The setup as the fewest changes to a story, or to the usual comparison on this data."""
    ways = [way for preset in PRESETS.values() if (way := _from_story(config, preset)) is not None]
    if not config.started_from():
        named = ComparisonConfig(backbone="", dataset=DatasetConfig(name=""))
        ways.append([*task_options(config, named), *differing_options(config, plain_comparison(config))])
    return min(ways, key=len)


def _from_story(config: ComparisonConfig, preset: Preset) -> list[Option] | None:
    """The setup as changes to a story; `None` where that makes no sense: other data, or another start."""
    own = preset.comparison_config()
    if any(own.variant(side).start != config.variant(side).start for side in SIDES):
        return None
    moved = task_options(config, own)
    if moved and preset.after is None:
        return None
    base = own if not moved else replace(own, labels=None, epochs=None)
    return [(STORY, preset.name), *moved, *differing_options(config, base)]


def _without_data(setup: Setup) -> list[Option]:
    """What can be said of a setup with the visitor's own data: all but the data and how many labels it has."""
    usual = default_dataset(setup.summary.modality)
    bundled = replace(setup, dataset=usual, labels=DATASETS[usual].train_size)
    config = replace(bundled.config(), preset=None)
    named = ComparisonConfig(backbone="", dataset=config.dataset)
    return [*task_options(config, named), *differing_options(config, plain_comparison(config))]


def _without_private_starts(setup: Setup) -> Setup:
    """The same, from the pretrained model wherever it starts from a run that isn't a story's own."""
    left, right = (_without_private_start(setup, side) for side in SIDES)
    return replace(setup, left=left, right=right)


def _without_private_start(setup: Setup, side: Side) -> VariantConfig:
    variant, chain = setup.variant(side), setup.chain()
    has_data = setup.dataset in DATASETS
    own = None if chain is None or not has_data else {"left": chain.left_start, "right": chain.right_start}[side]
    return variant if variant.start in {None, own} else replace(variant, start=None)
