"""The page's own components: gradio's HTML with a script from `assets/js`.

They are functions, since gradio writes a stub file beside the module of every class derived from a component.
A component's value is HTML that `tlvsft.ui.markup` made, or plain data for its script. Templates are constant: gradio
runs a template as JavaScript after filling it in, so no data may ever stand in one.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from tlvsft.ui.charts import accuracy_figure, loss_figure
from tlvsft.ui.theme import (
    DRAWING_SCRIPT,
    GLOSSARY_SCRIPT,
    LADDER_SCRIPT,
    LIVE_SCRIPTS,
    PANELS_SCRIPT,
    plotly_script,
    script_tags,
)

_CURVES_TEMPLATE = """
<div class="curves">
  <fieldset class="axis-switch">
    <legend>x axis</legend>
    <label><input type="radio" name="x-axis" value="step" checked> steps</label>
    <label><input type="radio" name="x-axis" value="seconds"> seconds</label>
    <label><input type="radio" name="x-axis" value="examples"> examples</label>
  </fieldset>
  <p class="curves-key"><span>faint: each batch</span><span>bold: smoothed</span><span>● ◆ validation</span></p>
  <div class="plots" role="group" aria-label="Live curves of both variants" aria-describedby="curves-in-words">
    <div class="plot" data-chart="loss"></div>
    <div class="plot" data-chart="score"></div>
  </div>
</div>
"""

_DRAWING_TEMPLATE = """
<div class="drawing">
  <canvas width="280" height="280" tabindex="0" role="img" aria-label="Draw a digit here"></canvas>
  <p class="hint">Draw a digit, large and in one go: with the mouse, a pen or a finger.</p>
  <button type="button" class="quiet" data-clear>Clear</button>
</div>
"""


def html_panel(
    value: str = "", *, script: str = "tlvsft.delegate(element, trigger, 'click');", **options: Any
) -> gr.HTML:
    """A piece of HTML; a click on one of its buttons sends the button's `data-` attributes."""
    head = script_tags(PANELS_SCRIPT)
    return gr.HTML(value, js_on_load=script, head=head, apply_default_css=False, **options)


def choice_panel(value: str, **options: Any) -> gr.HTML:
    """A `<select>` whose options the server knows only when asked; choosing sends the option's value."""
    return html_panel(value, script="tlvsft.choice(element, trigger, 'input');", **options)


def checkpoint_signal(**options: Any) -> gr.HTML:
    """Shows nothing; when the poll tells of another checkpoint, the page asks for what depends on it."""
    return html_panel("", script="tlvsft.hearCheckpoints(trigger, 'input');", **options)


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
