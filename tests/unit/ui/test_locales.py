"""The files of languages, and what the page is told of them."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from pathlib import Path

import gradio as gr
import pytest

from tlvsft.catalog.glossary import GLOSSARY
from tlvsft.catalog.methods import METHODS
from tlvsft.catalog.presets import PRESETS
from tlvsft.comparison.claims import CLAIMS
from tlvsft.ui.language import (
    LOCALES,
    choices_in_all_languages,
    gradio_locale_module,
    language_files,
    language_head,
    language_names,
    languages,
)
from tlvsft.ui.language_switch import language_switch_html

FILES = sorted(LOCALES.glob("*.json"))
PLACED = re.compile(r"\{\w+\}|</?\d+>")
"""Placeholders, and tags of what stands inside."""


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """All messages as they stand in the file, repeated ones too."""
    read: list[list[tuple[str, str]]] = []

    def take(pairs: list[tuple[str, object]]) -> dict[str, object]:
        read.append([(key, value) for key, value in pairs if isinstance(value, str)])
        return dict(pairs)

    json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=take)
    return read[0]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def pairs(request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    return read_pairs(request.param)


def test_a_translation_has_what_its_message_has(pairs: list[tuple[str, str]]) -> None:
    for message, translation in pairs:
        assert Counter(PLACED.findall(message)) == Counter(PLACED.findall(translation)), message


def test_a_placeholder_stands_once_in_a_message(pairs: list[tuple[str, str]]) -> None:
    for message, _ in pairs:
        assert max(Counter(PLACED.findall(message)).values(), default=1) == 1, message


def test_messages_are_sorted_and_there_once(pairs: list[tuple[str, str]]) -> None:
    messages = [message for message, _ in pairs]
    assert messages == sorted(set(messages))


def test_messages_are_as_the_page_looks_them_up(pairs: list[tuple[str, str]]) -> None:
    for message, translation in pairs:
        assert message == " ".join(message.split()), message
        assert translation.strip(), message


def test_every_text_of_the_catalogue_is_translated() -> None:
    texts = [text for preset in PRESETS.values() for text in (preset.title, preset.question)]
    texts += [text for preset in PRESETS.values() if (text := preset.explanation)]
    texts += [text for method in METHODS.values() for text in (method.title, method.popular_name)]
    texts += [text for entry in GLOSSARY.values() for text in (entry.name, entry.explanation)]
    texts += [claim for claims in CLAIMS.values() for claim in claims.values()]
    for language in languages():
        assert [text for text in texts if text not in language.messages] == []


def test_the_switch_names_every_language_in_its_own_words() -> None:
    assert language_names() == {"en": "English", "de": "Deutsch"}
    html = language_switch_html()
    assert '<option value="de" lang="de">Deutsch</option>' in html


def test_gradio_translates_choices_but_no_value() -> None:
    async def build() -> gr.I18n:  # gradio makes its queue in an event loop
        with gr.Blocks() as page:
            gr.Dropdown([("Linear probe", "linear_probe"), ("Full fine-tuning", "full")], value="full")
            gr.Dropdown([("Stop", "Stop"), ("Reveal", "reveal")], value="Stop")
        return choices_in_all_languages(page)

    told = asyncio.run(build()).translations_dict
    assert set(told["de"]) == {"Linear probe", "Full fine-tuning", "Reveal"}


def test_the_head_names_files_that_the_server_hands_out() -> None:
    for path in language_files():
        assert path.is_file()
        assert str(path) in language_head()


def test_gradios_locale_can_be_switched() -> None:
    """Its frontend has no public way; with another version this one may have gone."""
    assert re.fullmatch(r"assets/core-[\w-]+\.js", gradio_locale_module())
