"""Where the list of comparisons stands, and the card of the comparison on the screen. Scripts: `history.js`."""

from __future__ import annotations

from typing import Any

import gradio as gr

from tlvsft.ui.history_panel import NOTHING_YET
from tlvsft.ui.theme import HISTORY_SCRIPT, script_tags

_SWITCH = (
    '<label class="only-differences"><input type="checkbox" name="only-differences" checked> Differences only</label>'
)
_HISTORY_TEMPLATE = f"""
<section class="card history" aria-labelledby="history-heading">
  <div class="history-head">
    <h2 id="history-heading" tabindex="-1">Comparisons on this machine</h2>
    <label class="history-search">Search
      <input type="search" maxlength="100" autocomplete="off" spellcheck="false"
        placeholder="data, method, story, state, date"></label>
    <button type="button" class="quiet" data-delete-all hidden>Delete all that are over …</button>
  </div>
  <p class="facts history-words" role="status">{NOTHING_YET}</p>
  <p class="history-said" hidden></p>
  <div class="history-question"></div>
  <ol class="history-list"></ol>
  <div class="pager history-pager"></div>
  <div class="setups history-setups" hidden>
    <div class="setups-head"><h3></h3> {_SWITCH}
      <button type="button" class="quiet" data-choose-none>Close</button></div>
    <div class="setups-body"></div>
  </div>
</section>
"""
_OWN_SETUP_TEMPLATE = f"""
<div class="own-setup" hidden>
  <p class="facts"><span class="own-words" role="status"></span> <span class="own-details"></span></p>
  <p class="own-repeat" role="status"></p>
  <div class="own-actions"></div>
  <details class="setups own-setups" hidden><summary></summary>
    <div class="setups-head">{_SWITCH}</div><div class="setups-body"></div></details>
</div>
"""


def build_history() -> gr.HTML:
    """The list: its script asks for pages, searches and questions, and keeps what was typed and chosen."""
    script = "tlvsft.history(element, props, watch, trigger);"
    return _panel(_HISTORY_TEMPLATE, script, elem_id="history")


def build_own_setup() -> gr.HTML:
    """What belongs to the comparison on the screen rather than to the form above it."""
    script = "tlvsft.ownSetup(element, props, watch, trigger);"
    return _panel(_OWN_SETUP_TEMPLATE, script, elem_id="own-setup")


def _panel(template: str, script: str, **options: Any) -> gr.HTML:
    return gr.HTML(
        None,
        html_template=template,
        js_on_load=script,
        head=script_tags(HISTORY_SCRIPT),
        apply_default_css=False,
        **options,
    )
