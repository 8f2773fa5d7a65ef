"""Asks axe-core about the page as it stands."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EXCUSED: dict[str, str] = {}
"""Rules that gradio's own markup breaks and that can't be mended from outside, with the reason; none is serious.
`docs/accessibility.md` lists them, too."""
_OPTIONS = {"runOnly": {"type": "tag", "values": [*WCAG, "best-practice"]}, "resultTypes": ["violations"]}


def audit(page: Page) -> list[str]:
    """All that axe finds, WCAG 2.2 A and AA and best practice, a line for each node: rule, impact, where, why."""
    found = Axe().run(page, options=_OPTIONS).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}) {node['target']}: {_reason(node)}"
        for rule in found
        if rule["id"] not in EXCUSED
        for node in rule["nodes"]
    ]


def _reason(node: dict[str, list[dict[str, str]]]) -> str:
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])
