"""The switch between languages in the header. Its script (`assets/js/language.js`) writes what is chosen into it."""

from __future__ import annotations

from tlvsft.ui.language import ENGLISH, language_names
from tlvsft.ui.markup import Markup, element


def language_switch_html() -> Markup:
    """A list of languages, each by its own name; what is seen of it is the code of the chosen one."""
    options = [element("option", name, value=code, lang=code) for code, name in language_names().items()]
    select = element("select", *options, data_language=True, aria_label="Language")
    shown = element("span", ENGLISH.upper(), aria_hidden="true", translate="no")
    arrow = element("span", "▾", aria_hidden="true")
    return element("label", shown, arrow, select, class_="language-switch", title="Language")
