"""The page in other languages: their files, what the page is told of them, and gradio's part in it.

English stands in the code and is the key, as in gettext. `assets/locales/de.json` and its like have the rest; scripts
translate what is on the page (`assets/js/language.js`). A new language is a new file, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from tlvsft import __version__
from tlvsft.catalog.paths import ASSETS

LOCALES = ASSETS / "locales"
SCRIPTS = [ASSETS / "js" / name for name in ("messages.js", "language.js")]
ENGLISH = "en"
_GRADIO_FRONTEND = Path(gr.__file__).parent / "templates" / "frontend" / "assets"


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language other than English.

    Attributes:
        code: As browsers call it: `de`.
        name: As its readers call it: `Deutsch`.
        messages: From English.
    """

    code: str
    name: str
    messages: dict[str, str]
    path: Path


@cache
def languages() -> tuple[Language, ...]:
    """All languages that there is a file of, by their codes."""
    return tuple(_read(path) for path in sorted(LOCALES.glob("*.json")))


def language_names() -> dict[str, str]:
    """What the switch in the header offers, by code: English first."""
    return {ENGLISH: "English"} | {language.code: language.name for language in languages()}


def language_head() -> str:
    """What the page needs before it is put together: which languages there are, and the scripts."""
    told = [{"code": ENGLISH, "file": ""}] + [
        {"code": language.code, "file": f"{_address(language.path)}"} for language in languages()
    ]
    known = json.dumps({"languages": told, "gradio": gradio_locale_module()}).replace("<", "\\u003c")
    tags = "".join(f'<script src="{_address(path)}"></script>' for path in SCRIPTS)
    return (
        "<style>.is-coming gradio-app { visibility: hidden; }</style>"
        f"<script>window.tlvsft = window.tlvsft || {{}}; tlvsft.locales = {known};</script>{tags}"
    )


def language_files() -> list[Path]:
    """What the server may hand out."""
    return [*SCRIPTS, *(language.path for language in languages())]


def choices_in_all_languages(page: gr.Blocks) -> gr.I18n:
    """Gradio's own dictionaries: the choices of its lists, which no script can translate (they are values of fields).

    A text that is also the value of a field is left out: gradio would translate that, too.
    """
    components = [block.get_config() for block in page.blocks.values()]
    values = {value for config in components if isinstance(value := config.get("value"), str)}
    wanted = {title for config in components for title in _choice_titles(config)} - values
    return gr.I18n(
        **{
            language.code: {title: language.messages[title] for title in sorted(wanted & language.messages.keys())}
            for language in languages()
        }
    )


@cache
def gradio_locale_module() -> str:
    """The file of gradio's frontend whose `changeLocale` its settings use; empty where there is none."""
    found = (path for path in sorted(_GRADIO_FRONTEND.glob("core-*.js")) if "as changeLocale" in _text(path))
    name = next((path.name for path in found), "")
    return f"assets/{name}" if name else ""


def _choice_titles(config: dict[str, Any]) -> Iterator[str]:
    for choice in config.get("choices") or ():
        title = choice[0] if isinstance(choice, (tuple, list)) else choice
        if isinstance(title, str):
            yield title


def _read(path: Path) -> Language:
    data = json.loads(_text(path))
    return Language(code=path.stem, name=data["name"], messages=data["messages"], path=path)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _address(path: Path) -> str:
    return f"gradio_api/file={path}?v={__version__}"
