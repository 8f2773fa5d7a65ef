"""A page's services around a real store, with a queue and a predictor that only note what they are asked."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import gradio as gr
import pytest

from tests.unit.sweep_store import queue_sweep
from tlvsft.catalog.presets import DEFAULT_PRESET, PRESETS, PREVIOUS
from tlvsft.config import SIDES, ComparisonConfig, Side, VariantConfig
from tlvsft.errors import InvalidInput
from tlvsft.events import BlockStatus, Evaluated, RunFinished, RunStarted, StepTaken
from tlvsft.runs.cell_records import SweepPlan
from tlvsft.runs.inference import Explanation, Input, Prediction, TextExplanation, TextInput, WordDrop
from tlvsft.runs.processes import ProcessIdentity
from tlvsft.runs.store import Store
from tlvsft.runs.sweeps import Sweeps
from tlvsft.ui import build_page
from tlvsft.ui.feed import Feed
from tlvsft.ui.layout import build_chain, build_launcher, build_race, build_results
from tlvsft.ui.run_handlers import RunHandlers
from tlvsft.ui.services import Services
from tlvsft.ui.setup import setup_of_story
from tlvsft.ui.setup_layout import build_setup


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

    def submit_sweep(self, plan: SweepPlan, *, owner: str | None) -> str:
        return queue_sweep(self.store, plan, owner=owner)

    def stop_sweep(self, sweep_id: str, *, viewer: str | None = None) -> None:
        Sweeps(self.store.database).stop(sweep_id, viewer=viewer)

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

    def explain(self, run_id: str, content: Input, *, viewer: str | None = None) -> Explanation:
        self.asked.append((run_id, content, viewer))
        text = content.text if isinstance(content, TextInput) else "a picture"
        word = WordDrop(start=0, end=1, drop=0.25)
        return TextExplanation(
            class_names=("a", "b"), predicted=1, probability=0.75, text=text, words=(word,), total_words=1
        )

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


@pytest.fixture
def handlers(services: Services) -> RunHandlers:
    """The handlers over parts that stand on no page."""

    async def build() -> RunHandlers:
        with gr.Blocks():
            setup = build_setup(setup_of_story(DEFAULT_PRESET))
            race = build_race(*build_launcher())
            results = build_results(build_chain())
            visitor = gr.BrowserState({})
        return RunHandlers(services=services, visitor=visitor, setup=setup, race=race, results=results)

    return asyncio.run(build())


@pytest.fixture
def words_config() -> ComparisonConfig:
    return PRESETS["adapt-to-book-reviews"].comparison_config()


@pytest.fixture
def train_words(store: Store) -> Callable[..., None]:
    """Lets the runs of a comparison of language models begin and, unless told otherwise, finish."""

    def train(comparison_id: str, *, finish: bool = True) -> None:
        for run in store.comparison(comparison_id).runs:
            store.begin_run(run.id, ProcessIdentity.own())
            store.append_events(run.id, [started_words(), evaluated_words(0), evaluated_words(40), stepped_words(41)])
            if finish:
                store.end_run(run.id, "finished", event=finished_words(run.side))

    return train


def started_words(*, frozen: bool = True) -> RunStarted:
    lower = BlockStatus(name="embedding", parameters=90, state="frozen" if frozen else "trains")
    head = BlockStatus(name="head", parameters=10, state="trains", head="kept")
    return RunStarted(
        trainable_parameters=10,
        total_parameters=100,
        blocks=(lower, head),
        total_steps=80,
        epochs=1,
        train_examples=20,
        class_names=(),
    )


def evaluated_words(step: int) -> Evaluated:
    value = 140.0 - step
    return Evaluated(
        step=step,
        epoch=0.5,
        elapsed_s=1.0,
        val_loss=math.log(value),
        val_accuracy=None,
        examples=10 * step,
        val_perplexity=value,
    )


def stepped_words(step: int) -> StepTaken:
    return StepTaken(step=step, epoch=0.5, elapsed_s=1.0, train_loss=4.5, examples=10 * step)


def finished_words(side: Side) -> RunFinished:
    return RunFinished(
        steps=80,
        frozen_intact=True if side == "left" else None,
        elapsed_s=30.0 if side == "left" else 40.0,
        train_s=20.0,
        examples_per_s=10.0,
        peak_memory_bytes=1_000_000,
        perplexity_before=142.0,
        perplexity=71.0 if side == "left" else 68.0,
        source_perplexity_before=95.0,
        source_perplexity_after=114.0 if side == "left" else 152.0,
    )
