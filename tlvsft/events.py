"""What a run tells the world while it trains: small frozen dataclasses, each with a JSON form.

A run emits `Descended` where it starts from another run, then `RunStarted`, `SampleDrawn` where it tells classes apart,
then `StepTaken` and `Evaluated` (with `SampleAnswered`) in turn, with `PrefixStored` where frozen blocks are computed
once, `BlocksChanged` wherever other blocks begin to train, `BlocksMoved` and `RepresentationsCompared` now and then
(and `Noted` whenever there is something that the user should know). After the last step comes `FrozenProved`, after the
test `ShiftsTested`; the end is exactly one of `RunFinished`, `RunStopped` and `RunFailed`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

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


@dataclass(frozen=True, kw_only=True)
class PrefixStored:
    """What the frozen blocks give was computed for so many training examples; it won't be computed at every step.

    Attributes:
        step: Updates taken before.
        prefix_blocks: How many numbered blocks, from the input on, are computed once.
        total_blocks: How many the backbone has.
        examples: Training examples that are through.
        total_examples: All of them; the event with as many is the last of its phase.
        computed_s: Seconds that it took, in this run or in the one that did it.
        reused: Whether an earlier run did it.
        size_bytes: Of what is stored for all training examples; 0 before the last event.
    """

    step: int
    prefix_blocks: int
    total_blocks: int
    examples: int
    total_examples: int
    computed_s: float
    reused: bool
    size_bytes: int

    @property
    def is_complete(self) -> bool:
        """Whether all training examples are through."""
        return self.examples == self.total_examples


@dataclass(frozen=True, kw_only=True)
class StepTaken:
    """One optimizer update.

    Attributes:
        step: Counted from 1.
        epoch: Passes over the training examples so far, a fraction inside an epoch.
        elapsed_s: Seconds since the run started.
        train_loss: Mean cross-entropy over the batch, in nats.
        examples: Training examples seen so far, repeats included.
    """

    step: int
    epoch: float
    elapsed_s: float
    train_loss: float
    examples: int


@dataclass(frozen=True, kw_only=True)
class BlocksChanged:
    """From the update after `step` on, the ladder looks like this: blocks were thawed."""

    step: int
    blocks: tuple[BlockStatus, ...]


@dataclass(frozen=True, kw_only=True)
class BlockMovement:
    """What became of one block so far. Exactly 0 where nothing moved.

    Attributes:
        name: `embedding`, `0` … or `head`.
        weight_change: How far its weights are from where the run began (pretrained, an earlier run's, or freshly
            drawn), L2, as a share of their L2 norm there; low-rank adapters merged. `None` for a block without weights
            of its own (a tied head, a centroid).
        gradient_norm: L2 norm of the gradients of its weights, or of the adapters beside them, at the latest update,
            before clipping; 0 where none were computed.
        statistics_change: The same share for what its BatchNorm has counted, which isn't trained by gradients; `None`
            for a block without.
    """

    name: str
    weight_change: float | None
    gradient_norm: float
    statistics_change: float | None = None


@dataclass(frozen=True, kw_only=True)
class BlocksMoved:
    """How far the blocks have moved after `step` updates; `movements` from input to output, the head last."""

    step: int
    epoch: float
    elapsed_s: float
    examples: int
    movements: tuple[BlockMovement, ...]


@dataclass(frozen=True, kw_only=True)
class BlockSimilarity:
    """How much what a block gives still resembles what the pretrained one gave for the same examples.

    Attributes:
        name: `embedding`, `0` … ; the head isn't compared.
        cka: Linear CKA, 0–1; exactly 1 where nothing before or in the block has changed. `None` where it isn't defined
            (every example gives the same).
    """

    name: str
    cka: float | None


@dataclass(frozen=True, kw_only=True)
class RepresentationsCompared:
    """What the blocks give after `step` updates, beside what the pretrained backbone gives; from input to output."""

    step: int
    epoch: float
    elapsed_s: float
    examples: int
    similarities: tuple[BlockSimilarity, ...]


@dataclass(frozen=True, kw_only=True)
class BlockProof:
    """One block's tensors, buffers included, before the first step and after the last.

    Attributes:
        name: `embedding`, `0` … or `head`.
        frozen: Whether it was frozen to the end.
        tensors: How many were hashed.
        loaded: SHA-256 of them before the first step, in hexadecimal digits; names, dtypes and shapes are in it.
        trained: The same after the last one.
        changed_tensors: How many of them aren't what they were.
        drifted: The names of these where the block was frozen, so that none should be there.
    """

    name: str
    frozen: bool
    tensors: int
    loaded: str
    trained: str
    changed_tensors: int = 0
    drifted: tuple[str, ...] = ()

    @property
    def is_intact(self) -> bool:
        """Whether every bit is as it was."""
        return self.loaded == self.trained


@dataclass(frozen=True, kw_only=True)
class FrozenProved:
    """The proof of what was frozen, and of what was not: hashes per block, from input to output, the head last.

    Low-rank adapters beside frozen weights aren't in it.
    """

    proofs: tuple[BlockProof, ...]


@dataclass(frozen=True, kw_only=True)
class ShiftResult:
    """How a trained model does on test examples of another kind than it was trained on.

    Attributes:
        name: Which kind: a key of `tlvsft.catalog.shifts.SHIFTS`.
        accuracy: 0–1.
        examples: How many.
    """

    name: str
    accuracy: float
    examples: int


@dataclass(frozen=True, kw_only=True)
class ShiftsTested:
    """The same trained model out of distribution; told once, after the test."""

    results: tuple[ShiftResult, ...]


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """How good the model is on the validation split after `step` updates.

    Attributes:
        val_loss: Mean cross-entropy in nats, per example or, for language modelling, per token.
        val_accuracy: 0–1; `None` for language modelling.
        val_perplexity: `exp(val_loss)`; `None` for classification.
    """

    step: int
    epoch: float
    elapsed_s: float
    val_loss: float
    val_accuracy: float | None
    examples: int
    val_perplexity: float | None = None


@dataclass(frozen=True, kw_only=True)
class SampleExample:
    """A validation example in the form in which it is shown: a (shortened) text, or a small PNG as a data URI.

    Attributes:
        index: Its place in the validation split.
        label: Its true class.
    """

    index: int
    label: int
    text: str | None = None
    image: str | None = None


@dataclass(frozen=True, kw_only=True)
class SampleDrawn:
    """A few validation examples whose answers are told at each evaluation; the seed decides which."""

    shown: tuple[SampleExample, ...]


@dataclass(frozen=True, kw_only=True)
class SampleAnswer:
    """What a model says of one example.

    Attributes:
        predicted: The most probable class.
        probability: Its probability (0–1).
        truth_probability: That of the true class.
    """

    predicted: int
    probability: float
    truth_probability: float


@dataclass(frozen=True, kw_only=True)
class SampleAnswered:
    """What the model says after `step` updates of the examples of `SampleDrawn`, in their order."""

    step: int
    answers: tuple[SampleAnswer, ...]


@dataclass(frozen=True, kw_only=True)
class Noted:
    """Something the user should know about the run, e.g. that long texts were cut."""

    message: str


@dataclass(frozen=True, kw_only=True)
class RunFinished:
    """The run is over and was tested, once.

    Attributes:
        frozen_intact: Whether every frozen tensor, buffers included, is bit-identical to what was loaded; `None` when
            nothing was frozen.
        test_accuracy: 0–1; `None`, like the next two, for language modelling.
        test_macro_f1: 0–1, the unweighted mean of the classes' F1.
        confusion_matrix: `(num_classes, num_classes)` counts; rows are true classes.
        perplexity_before: Per token of the test texts, of the untouched pretrained model; `None`, like the next, for
            classification.
        perplexity: The same of the trained model.
        source_perplexity_before: Per token of the bundled general English, of the untouched pretrained model; `None`
            where nothing predicts words, or where nothing is pretrained.
        source_perplexity_after: The same of the trained model, a classifier's with the pretrained head for words back
            on its backbone: what was forgotten.
        elapsed_s: Worker start to end of test.
        train_s: The training loop alone, validation excluded; what frozen blocks took that were computed once is in it,
            also where an earlier run has computed them, so that costs can be compared.
        examples_per_s: Training examples seen per second of `train_s`; `None` for a method without steps.
        peak_memory_bytes: Peak resident memory of the run's process, read after the test.
        start_memory_bytes: The same before it had loaded a model or data: the libraries, which all runs have; 0 where
            it wasn't measured.
        reused_s: Seconds that it would have taken more, had no earlier run computed the same frozen blocks.
        prefix_blocks: How many frozen blocks were computed once instead of at every step; 0: none.
        prefix_speedup: How many times faster an epoch was for it: its time and that of the blocks, divided by its time.
            `None` where there was nothing to save.
        frozen_norms: How many BatchNorm layers the blocks have that were frozen to the end.
        drifted_norms: How many of them don't have the running statistics any more that were loaded.
        wrong_labels: How many training labels were made wrong on purpose.
        wrong_labels_learnt: For how many of these examples the trained model gives the wrong label that it was taught.
        source_texts: How many texts of general English these are of; 0: not measured, or not told.
        source_agreement: On which share (0–1) of the test images the pretrained source head, back on the adapted
            backbone, gives the same source class as on the untouched one: a proxy, without any label of the source.
        source_examples: How many test images that is of.
        source_unchanged: Whether every tensor of the backbone is bit for bit the pretrained one: nothing can have been
            forgotten, and what was measured of the untouched model stands for both.
        heldout_accuracy_before: On source data that pretraining held out, of the untouched model (0–1); `None`, like
            the next three, where the source data isn't given.
        heldout_accuracy_after: The same with the adapted backbone under the pretrained source head.
        heldout_perplexity_before: The same two of a model of words, per token.
        heldout_perplexity_after: Likewise.
        heldout_examples: How many drawings, photos or texts these are of.
        observed_s: Seconds spent on what is measured for the evidence alone; in none of the other times.
        train_flops: Floating-point operations of training: matrix products, convolutions and attention of all updates,
            forward and backward, of reading the training examples for the head's scale, and of the frozen blocks that
            were computed once, also where an earlier run had done so. Neither validation nor test nor the optimizer
            is in it. `None` for runs from before this was counted.
        uncached_flops: The same, had every frozen block been computed at every step.
    """

    steps: int
    frozen_intact: bool | None
    test_accuracy: float | None = None
    test_macro_f1: float | None = None
    confusion_matrix: tuple[tuple[int, ...], ...] | None = None
    elapsed_s: float
    train_s: float
    examples_per_s: float | None
    peak_memory_bytes: int
    perplexity_before: float | None = None
    perplexity: float | None = None
    source_perplexity_before: float | None = None
    source_perplexity_after: float | None = None
    reused_s: float = 0.0
    prefix_blocks: int = 0
    prefix_speedup: float | None = None
    frozen_norms: int = 0
    drifted_norms: int = 0
    wrong_labels: int = 0
    wrong_labels_learnt: int = 0
    source_texts: int = 0
    source_agreement: float | None = None
    source_examples: int = 0
    source_unchanged: bool = False
    heldout_accuracy_before: float | None = None
    heldout_accuracy_after: float | None = None
    heldout_perplexity_before: float | None = None
    heldout_perplexity_after: float | None = None
    heldout_examples: int = 0
    observed_s: float = 0.0
    start_memory_bytes: int = 0
    train_flops: int | None = None
    uncached_flops: int | None = None

    @property
    def cost_s(self) -> float:
        """Seconds that it costs whoever has nothing to reuse; two methods are compared by this."""
        return self.elapsed_s + self.reused_s


@dataclass(frozen=True, kw_only=True)
class RunStopped:
    """The user stopped the run after `step` updates; what was learnt is kept, the test data was not used."""

    step: int
    elapsed_s: float


@dataclass(frozen=True, kw_only=True)
class RunFailed:
    """The run couldn't be finished.

    Attributes:
        message: One line for the user, with what to do next.
        invalid_input: Whether the user's input was the reason (exit status 2) rather than the run (1).
    """

    message: str
    invalid_input: bool = False


Event = (
    Descended
    | RunStarted
    | PrefixStored
    | StepTaken
    | BlocksChanged
    | BlocksMoved
    | RepresentationsCompared
    | FrozenProved
    | ShiftsTested
    | Evaluated
    | SampleDrawn
    | SampleAnswered
    | Noted
    | RunFinished
    | RunStopped
    | RunFailed
)
EVENT_TYPES: dict[str, type[Event]] = {
    cls.__name__: cls
    for cls in (
        Descended, RunStarted, PrefixStored, StepTaken, BlocksChanged, BlocksMoved, RepresentationsCompared,
        FrozenProved, ShiftsTested, Evaluated, SampleDrawn, SampleAnswered, Noted, RunFinished, RunStopped, RunFailed,
    )
}  # fmt: skip


def event_to_dict(event: Event) -> dict[str, Any]:
    """`event` as JSON-ready data, its class name under `type`."""
    return {"type": type(event).__name__, **asdict(event)}


def event_from_dict(data: Mapping[str, Any]) -> Event:
    """The inverse of `event_to_dict`.

    Raises:
        KeyError: `type` names no event.
    """
    fields = {key: _READERS.get(key, _as_it_is)(value) for key, value in data.items() if key != "type"}
    return EVENT_TYPES[data["type"]](**fields)


def _as_it_is(value: Any) -> Any:
    return value


def _read_matrix(rows: list[list[int]] | None) -> tuple[tuple[int, ...], ...] | None:
    return None if rows is None else tuple(tuple(row) for row in rows)


_READERS: dict[str, Callable[[Any], Any]] = {
    "blocks": lambda blocks: tuple(BlockStatus(**block) for block in blocks),
    "movements": lambda movements: tuple(BlockMovement(**movement) for movement in movements),
    "similarities": lambda similarities: tuple(BlockSimilarity(**similarity) for similarity in similarities),
    "proofs": lambda proofs: tuple(
        BlockProof(**{**proof, "drifted": tuple(proof.get("drifted", ()))}) for proof in proofs
    ),
    "results": lambda results: tuple(ShiftResult(**result) for result in results),
    "lineage": lambda lineage: tuple(Ancestor(**ancestor) for ancestor in lineage),
    "class_names": tuple,
    "shown": lambda examples: tuple(SampleExample(**example) for example in examples),
    "answers": lambda answers: tuple(SampleAnswer(**answer) for answer in answers),
    "confusion_matrix": _read_matrix,
}
"""How JSON data becomes the fields that hold more than plain values."""
