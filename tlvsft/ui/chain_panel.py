"""The section "The three tasks": where we are, and what each step did. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence

from tlvsft.config import SIDES
from tlvsft.ui.chain import ChainProgress
from tlvsft.ui.chain_steps import Step, StepState, chain_story, planned_steps, steps_so_far
from tlvsft.ui.markup import Markup, element, sign

_STATE_WORDS: dict[StepState, str] = {
    "done": "done",
    "running": "training now",
    "waiting": "to come",
    "ended": "not finished",
}
_STATE_SIGNS: dict[StepState, str] = {"done": "✓", "running": "▶\ufe0e", "waiting": "…", "ended": "■"}
_EMPTY = "Run the chain, and each step will say here what it did: in numbers, while it happens."


def chain_html(found: ChainProgress | None, *, viewing: str = "") -> Markup:
    """The section; `viewing` is the id of the comparison on the screen."""
    steps = planned_steps(chain_story()) if found is None else steps_so_far(found)
    running = found is not None and not found.chain.is_over
    label = "Running …" if running else "Run the chain again" if found else "Run the chain"
    run = element("button", label, type="button", class_="quiet", data_action="run-chain", disabled=running)
    head = element("div", element("h2", "The three tasks"), run, class_="chain-head")
    here = element("p", where_we_are(steps) if found else _EMPTY, class_="chain-where", role="status")
    items = [_step_html(number, step, viewing=viewing) for number, step in enumerate(steps, start=1)]
    track = element("ol", *items, class_="chain-steps", aria_label="The three steps")
    viewed = found is not None and viewing in found.chain.ids
    return element("section", head, here, track, class_="card chain is-viewed" if viewed else "card chain")


def where_we_are(steps: Sequence[Step]) -> str:
    """The current step in words."""
    numbers = {step.state: number for number, step in reversed(list(enumerate(steps, start=1)))}
    if "running" in numbers:
        return f"Now: step {numbers['running']} of {len(steps)}."
    if "ended" in numbers:
        return f"The chain ended in step {numbers['ended']} of {len(steps)}."
    if "waiting" in numbers:
        return f"Waiting for step {numbers['waiting']} of {len(steps)} to start."
    return f"All {len(steps)} steps are done."


def _step_html(number: int, step: Step, *, viewing: str) -> Markup:
    state = element("span", sign(_STATE_SIGNS[step.state]), " ", _STATE_WORDS[step.state], class_="chain-state")
    head = element("div", element("span", f"{number}", class_="chain-number"), element("h3", step.title), state)
    sentence = element("p", step.sentence, class_="chain-sentence")
    look = None
    if step.comparison_id:
        shown = step.comparison_id == viewing
        look = element(
            "button", "On the screen" if shown else f"Look at step {number}", type="button", class_="quiet",
            data_comparison=step.comparison_id, aria_current="step" if shown else None, disabled=shown,
        )  # fmt: skip
    current = "step" if step.state == "running" else None
    return element(
        "li", head, sentence, _numbers(step), look, class_=f"chain-step is-{step.state}", aria_current=current
    )


def _numbers(step: Step) -> Markup | None:
    if not step.rows:
        return None
    rows = [
        element("tr", element("th", label, scope="row"), *[element("td", cell) for cell in cells])
        for label, *cells in step.rows
    ]
    if not step.names:
        return element("table", element("tbody", *rows), class_="chain-numbers")
    titles = [
        element("th", element("span", class_="dot", aria_hidden="true"), name, scope="col", class_=side)
        for side, name in zip(SIDES, step.names, strict=True)
    ]
    head = element("thead", element("tr", element("th", step.unit, scope="col", class_="unit"), *titles))
    return element("table", head, element("tbody", *rows), class_="chain-numbers")
