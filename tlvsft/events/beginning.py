"""How a run begins: where it comes from, its layer ladder, its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tlvsft.config import LanguageHead, Side, Task

BlockState = Literal["frozen", "trains", "new", "adapts"]


@dataclass(frozen=True, kw_only=True)
class BlockStatus:
    """One rung of the layer ladder, from input to output.

    Attributes:
        name: `embedding`, `0` … or `head`.
        parameters: How many parameters it has.
        state: What is updated now: `frozen` nothing, `trains` all of it, `new` all of it from a fresh initialisation,
            `adapts` a low-rank adapter beside its frozen weights.
        adapter_parameters: How many parameters the adapter has.
        head: Which head a language model's `head` is.
    """

    name: str
    parameters: int
    state: BlockState
    adapter_parameters: int = 0
    head: LanguageHead | None = None

    @property
    def trainable_parameters(self) -> int:
        """How many parameters are updated now."""
        match self.state:
            case "frozen":
                return 0
            case "adapts":
                return self.adapter_parameters
            case _:
                return self.parameters


@dataclass(frozen=True, kw_only=True)
class Ancestor:
    """A finished run that another one started from, with its figures; test figures of the other task are `None`."""

    run_id: str
    comparison_id: str
    side: Side
    seed: int
    task: Task
    method: str
    dataset: str
    steps: int
    elapsed_s: float
    train_s: float
    reused_s: float = 0.0
    test_accuracy: float | None = None
    perplexity_before: float | None = None
    perplexity: float | None = None
    source_perplexity_before: float | None = None
    source_perplexity_after: float | None = None
    train_flops: int | None = None

    @property
    def cost_s(self) -> float:
        """Seconds that it costs whoever has nothing to reuse."""
        return self.elapsed_s + self.reused_s


@dataclass(frozen=True, kw_only=True)
class Descended:
    """The run starts from the weights of another one; `lineage` is that run and those before it, the oldest first."""

    lineage: tuple[Ancestor, ...]


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """The model and the data are ready; training begins.

    Attributes:
        trainable_parameters: How many are updated at some time of the run.
        blocks: The ladder as it is at the first step.
        total_steps: Optimizer updates planned (0 for a method that takes none).
        class_names: Empty for language modelling.
    """

    trainable_parameters: int
    total_parameters: int
    blocks: tuple[BlockStatus, ...]
    total_steps: int
    epochs: int
    train_examples: int
    class_names: tuple[str, ...]
