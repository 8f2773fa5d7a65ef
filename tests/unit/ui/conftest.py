"""A page's services around a real store, with a queue and a predictor that only note what they are asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import gradio as gr
import pytest

from tlvsft.config import ComparisonConfig
from tlvsft.runs.inference import Input, Prediction
from tlvsft.runs.store import Store
from tlvsft.ui import build_page
from tlvsft.ui.feed import Feed
from tlvsft.ui.services import Services


@dataclass
class NotingQueue:
    store: Store
    stopped: list[tuple[str, str | None]] = field(default_factory=list)

    def submit(self, config: ComparisonConfig, *, owner: str | None) -> str:
        return self.store.add_comparison(config, owner=owner)

    def stop(self, comparison_id: str, *, viewer: str | None = None) -> None:
        self.store.visible_comparison(comparison_id, viewer=viewer)
        self.stopped.append((comparison_id, viewer))

    def queue_place(self, comparison_id: str) -> int | None:
        return 2 if self.store.comparison(comparison_id).runs[0].state == "queued" else None


@dataclass
class NotingPredictor:
    asked: list[tuple[str, Input, str | None]] = field(default_factory=list)

    def predict(self, run_id: str, content: Input, *, viewer: str | None = None) -> Prediction:
        self.asked.append((run_id, content, viewer))
        return Prediction(class_names=("a", "b"), probabilities=(0.25, 0.75))


@pytest.fixture
def services(store: Store) -> Services:
    return Services(store=store, queue=NotingQueue(store), predictor=NotingPredictor(), feed=Feed(store))


@pytest.fixture
def page(services: Services) -> gr.Blocks:
    """The page, built inside a running event loop: where there is none, gradio makes several and leaves them open."""

    async def build() -> gr.Blocks:
        return build_page(services)

    return asyncio.run(build())
