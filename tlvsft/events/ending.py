"""What is told once a run has trained: proof and tests of the trained model, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass


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
