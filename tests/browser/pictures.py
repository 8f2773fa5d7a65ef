"""Makes the pictures that stand for the page elsewhere: `python -m tests.browser.pictures [icons|social]`.

`icons` draws `assets/pictures/favicon.svg` at the sizes that tabs, desktops and phones want. `social` trains the digits
story and shows its curves and its verdict beside the title, as `assets/pictures/social.jpg`. Without an argument: both.
"""

from __future__ import annotations

import base64
import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM_ARGUMENTS, running, show_page, train_quickly
from tests.browser.screenshots import REPOSITORY, settle
from tlvsft.ui.head import SOCIAL_SIZE
from tlvsft.ui.installing import PAPER

FOLDER = REPOSITORY / "assets" / "pictures"
ICO_SIZES = (16, 32, 48)
_SAFE_SHARE = 0.56
"""The sign's part of the width of an icon that may be cut to any shape: it stays in the circle that is always seen."""
_QUALITY = 82


def main() -> None:
    wanted = sys.argv[1:] or ["icons", "social"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        if "icons" in wanted:
            make_icons(browser)
        if "social" in wanted:
            make_social_picture(browser)


def make_icons(browser: Browser) -> None:
    for size in (192, 512):
        draw_sign(browser, size).save(FOLDER / f"icon-{size}.png", optimize=True)
    on_paper(draw_sign(browser, round(_SAFE_SHARE * 512)), 512).save(FOLDER / "icon-maskable-512.png", optimize=True)
    on_paper(draw_sign(browser, 140), 180).save(FOLDER / "apple-touch-icon.png", optimize=True)
    small = [draw_sign(browser, size) for size in ICO_SIZES]
    sizes = [(size, size) for size in ICO_SIZES]
    small[-1].save(FOLDER / "favicon.ico", sizes=sizes, append_images=small[:-1])


def draw_sign(browser: Browser, size: int) -> Image.Image:
    """The sign on nothing, `(size, size)` pixels."""
    page = browser.new_page(viewport={"width": size, "height": size})
    sign = (FOLDER / "favicon.svg").read_text(encoding="utf-8")
    page.set_content(f"<style>* {{ margin: 0 }} svg {{ display: block; width: {size}px }}</style>{sign}")
    picture = Image.open(io.BytesIO(page.screenshot(omit_background=True))).convert("RGBA")
    page.close()
    return picture


def on_paper(sign: Image.Image, size: int) -> Image.Image:
    """The sign in the middle of a square of the page's ground."""
    ground = Image.new("RGB", (size, size), PAPER["light"])
    corner = (size - sign.width) // 2
    ground.paste(sign, (corner, corner), mask=sign)
    return ground


def make_social_picture(browser: Browser) -> None:
    with tempfile.TemporaryDirectory() as home, running(REPOSITORY, Path(home)) as server:
        page = browser.new_page(viewport={"width": 1100, "height": 900}, color_scheme="light", device_scale_factor=2)
        show_page(page, server.url)
        train_quickly(page)
        settle(page)
        parts = [
            photograph(page, selector) for selector in (".masthead > div:first-child", "#launch-bar", "#curves .plots")
        ]
    compose(browser, *parts)


def photograph(page: Page, selector: str) -> str:
    """A part of the page as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(page.locator(selector).screenshot()).decode()}"


def compose(browser: Browser, title: str, outcome: str, curves: str) -> None:
    """The sign beside the title, above what was really seen."""
    width, height = SOCIAL_SIZE
    page = browser.new_page(viewport={"width": width, "height": height})
    sign = (FOLDER / "favicon.svg").read_text(encoding="utf-8")
    page.set_content(
        f"""<style>
        body {{ margin: 0; width: {width}px; height: {height}px; box-sizing: border-box; padding: 30px 44px 0;
          overflow: hidden; background: {PAPER["light"]}; }}
        header {{ display: grid; grid-template-columns: 88px 1fr; gap: 22px; align-items: center; }}
        img {{ display: block; width: 100%; }} body > img {{ margin-top: 16px; }}
        </style><header>{sign}<img src="{title}"></header><img src="{outcome}"><img src="{curves}">"""
    )
    page.wait_for_function("() => [...document.images].every((image) => image.complete)")
    page.screenshot(path=FOLDER / "social.jpg", type="jpeg", quality=_QUALITY)
    page.close()


if __name__ == "__main__":
    main()
