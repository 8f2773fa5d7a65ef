"""The page: layout, handlers, charts. The only room that knows gradio and plotly; it never loads torch."""

from __future__ import annotations

from tlvsft.ui.page import build_page
from tlvsft.ui.server import serve

__all__ = ["build_page", "serve"]
