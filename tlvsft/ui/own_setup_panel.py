"""Below the heading of the comparison on the screen: that this is its own setup, and what was changed above since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tlvsft.comparison import SettingChange, compare_setups, differing
from tlvsft.config import ComparisonConfig
from tlvsft.errors import TlvsftError
from tlvsft.runs.records import ComparisonRecord
from tlvsft.ui.history_panel import count_words, setups_html
from tlvsft.ui.markup import Markup, element, join
from tlvsft.ui.setup import Setup, as_asked, setup_of_config
from tlvsft.ui.texts import dataset_title

_OWN = "You see this comparison as it was trained, with its own setup."
_SAME = "The setup above is the same."
_CHANGED = "The setup above was changed since:"
_NO_FORM = "The setup above can't be read just now."
_NOT_ABOVE = "It used data or a backbone that can't be chosen above, where another setup stands."
_TOLD = 2
"""So many changes are named in the sentence; the table has all."""


def own_setup_value(comparison: ComparisonRecord | None, setup: Setup | None, *, repeat: str = "") -> dict[str, Any]:
    """What the card's script shows (`assets/js/history.js`).

    Args:
        comparison: The one on the screen; `None` before there is one.
        setup: What stands in the form; `None` while it makes no sense.
        repeat: What is known of the same setup trained before.
    """
    if comparison is None:
        return {"shown": False}
    own = setup_of_config(comparison.config, owner=comparison.owner or "")
    asked = _as_on_the_page(comparison.config, own)
    form = _form_config(setup)
    changes = () if form is None else compare_setups(asked, form, title_of=dataset_title)
    is_changed = own is not None and form is not None and replace(asked, seeds=1) != form
    words, details = _words(own, form, changes, is_changed=is_changed)
    if comparison.config.seeds > 1:
        details = f"{details} The page trains one seed, this comparison has {comparison.config.seeds}.".strip()
    return {
        "shown": True,
        "words": words,
        "details": details,
        "repeat": repeat,
        "actions": _actions_html(comparison, is_changed=is_changed),
        "summary": f"This setup and the one above: {count_words(changes)}" if changes else "",
        "setups": setups_html(changes, before="This comparison", after="The setup above") if changes else "",
    }


def _as_on_the_page(config: ComparisonConfig, own: Setup | None) -> ComparisonConfig:
    """A comparison's config in the form's terms: where these are two ways to say the same, as the form says it."""
    return as_asked(config) if own is None else replace(own.config(), seeds=config.seeds)


def _form_config(setup: Setup | None) -> ComparisonConfig | None:
    if setup is None:
        return None
    try:
        return setup.config()
    except TlvsftError:
        return None


def _words(
    own: Setup | None, form: ComparisonConfig | None, changes: Sequence[SettingChange], *, is_changed: bool
) -> tuple[str, str]:
    """The sentence that is read out, and what it leaves to be read."""
    if form is None:
        return f"{_OWN} {_NO_FORM}", ""
    if own is None:
        return f"{_OWN} {_NOT_ABOVE}", ""
    if not is_changed:
        return f"{_OWN} {_SAME}", ""
    told = [change for change in differing(tuple(changes)) if change.name != "Story"]
    more = f", and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    return f"{_OWN} {_CHANGED}", "; ".join(map(str, told[:_TOLD])) + more + "."


def _actions_html(comparison: ComparisonRecord, *, is_changed: bool) -> Markup:
    """What can be done with it; what else is to be done gets a button here."""
    rerun = element(
        "button", "Run again with the same seed", type="button", class_="quiet", data_rerun=comparison.id
    ) if comparison.is_over else None  # fmt: skip
    back = element(
        "button", "Put its setup above again", type="button", class_="quiet", data_comparison=comparison.id
    ) if is_changed else None  # fmt: skip
    return join([rerun, back])
