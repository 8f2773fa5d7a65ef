"""Links in a real browser: opened, followed by the address bar, copied, and opened again by somebody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, choose, show_page

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
LATE_ANSWER = """async () => {
  const bar = document.querySelector("#link-bar [data-link]").closest(".html-container, #link-bar").cloneNode(true);
  document.body.append(bar);
  const props = { value: { query: "", left_out: [] } };
  const hear = { value: () => {} };
  const paint = () => new Promise((done) => setTimeout(done, 200));
  let asked = 0;
  tlvsft.link(bar, props, (_, listen) => (hear.value = listen), (_, question) => (asked = question.asked), "click");
  bar.querySelector("[data-link]").click();
  const said = [];
  for (const value of [{ query: "seed=8", asked }, { query: "seed=7" }]) {
    props.value = { left_out: [], ...value };
    hear.value();
    await paint();
    said.push(bar.querySelector("[role='status']").textContent);
  }
  bar.remove();
  return said;
}"""
"""What a bar of its own says after the answer to its question, and after a late one to an earlier change."""
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def copied(page: Page) -> str:
    """What the button puts on the clipboard."""
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".link-said [role='status']")).to_contain_text("Copied.")
    text: str = page.evaluate("() => navigator.clipboard.readText()")
    return text


def test_a_link_is_opened_changed_copied_and_opened_again(open_page: OpenPage, server: Server) -> None:
    page = open_page(permissions=CLIPBOARD)
    assert page.url == server.url  # a plain address stays plain
    show_page(page, f"{server.url}?story=digits&left=partial&freeze-left=embedding,0&seed=7&epochs=3")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("7")
    expect(page.get_by_label("Method, left")).to_have_value("Partly frozen")
    expect(page.locator(".variant.left .rung .state")).to_have_text(["new", *["trains"] * 3, *["frozen"] * 2])
    expect(page.locator("#link-note")).to_be_hidden()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    choose(page, "Method, right", "LoRA")
    page.get_by_label("Seed", exact=True).fill("8")
    link = copied(page)  # at once: before the server has answered for the seed
    assert link == f"{server.url}?story=digits&left=partial&freeze-left=embedding,0&right=lora&epochs=3&seed=8"
    expect(page).to_have_url(link)

    other = open_page()
    show_page(other, link)
    expect(other.get_by_label("Seed", exact=True)).to_have_value("8")
    expect(other.get_by_label("Method, right")).to_have_value("LoRA")
    expect(other.locator(".variant.left .rung .state")).to_have_text(["new", *["trains"] * 3, *["frozen"] * 2])
    other.get_by_role("button", name="Command line").press("Enter")
    expect(other.locator("#form-line code")).to_have_text(
        "python -m tlvsft compare --backbone glyphs-resnet --dataset digits --left partial --freeze-left embedding,0"
        " --right lora --labels 50 --epochs 3 --seed 8"
    )
    said = page.evaluate(LATE_ANSWER)
    assert said == ["Copied.", "Copied."]


@pytest.mark.thorough
def test_a_broken_link_says_so_and_without_a_clipboard_it_is_copied_by_hand(
    open_page: OpenPage, server: Server
) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.add_init_script("delete window.ClipboardItem")
    show_page(page, f"{server.url}?presenter=&story=digts&seed=<b>1</b>")
    page.keyboard.press("p")
    said = page.locator("#link-note .link-note")
    expect(said).to_have_count(1)
    expect(said).to_contain_text("Unknown story 'digts': did you mean 'digits'? seed must be a whole number, not '<b>1")
    page.get_by_role("button", name="Book genres", exact=True).click()
    expect(said).to_be_hidden()
    page.get_by_role("button", name="Copy link").press("Enter")
    field = page.get_by_label("The link, to copy by hand")
    expect(field).to_have_value(f"{server.url}?story=book-genres")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(page).to_have_url(f"{server.url}?story=book-genres")
    page.reload()
    expect(page.get_by_role("button", name="Book genres", exact=True)).to_have_attribute("aria-pressed", "true")


def test_on_a_phone_the_launcher_covers_what_scrolls_below_it(open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    expect(page.get_by_role("button", name="Train both")).to_be_visible()
    covered = page.evaluate(
        """() => {
          const middle = (element) => {
            const box = element.getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2];
          };
          const link = document.querySelector("#link-bar button"), launcher = document.querySelector("#launch-bar");
          window.scrollBy(0, middle(link)[1] - middle(launcher)[1]);
          return launcher.contains(document.elementFromPoint(...middle(link)));
        }"""
    )
    assert covered
