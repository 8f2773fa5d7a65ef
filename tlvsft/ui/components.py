"""The page's own components: gradio's HTML with a script from `assets/js`.

They are functions, since gradio writes a stub file beside the module of every class derived from a component.
A component's value is HTML that `tlvsft.ui.markup` made, or plain data for its script. Templates are constant: gradio
runs a template as JavaScript after filling it in, so no data may ever stand in one.
"""

from __future__ import annotations

from abc import ABCMeta
from typing import Any

import gradio as gr

from tlvsft.ui.charts import accuracy_figure, loss_figure
from tlvsft.ui.theme import (
    ANSWERS_SCRIPT,
    DRAWING_SCRIPT,
    GLOSSARY_SCRIPT,
    LADDER_SCRIPT,
    LIVE_SCRIPTS,
    PANELS_SCRIPT,
    STAGE_SCRIPTS,
    TAKE_HOME_SCRIPT,
    plotly_script,
    script_tags,
)

_CURVES_TEMPLATE = """
<div class="curves">
  <div class="curves-bar" role="group" aria-label="How the curves are drawn">
    <fieldset class="axis-switch">
      <legend>x axis</legend>
      <label><input type="radio" name="x-axis" value="step" checked> steps</label>
      <label><input type="radio" name="x-axis" value="seconds"> seconds</label>
      <label><input type="radio" name="x-axis" value="examples"> examples</label>
    </fieldset>
    <label class="switch"><input type="checkbox" name="log"> log scale</label>
    <label class="smoothing">smoothing
      <input type="range" name="smoothing" min="0" max="0.99" step="0.01" value="0.85"> <output></output></label>
    <div class="older">
      <button type="button" class="quiet" data-older aria-expanded="false">Older runs <b></b></button>
      <div class="older-menu" role="group" aria-label="Older runs to lay over these curves" hidden>
        <p class="facts">Looking for older runs.</p></div>
    </div>
    <button type="button" class="quiet" data-whole disabled>Whole run</button>
  </div>
  <div class="curves-key"><span>faint: each batch</span><span data-smoothing></span><span>● ◆ validation</span>
    <ul class="older-key" aria-label="Older runs laid over these curves"></ul></div>
  <div class="plots" role="group" aria-label="Live curves of both variants" aria-describedby="curves-in-words">
    <figure class="chart" data-reading="loss">
      <div class="plot" data-chart="loss"></div>
      <figcaption data-empty="This line will say in words how far both losses have fallen."></figcaption>
      <details><summary>Validation loss as a table</summary>
        <div class="chart-rows" role="region" aria-label="Validation loss as a table" tabindex="0"></div></details>
    </figure>
    <figure class="chart" data-reading="score">
      <div class="plot" data-chart="score"></div>
      <figcaption data-empty="This line will say in words who is ahead, and since when."></figcaption>
      <details><summary>Validation results as a table</summary>
        <div class="chart-rows" role="region" aria-label="Validation results as a table" tabindex="0"></div></details>
    </figure>
  </div>
</div>
"""

_MOVES_TEMPLATE = """
<section class="card moves">
  <div class="moves-head">
    <h2>What moves</h2>
    <fieldset class="axis-switch">
      <legend>show</legend>
      <label><input type="radio" name="moves-measure" value="change" checked> weight change</label>
      <label><input type="radio" name="moves-measure" value="gradient"> gradient norm</label>
      <label><input type="radio" name="moves-measure" value="cka"> representation (CKA)</label>
    </fieldset>
  </div>
  <p class="summary" id="moves-in-words"></p>
  <p class="moves-key">
    <span class="left"><svg viewBox="0 0 26 8" aria-hidden="true"><path d="M0 4H26"></path></svg><b></b></span>
    <span class="right"><svg viewBox="0 0 26 8" aria-hidden="true"><path d="M0 4H26"></path></svg><b></b></span>
  </p>
  <ol class="moves-grid" aria-describedby="moves-in-words"></ol>
  <p class="facts">From the input to the head, over the steps. Weight change: how far a block's weights are from where
  the run began, as a share of their length (L2) there. Gradient norm: how hard the latest batch pulled at them, before
  clipping. Representation: how much what a block gives for the same validation examples resembles what the pretrained
  one gives (linear CKA, 1 for the same). All blocks of the backbone share one scale, the head has its own.
  ❄︎ frozen: exactly 0, and a CKA of exactly 1 if nothing before it trains.</p>
</section>
"""

_DRAWING_TEMPLATE = """
<div class="drawing">
  <canvas width="280" height="280" tabindex="0" role="application" aria-label="Draw a digit here"
    aria-describedby="drawing-hint"></canvas>
  <p class="hint" id="drawing-hint">Draw a digit, large and in one go: with the mouse, a pen or a finger. Without
  dragging: arrow keys move a pen that Space puts down and lifts; or join clicks by lines.</p>
  <div class="drawing-buttons"><button type="button" class="quiet" data-clear>Clear</button>
    <button type="button" class="quiet" data-lines aria-pressed="false">Lines by clicks</button></div>
  <i class="pen" aria-hidden="true" hidden></i>
</div>
"""


