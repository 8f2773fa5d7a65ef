from __future__ import annotations

from tlvsft.ui.markup import element, join, sign

NASTY = "<img src=x onerror=alert(1)> \"'&`${alert(1)}"


def test_text_is_escaped_wherever_it_stands() -> None:
    made = element("p", NASTY, title=NASTY)
    assert "<img" not in made
    assert made.count("&lt;img") == 2
    assert '"' not in made.split('title="')[1].split('">')[0]


def test_markup_stays_as_it_is() -> None:
    assert element("div", element("b", "a"), None, "<") == "<div><b>a</b>&lt;</div>"
    assert join([sign("✓"), "&"]) == '<span class="sign" aria-hidden="true">✓</span>&amp;'


def test_attributes() -> None:
    assert element("i", class_="x", data_block="3", disabled=True, hidden=False, title=None) == (
        '<i class="x" data-block="3" disabled></i>'
    )
    assert element("img", src="data:,") == '<img src="data:,">'


def test_joining_text_to_markup_is_text_again() -> None:
    assert element("p", element("b", "x") + "<i>") == "<p>&lt;b&gt;x&lt;/b&gt;&lt;i&gt;</p>"
