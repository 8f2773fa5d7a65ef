"""A page's services around a real store, with a queue and a predictor that only note what they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import gradio as gr
import pytest

from tlvsft.catalog.presets import PREVIOUS
from tlvsft.config import SIDES, ComparisonConfig, VariantConfig
from tlvsft.errors import InvalidInput
from tlvsft.runs.inference import Input, Prediction
from tlvsft.runs.store import Store
from tlvsft.ui import build_page
from tlvsft.ui.feed import Feed
from tlvsft.ui.services import Services


@dataclass
class NotingQueue:
    store: Store
    stopped: list[tuple[str, str | None, bool]] = field(default_factory=list)

    def submit(self, config: ComparisonConfig, *, owner: str | None) -> str:
        return self.store.add_comparison(config, owner=owner)

    def submit_chain(self, configs: Sequence[ComparisonConfig], *, owner: str | None) -> tuple[str, ...]:
        ids: list[str] = []
        for config in configs:
            left, right = (self._after(config.variant(side), ids) for side in SIDES)
            ids.append(self.store.add_comparison(replace(config, left=left, right=right), owner=owner))
        return tuple(ids)

    def _after(self, variant: VariantConfig, ids: list[str]) -> VariantConfig:
        start = variant.start and variant.start.replace(PREVIOUS, ids[-1])
        return replace(variant, start=start)

    def stop(self, comparison_id: str, *, viewer: str | None = None, whole_chain: bool = False) -> None:
        self.store.visible_comparison(comparison_id, viewer=viewer)
        self.stopped.append((comparison_id, viewer, whole_chain))

    def queue_place(self, comparison_id: str) -> int | None:
        return 2 if self.store.comparison(comparison_id).runs[0].state == "queued" else None


@dataclass(frozen=True)
class SaidWords:
    words: tuple[tuple[str, float], ...]
    continuation: str
    step: int | None


@dataclass
class NotingPredictor:
    asked: list[tuple[str, Input, str | None]] = field(default_factory=list)
    prompts: list[tuple[str, str, str | None]] = field(default_factory=list)
    without_checkpoint: set[str] = field(default_factory=set)

    def predict(self, run_id: str, content: Input, *, viewer: str | None = None) -> Prediction:
        self.asked.append((run_id, content, viewer))
        return Prediction(class_names=("a", "b"), probabilities=(0.25, 0.75))

    def next_words(self, run_id: str, prompt: str, *, viewer: str | None = None) -> SaidWords:
        self.prompts.append((run_id, prompt, viewer))
        if run_id in self.without_checkpoint:
            raise InvalidInput("This run has no weights.")
        return SaidWords(words=((" book", 0.5), (" end", 0.25)), continuation=" about plums.", step=40)

    def next_words_before(self, backbone: str, prompt: str) -> SaidWords:
        self.prompts.append((backbone, prompt, None))
        return SaidWords(words=((" city", 0.5), (" end", 0.125)), continuation=" of the river.", step=None)


@pytest.fixture
def services(store: Store) -> Services:
    return Services(store=store, queue=NotingQueue(store), predictor=NotingPredictor(), feed=Feed(store))


@pytest.fixture
def page(services: Services) -> gr.Blocks:
    """The page, built inside a running event loop: where there is none, gradio makes several and leaves them open."""

    async def build() -> gr.Blocks:
        return build_page(services)

    return asyncio.run(build())
