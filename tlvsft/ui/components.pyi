"""The page's own components: gradio's HTML with a script from `assets/js`, and a slider that leaves checks to us.

A component's value is HTML that `tlvsft.ui.markup` made, or plain data for its script. Templates are constant: gradio
runs a template as JavaScript after filling it in, so no data may ever stand in one.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from tlvsft.ui.charts import accuracy_figure, loss_figure

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
    <div class="plot" data-chart="accuracy"></div>
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

from gradio.events import Dependency

class Panel(gr.HTML):
    """A piece of HTML; a click on one of its buttons sends the button's `data-` attributes."""

    is_template = True

    def __init__(self, value: str = "", *, script: str = "tlvsft.delegate(element, trigger, 'click');", **options: Any):
        super().__init__(
            value, js_on_load=script, head=script_tags(PANELS_SCRIPT), apply_default_css=False, **options
        )
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


class Ladder(Panel):
    """A variant's layer ladder; a click sends all blocks that are then frozen."""

    def __init__(self, value: str = "", **options: Any):
        super().__init__(value, script="tlvsft.ladder(element, trigger, watch, 'click');", **options)
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


class Curves(gr.HTML):
    """The live curves. The value brings new points, and new figures when another comparison is shown."""

    is_template = True

    def __init__(self, **options: Any):
        super().__init__(
            empty_curves(),
            html_template=_CURVES_TEMPLATE,
            js_on_load="tlvsft.curves(element, props, watch);",
            head=script_tags(plotly_script(), CURVES_SCRIPT),
            apply_default_css=False,
            **options,
        )
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


class Drawing(gr.HTML):
    """A canvas to draw a digit on; each finished stroke sends the picture as a PNG data URI."""

    is_template = True

    def __init__(self, **options: Any):
        super().__init__(
            "",
            html_template=_DRAWING_TEMPLATE,
            js_on_load="tlvsft.drawing(element, trigger, 'input');",
            head=script_tags(DRAWING_SCRIPT),
            apply_default_css=False,
            **options,
        )
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


class LabelSlider(gr.Slider):
    """A slider whose number is checked by the app, which says what to do, instead of by gradio."""

    is_template = True

    def preprocess(self, payload: float) -> float:
        """The number as it is."""
        return payload
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


def empty_curves() -> dict[str, Any]:
    """The curves before anything was trained: both charts at their size, with what they will show."""
    return {"comparison": "", "figures": {"loss": loss_figure([]), "accuracy": accuracy_figure([])}, "chunks": []}