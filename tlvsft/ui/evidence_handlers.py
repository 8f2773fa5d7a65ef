"""The evidence beside the verdict is put together when the page asks for it: after the verdict, not before."""

from __future__ import annotations

from typing import Any

import gradio as gr

from tlvsft.errors import InvalidInput
from tlvsft.ui.evidence_panel import evidence_html, evidence_to_come_html
from tlvsft.ui.markup import Markup
from tlvsft.ui.services import Services
from tlvsft.ui.setup_handlers import QUICK
from tlvsft.ui.visitor import read_visitor


def connect_evidence(services: Services, *, visitor: gr.BrowserState, panel: gr.HTML) -> None:
    """Makes the panel's script get what it asks for."""

    def on_wanted(kept: Any) -> Markup:
        return show_evidence(services, kept)

    panel.click(on_wanted, [visitor], panel, trigger_mode="always_last", **QUICK)


def show_evidence(services: Services, kept: Any) -> Markup:
    """The evidence of the comparison that a visitor looks at now, if they may see it."""
    known = read_visitor(kept)
    if not known.viewing:
        return evidence_to_come_html(None)
    try:
        comparison = services.store.visible_comparison(known.viewing, viewer=known.owner)
    except InvalidInput:
        return evidence_to_come_html(None)
    return evidence_html(services.store, comparison)
