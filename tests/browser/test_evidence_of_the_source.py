"""What was forgotten, and the proof of what was frozen, on the real page: its hash is that of the bundled file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tlvsft.catalog.backbones import BACKBONES

pytestmark = pytest.mark.browser


def test_the_hash_on_the_page_is_that_of_the_file(
    repository: Path, trained: dict[str, Any], open_page: Callable[..., Page]
) -> None:
    page = open_page(storage_state=trained, viewport={"width": 390, "height": 844})
    frozen = page.locator("#evidence-frozen")
    frozen.locator("summary").first.click()
    row = frozen.locator("figure").first.locator("tbody tr").filter(has_text="block 2")
    expect(row.locator(".found")).to_have_text("✓ identical")

    docs = (repository / "docs" / "evidence.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(docs.partition("```python\n")[2].partition("```")[0], names)  # noqa: S102  our own documentation
    expected = names["block_hash"](BACKBONES["glyphs-resnet"].path / "model.safetensors", "encoder.stages.2.")
    for code in row.locator("code").all():
        expect(code).to_have_text(expected[:12])
        expect(code).to_have_attribute("title", expected)

    forgotten = page.locator("#evidence-forgotten")
    expect(forgotten.locator(".reading")).to_contain_text("This is agreement, a proxy")
    forgotten.locator("summary").first.click()
    expect(forgotten.locator("svg.slopes")).to_have_count(1)
    expect(forgotten.locator("tbody tr").first).to_contain_text("100.0 %")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
