"""What happens while a run trains: stored prefixes, steps, blocks that change and move, validations, answers."""

from __future__ import annotations

from dataclasses import dataclass

from tlvsft.events.beginning import BlockStatus


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