def html_panel(
    value: str = "", *, script: str = "tlvsft.delegate(element, trigger, 'click');", **options: Any
) -> gr.HTML:
    """A piece of HTML; a click on one of its buttons sends the button's `data-` attributes."""
    head = script_tags(PANELS_SCRIPT)
    return gr.HTML(value, js_on_load=script, head=head, apply_default_css=False, **options)


def stage_panel(value: str, *, script: str, **options: Any) -> gr.HTML:
    """A piece of HTML that the scripts of presenter mode and of recordings move; the server never changes it."""
    head = script_tags(PANELS_SCRIPT, *STAGE_SCRIPTS)
    return gr.HTML(value, js_on_load=script, head=head, apply_default_css=False, **options)


def choice_panel(value: str, **options: Any) -> gr.HTML:
    """A `<select>` whose options the server knows only when asked; choosing sends the option's value."""
    return html_panel(value, script="tlvsft.choice(element, trigger, 'input');", **options)


def _take_any_choice(_: gr.Dropdown, payload: object) -> str:
    return payload if isinstance(payload, str) else ""


# A class, because gradio makes the component anew for a session in which its choices change; and made in this way,
# because gradio's own metaclass would write a stub file beside this one.
_OpenDropdown: type[gr.Dropdown] = ABCMeta.__new__(
    type(gr.Dropdown), "OpenDropdown", (gr.Dropdown,), {"preprocess": _take_any_choice, "is_template": True}
)


def open_dropdown(choices: list[tuple[str, str]], **options: Any) -> gr.Dropdown:
    """A dropdown whose choices differ from visitor to visitor.

    Gradio would check what a browser sends against the choices of its session, which a restarted server doesn't know
    any more; handlers check it themselves.
    """
    return _OpenDropdown(choices, **options)


def checkpoint_signal(**options: Any) -> gr.HTML:
    """Shows nothing; when the poll tells of another checkpoint, the page asks for what depends on it."""
    return html_panel("", script="tlvsft.hearCheckpoints(trigger, 'input');", **options)


def answers_panel(value: str, script: str, **options: Any) -> gr.HTML:
    """A panel of answers or explanations, with the behaviour of `assets/js/answers.js` that `script` names."""
    head = script_tags(ANSWERS_SCRIPT)
    return gr.HTML(value, js_on_load=f"tlvsft.{script};", head=head, apply_default_css=False, **options)


def take_home_card(value: str, **options: Any) -> gr.HTML:
    """The card of what can be taken home; its script fetches what is ready (`take_home.js`)."""
    head = script_tags(TAKE_HOME_SCRIPT)
    script = "tlvsft.takeHome(element, trigger, 'click');"
    return gr.HTML(value, js_on_load=script, head=head, apply_default_css=False, **options)


def older_signal(**options: Any) -> gr.HTML:
    """Shows nothing; asks for older runs when the menu of the curves does, and brings it the answer (`older.js`)."""
    return gr.HTML(
        None,
        html_template="<span></span>",
        js_on_load="tlvsft.olderSignal(props, watch, trigger, 'input');",
        head=script_tags(*LIVE_SCRIPTS),
        apply_default_css=False,
        **options,
    )


def layer_ladder(value: str, **options: Any) -> gr.HTML:
    """A variant's layer ladder; a click sends all blocks that are then frozen."""
    return gr.HTML(
        value,
        js_on_load="tlvsft.ladder(element, trigger, watch, 'click');",
        head=script_tags(LADDER_SCRIPT),
        apply_default_css=False,
        **options,
    )


def glossary_panel(value: str, **options: Any) -> gr.HTML:
    """The list of words; its script explains marked words anywhere on the page."""
    head = script_tags(GLOSSARY_SCRIPT)
    return gr.HTML(value, js_on_load="tlvsft.glossary();", head=head, apply_default_css=False, **options)


def live_curves(**options: Any) -> gr.HTML:
    """The live curves, whose points their script polls. The value says where, and brings figures to draw."""
    return gr.HTML(
        empty_curves(),
        html_template=_CURVES_TEMPLATE,
        js_on_load="tlvsft.live(element, props, watch, () => trigger('input', {}));",
        head=script_tags(plotly_script(), *LIVE_SCRIPTS),
        apply_default_css=False,
        **options,
    )


def moves_chart(value: dict[str, Any], **options: Any) -> gr.HTML:
    """A small chart for each block, drawn by its script from what the poll brings."""
    return gr.HTML(
        value,
        html_template=_MOVES_TEMPLATE,
        js_on_load="tlvsft.moves(element, props, watch);",
        head=script_tags(*LIVE_SCRIPTS),
        apply_default_css=False,
        **options,
    )


def drawing_canvas(**options: Any) -> gr.HTML:
    """A canvas to draw a digit on; each finished stroke sends the picture as a PNG data URI."""
    return gr.HTML(
        "",
        html_template=_DRAWING_TEMPLATE,
        js_on_load="tlvsft.drawing(element, trigger, 'input');",
        head=script_tags(DRAWING_SCRIPT),
        apply_default_css=False,
        **options,
    )


def empty_curves() -> dict[str, Any]:
    """The curves before anything was trained: both charts at their size, with what they will show."""
    return {"comparison": "", "figures": {"loss": loss_figure([]), "score": accuracy_figure([])}}
