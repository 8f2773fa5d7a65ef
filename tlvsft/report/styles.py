"""The style sheets of figures: the page's and the report's figures are the same, and so are their styles."""

from __future__ import annotations

from tlvsft.catalog.paths import ASSETS

FIGURE_STYLES = sorted((ASSETS / "css").glob("figures*.css"))
"""What all figures share comes first, then what one kind needs beside."""
