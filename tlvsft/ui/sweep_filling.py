"""What fills the fields of the section of sweeps, the sweep that they then ask for, and what that would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlvsft.catalog.own import is_own
from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.report.sweeps.line import sweep_command_line
from tlvsft.sweeps import SweepConfig, SweepKind, SweepProgress
from tlvsft.ui.link_panel import OWN_DATA_NOTE, line_html
from tlvsft.ui.setup import Setup
from tlvsft.ui.sweep_asking import Asked, Choices, choices_of_config, choices_of_form, config_of_choices, form_mark
from tlvsft.ui.sweep_estimating import estimate
from tlvsft.ui.sweep_panel import choices_html, estimate_words, launch_html

if TYPE_CHECKING:
    from tlvsft.runs.store import Store

LINE_CAPTION = "This sweep, on the command line"
NO_FORM = "The setup above can't be read just now."


@dataclass(frozen=True, kw_only=True)
class Filled:
    """The fields.

    Attributes:
        choices: What they hold; `None` where there is nothing to fill them with.
        config: The sweep that they ask for; `None` if it can't work.
        problem: Why not, in one line.
        is_new: Whether they are filled anew.
        of_sweep: Whether they are those of the sweep on the screen, not of the form.
    """

    choices: Choices | None
    config: SweepConfig | None
    problem: str
    is_new: bool
    of_sweep: bool


def fill(asked: Asked, kind: SweepKind, chosen: SweepProgress | None, setup: Setup | None, *, owner: str) -> Filled:
    """Fills the fields, unless what was typed in them still is about the form above.

    Args:
        asked: What the section's script asks for.
        kind: Of the sweep.
        chosen: The sweep on the screen.
        setup: What stands in the form above; `None` while it makes no sense.
        owner: The visitor's token.
    """
    as_typed = asked.source == "choices" and asked.choices is not None and asked.form == form_mark(setup)
    shown = chosen.config if chosen is not None and (asked.source == "sweep" or not chosen.is_over) else None
    choices, config, problem = asked.choices if as_typed else None, None, ""
    try:
        choices = choices or (_of_form(kind, setup) if shown is None else choices_of_config(shown))
        config = config_of_choices(choices, owner=owner)
        if shown is not None and not as_typed:
            config = shown  # it may have depths of its own, which the fields don't hold
    except TlvsftError as error:
        problem = str(error)
    is_new, of_sweep = not as_typed, shown is not None
    return Filled(choices=choices, config=config, problem=problem, is_new=is_new, of_sweep=of_sweep)


def describe(store: Store, filled: Filled, shown: SweepProgress | None) -> dict[str, Any]:
    """Fields (where they are filled anew), what is wrong with them, what they would take, button and command line.

    Args:
        store: Knows which runs have finished.
        filled: The fields.
        shown: The sweep on the screen.

    Raises:
        TlvsftError: The store, the data or the backbone can't be read.
    """
    choices, config = filled.choices, filled.config
    same = config is not None and shown is not None and config == shown.config
    told: dict[str, Any] = {"problem": filled.problem, "estimate": "", "line": ""}
    if filled.is_new:
        of = {} if choices is None else {name: getattr(choices, name) for name in ("backbone", "dataset", "epochs")}
        html = choices_html(choices, of_sweep=filled.of_sweep) if choices else ""
        told |= {"choices": html, "of": of, "source": "sweep" if filled.of_sweep else "choices"}
    if config is None:
        return told | {"launch": launch_html(shown, same=False, idle=True)}
    expected = estimate(store, config)
    is_whole = expected.known == expected.total
    notes = [OWN_DATA_NOTE] if is_own(config.dataset.name) else []
    line = line_html(sweep_command_line(config), LINE_CAPTION, notes=notes)
    return told | {
        "estimate": estimate_words(expected, is_shown=same),
        "launch": launch_html(shown, same=same, idle=same and is_whole),
        "line": line,
    }


def _of_form(kind: SweepKind, setup: Setup | None) -> Choices:
    if setup is None:
        raise InvalidInput(NO_FORM)
    return choices_of_form(kind, setup)
