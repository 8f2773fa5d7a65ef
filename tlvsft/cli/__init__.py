"""The command line: the same engine without a page."""

from __future__ import annotations

from tlvsft.cli.main import main

__all__ = ["main"]
