"""Serves the page: store, queue and predictor below it, until the process is told to end."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio as gr

from tlvsft.errors import InvalidInput
from tlvsft.quiet import silence_libraries
from tlvsft.runs.inference import InferenceClient
from tlvsft.runs.own_keeping import Keeper
from tlvsft.runs.scheduler import Scheduler
from tlvsft.runs.store import Store
from tlvsft.ui.feed import Feed
from tlvsft.ui.head import head_middleware
from tlvsft.ui.installing import installing_routes
from tlvsft.ui.language import choices_in_all_languages, language_files, language_head
from tlvsft.ui.news_route import NewsRoute
from tlvsft.ui.page import build_page
from tlvsft.ui.projection_route import projection_route
from tlvsft.ui.replay_route import replay_route
from tlvsft.ui.services import Services
from tlvsft.ui.take_home_route import take_home_route
from tlvsft.ui.theme import FAVICON, STYLES, page_theme, static_files

LARGEST_UPLOAD = "20mb"
QUEUE_LOOKS_AFTER_S = 0.05
"""Gradio looks a thousand times a second, which takes 6 % of a core from training; only taking home queues there."""


def serve(
    *, host: str | None = None, port: int | None = None, open_browser: bool = False, home: Path | None = None
) -> None:
    """Serves the page until the process is interrupted or terminated.

    Args:
        host: Address to listen on; `GRADIO_SERVER_NAME`, else 127.0.0.1.
        port: Port; `GRADIO_SERVER_PORT`, else the first free one from 7860 on.
        open_browser: Whether to show the page in a browser.
        home: Folder of the store; `TLVSFT_HOME`, else the platform's.

    Raises:
        InvalidInput: The port is taken.
        StoreError: The store can't be opened.
    """
    silence_libraries()
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    with running_services(home) as services:
        page = build_page(services)
        url = launch(page, services, host=host, port=port, open_browser=open_browser)
        sys.stderr.write(f"Open {url} in a browser. Ctrl+C ends the server.\n")
        ended.wait()
        page.close(verbose=False)


@contextmanager
def running_services(home: Path | None = None) -> Iterator[Services]:
    """Store, queue and predictor; runs that are on their way are interrupted at the end."""
    store = Store(home)
    scheduler, predictor = Scheduler(store), InferenceClient(store)
    keeper = Keeper(store)
    scheduler.start()
    predictor.start()
    keeper.start()
    services = Services(store=store, queue=scheduler, predictor=predictor, feed=Feed(store))
    try:
        yield services
    finally:
        services.exports.close()
        keeper.close()
        scheduler.close()
        predictor.close()
        store.close()


def launch(page: gr.Blocks, services: Services, *, host: str | None, port: int | None, open_browser: bool) -> str:
    """Starts serving in the background and returns the page's address.

    Raises:
        InvalidInput: The port is taken.
    """
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    gr.set_static_paths([*static_files(), *language_files()])
    page.queue(default_concurrency_limit=None)
    page._queue.sleep_when_free = QUEUE_LOOKS_AFTER_S  # gradio has no public way
    routes = [
        NewsRoute(services).route(),
        replay_route(),
        take_home_route(services),
        projection_route(services),
        *installing_routes(),
    ]
    try:
        _, url, _ = page.launch(
            server_name=host, server_port=port, inbrowser=open_browser, prevent_thread_lock=True, quiet=True,
            share=False, theme=page_theme(), css_paths=STYLES, favicon_path=FAVICON,
            head=language_head(), i18n=choices_in_all_languages(page),
            footer_links=[], run_history=False, allowed_paths=[], max_file_size=LARGEST_UPLOAD, ssr_mode=False,
            enable_monitoring=False, pwa=False, app_kwargs={"routes": routes, "middleware": [head_middleware()]},
        )  # fmt: skip
    except OSError as error:
        wanted = port or os.environ.get("GRADIO_SERVER_PORT", "7860 and those after it")
        raise InvalidInput(f"Port {wanted} is taken: choose another with --port or GRADIO_SERVER_PORT.") from error
    return url
