"""The page as a whole."""

from __future__ import annotations

import gradio as gr

from tlvsft.catalog.presets import DEFAULT_PRESET
from tlvsft.ui.ask_handlers import connect_answers
from tlvsft.ui.collect_handlers import connect_collect
from tlvsft.ui.components import glossary_panel
from tlvsft.ui.evidence_handlers import connect_evidence
from tlvsft.ui.glossary import glossary_html
from tlvsft.ui.history_handlers import HistoryHandlers
from tlvsft.ui.layout import build_chain, build_header, build_launcher, build_race, build_results
from tlvsft.ui.link_handlers import connect_link
from tlvsft.ui.next_words_handlers import connect_next_words
from tlvsft.ui.older_handlers import connect_older
from tlvsft.ui.own_data_handlers import OwnDataHandlers
from tlvsft.ui.run_handlers import RunHandlers
from tlvsft.ui.services import Services
from tlvsft.ui.setup import setup_of_story
from tlvsft.ui.setup_handlers import SetupHandlers
from tlvsft.ui.setup_layout import build_setup
from tlvsft.ui.sweep_handlers import SweepHandlers
from tlvsft.ui.take_home_handlers import connect_take_home
from tlvsft.ui.texts import TITLE

_KEPT_AS = "tlvsft-visitor"
"""Under this name a browser keeps its token. Gradio also wants a secret, which it sends to every browser: that one
must only stay the same from one start of the server to the next."""


def build_page(services: Services) -> gr.Blocks:
    """Puts the sections on the page and connects them."""
    page: gr.Blocks
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=(3600, 86_400)) as page:
        visitor = gr.BrowserState({}, storage_key=_KEPT_AS, secret=_KEPT_AS)
        build_header()
        setup = build_setup(setup_of_story(DEFAULT_PRESET))
        launcher = build_launcher()
        chain = build_chain()
        race = build_race(*launcher)
        results = build_results(chain)
        glossary_panel(glossary_html(), elem_id="glossary")
        SetupHandlers(services=services, visitor=visitor, setup=setup, race=race).connect()
        runs = RunHandlers(services=services, visitor=visitor, setup=setup, race=race, results=results)
        runs.connect(page)
        HistoryHandlers(runs).connect()
        OwnDataHandlers(
            services=services, visitor=visitor, parts=setup.own_data, setup=setup, complaint=race.complaint
        ).connect(page)
        connect_link(setup, visitor=visitor)
        connect_answers(services, visitor=visitor, parts=results)
        connect_evidence(services, visitor=visitor, panel=results.evidence)
        connect_older(services, visitor=visitor, signal=race.older)
        connect_collect(services, visitor=visitor, setup=setup, race=race)
        connect_next_words(services, visitor=visitor, parts=results.next_words)
        SweepHandlers(services=services, visitor=visitor, setup=setup, panel=results.sweeps).connect()
        connect_take_home(services, visitor=visitor, card=results.take_home)
    return page
