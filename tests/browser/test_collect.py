"""A small photo set is collected on the spot, by files, drag and drop or camera, and trained on; it is private."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.browser.conftest import CHROMIUM_ARGUMENTS, PATIENCE_S, Server, Watcher, fill_in, show_page
from tests.unit.ui.collected import huge_png, photo

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
SCRIPT = "<img src=x onerror=alert(1)>"


def open_panel(page: Page) -> Locator:
    panel = page.locator("#collect details")
    panel.locator("summary").click()
    return panel


def card(panel: Locator, place: int) -> Locator:
    return panel.locator(".collect-class").nth(place)


def name_class(panel: Locator, place: int, name: str) -> None:
    card(panel, place).get_by_label(f"Name of class {place + 1}").fill(name)


def add_files(panel: Locator, place: int, files: list[Path] | list[FilePayload]) -> None:
    card(panel, place).locator("input[type='file']").set_input_files(files)


def picture_files(count: int, *, start: int = 0) -> list[FilePayload]:
    return [
        {"name": f"{number}.png", "mimeType": "image/png", "buffer": photo(number)}
        for number in range(start, start + count)
    ]


@pytest.mark.shared
def test_ten_photos_a_class_become_a_verdict_that_nobody_else_sees(open_page: OpenPage, shared_dir: Path) -> None:
    page = open_page()
    panel = open_panel(page)
    for place, kind in enumerate(("ants", "bees")):
        name_class(panel, place, kind.capitalize())
        add_files(panel, place, sorted((shared_dir / "data" / "hymenoptera" / "train" / kind).iterdir())[:10])
        expect(card(panel, place).locator(".collect-count")).to_have_text("10 pictures")
    panel.get_by_role("button", name="Train on these").click()
    expect(panel.locator(".collect-saved")).to_contain_text("14 pictures to train on, 3 to validate with and 3 to test")
    expect(panel.locator(".collect-saved")).to_contain_text("too close to call")
    expect(page.get_by_label("Dataset", exact=True)).to_have_value(re.compile("Ants, Bees"))
    expect(page.get_by_label("Backbone")).to_have_value(re.compile("photos-resnet"))
    expect(page.get_by_label("Labels", exact=True)).to_have_value("14")
    fill_in(page, epochs=2)
    panel.get_by_role("button", name="Start training").click()
    expect(page.locator("#verdict")).to_be_visible(timeout=1000 * PATIENCE_S)
    ask_about(page, next((shared_dir / "data" / "hymenoptera" / "test" / "bees").iterdir()))
    other = open_page()
    other.get_by_label("Dataset", exact=True).click()
    expect(other.get_by_role("option", name="Handwritten digits")).to_be_visible()
    expect(other.get_by_role("option", name=re.compile("Ants"))).to_have_count(0)
    expect(other.locator("#collect")).not_to_contain_text("draft")


def ask_about(page: Page, file: Path) -> None:
    """Both variants answer a picture that they have never seen."""
    page.locator("#try-it .try-input input[type='file']").set_input_files(file)
    expect(page.locator("#try-it .headline")).to_have_count(2, timeout=1000 * PATIENCE_S)
    expect(page.locator("#try-it .headline").first).to_contain_text(re.compile("Ants|Bees"))


def test_what_is_no_picture_is_named_and_a_script_is_only_text(open_page: OpenPage) -> None:
    page = open_page()
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    panel = open_panel(page)
    bad: list[FilePayload] = [
        {"name": f"{SCRIPT}.jpg", "mimeType": "image/jpeg", "buffer": b"I am a text."},
        {"name": "bomb.png", "mimeType": "image/png", "buffer": huge_png(50_000, 50_000)},
    ]
    name_class(panel, 0, SCRIPT)
    add_files(panel, 0, [*bad, *picture_files(2)])
    words = panel.locator(".collect-words")
    expect(words).to_contain_text(f"{SCRIPT}: 2 of at least 10. Not read")
    expect(words).to_contain_text("bomb.png")
    add_files(panel, 0, picture_files(2))
    expect(words).to_contain_text("2 pictures were there already.")
    panel.get_by_role("button", name="Train on these").click()
    expect(words).to_have_text("Give class 2 a name.")
    expect(card(panel, 1).get_by_label("Name of class 2")).to_be_focused()
    assert panel.locator("img[src='x']").count() == 0


@pytest.mark.thorough
def test_a_removal_by_keyboard_is_undone_and_the_draft_outlives_a_reload(open_page: OpenPage) -> None:
    page = open_page()
    panel = open_panel(page)
    name_class(panel, 1, "Mugs")
    drop_files(card(panel, 1), 3)
    count = card(panel, 1).locator(".collect-count")
    expect(count).to_have_text("3 of at least 10")
    second = card(panel, 1).get_by_role("button", name="Remove picture 2 of Mugs")
    second.focus()
    page.keyboard.press("Enter")
    expect(count).to_have_text("2 of at least 10")
    expect(card(panel, 1).get_by_role("button", name="Remove picture 2 of Mugs")).to_be_focused()
    panel.get_by_role("button", name="Undo").click()
    expect(count).to_have_text("3 of at least 10")
    wait_until_kept(page)
    page.reload()
    expect(page.locator(".collect-tally")).to_have_text("draft: 3 pictures")
    open_panel(page)
    expect(card(panel, 1).get_by_label("Name of class 2")).to_have_value("Mugs")
    expect(card(panel, 1).locator("img")).to_have_count(3)
    panel.get_by_role("button", name="Discard all").click()
    expect(panel.locator("img")).to_have_count(0)
    wait_until_kept(page)
    page.reload()
    expect(page.locator(".collect-tally")).to_have_text("")


def wait_until_kept(page: Page) -> None:
    page.evaluate("() => tlvsft.drafts.read().then(() => null)")  # a read waits for the writes before it


def drop_files(target: Locator, count: int) -> None:
    """Drops pictures of different colours, as from a folder."""
    target.evaluate(
        """async (node, count) => {
            const transfer = new DataTransfer();
            for (let number = 0; number < count; number += 1) {
                const canvas = document.createElement('canvas');
                canvas.getContext('2d').fillStyle = `hsl(${number * 40} 80% 50%)`;
                canvas.getContext('2d').fillRect(0, 0, 300, 150);
                const blob = await new Promise((done) => canvas.toBlob(done));
                transfer.items.add(new File([blob], `${number}.png`, { type: 'image/png' }));
            }
            for (const name of ['dragover', 'drop']) {
                node.dispatchEvent(new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true }));
            }
        }""",
        count,
    )


@pytest.fixture
def camera_page(server: Server, chromium: Browser, watcher: Watcher) -> Iterator[Page]:
    """The page in a browser whose camera shows a test picture."""
    started = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"), args=[*CHROMIUM_ARGUMENTS, *FAKE_CAMERA]
    )
    page = started.new_page(viewport={"width": 1440, "height": 900})
    watcher.watch(page)
    show_page(page, server.url)
    yield page
    started.close()


def test_the_camera_takes_one_or_several_and_stops_with_the_panel(camera_page: Page) -> None:
    page = camera_page
    panel = open_panel(page)
    first = card(panel, 0)
    first.get_by_role("button", name="Camera: class 1").click()
    take = first.get_by_role("button", name="Take a photo")
    expect(take).to_be_focused()
    take.click()
    count = first.locator(".collect-count")
    expect(count).to_have_text("1 of at least 10")
    page.keyboard.press("Space")
    expect(count).to_have_text("2 of at least 10")
    page.keyboard.down("Enter")
    expect(count).to_have_text(re.compile("^[45] of"))
    page.keyboard.up("Enter")
    sizes = first.locator("img").evaluate_all("(all) => all.map((image) => [image.naturalWidth, image.naturalHeight])")
    assert {tuple(size) for size in sizes} == {(256, 256)}
    assert is_filming(page)
    panel.locator("summary").click()
    expect(first.get_by_role("button", name="Take a photo")).to_have_count(0)
    assert not is_filming(page)


def is_filming(page: Page) -> bool:
    filming: bool = page.locator("#collect video").evaluate("(video) => video.srcObject !== null")
    return filming


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))",
            "No camera",
        ),
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))",
            "may not",
        ),
        ("Object.defineProperty(window, 'isSecureContext', { get: () => false })", "https or localhost"),
    ],
)
@pytest.mark.thorough
def test_where_there_is_no_camera_it_is_said_why(open_page: OpenPage, script: str, words: str) -> None:
    page = open_page()
    page.evaluate(f"() => {{ {script} }}")
    panel = open_panel(page)
    card(panel, 0).get_by_role("button", name="Camera: class 1").click()
    expect(panel.locator(".camera-words")).to_contain_text(words)
    expect(card(panel, 0).get_by_role("button", name="Take a photo")).to_be_disabled()


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_panel_fits_a_phone(open_page: OpenPage, scheme: Any) -> None:
    page = open_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    panel = open_panel(page)
    add_files(panel, 0, picture_files(12))
    expect(card(panel, 0).locator("img")).to_have_count(12)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
