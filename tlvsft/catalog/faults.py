"""What the break-it presets break: known mistakes, why each does harm, and who described it first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fault = Literal["rate", "head", "batchnorm", "noise"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where to read on."""

    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One mistake.

    Attributes:
        explanation: What breaks, and why: a few sentences for a newcomer, true of the mistake whatever a run shows.
        remedy: What to do instead, in one sentence.
    """

    explanation: str
    remedy: str
    sources: tuple[Source, ...]


_KERAS_GUIDE = Source(
    title="Keras guide: Transfer learning & fine-tuning", url="https://keras.io/guides/transfer_learning/"
)

LESSONS: dict[Fault, Lesson] = {
    "rate": Lesson(
        explanation=(
            "A step goes downhill only while it is short enough for the slope to hold. A rate far above the "
            "method's own jumps over the valley: the loss rises instead of falling, and each jump overwrites "
            "pretrained weights that a few labels can't bring back. Later, when the schedule has lowered the "
            "rate, the training loss falls again, but now the network fits these few examples from whatever is "
            "left."
        ),
        remedy="Lower the rate until the first steps go down; fine-tuning wants far smaller rates than a new head.",
        sources=(
            Source(
                title="Smith 2015, Cyclical learning rates: the rate range test", url="https://arxiv.org/abs/1506.01186"
            ),
            Source(title="Howard & Ruder 2018, ULMFiT", url="https://arxiv.org/abs/1801.06146"),
        ),
    ),
    "head": Lesson(
        explanation=(
            "A new head starts at random, so its first gradients say nothing about the task, and with nothing "
            "frozen they run straight into the pretrained features, which are bent to suit a head that knows "
            "nothing yet. A head that was trained first, on frozen features, fits already when the rest thaws: "
            "little is left to correct, so little is moved. Both variants take the same steps here, far longer "
            "than usual; at the usual rates the harm is hardly seen."
        ),
        remedy="Train the head alone first, then everything (probe, then fine-tune), or keep the rates low.",
        sources=(
            Source(
                title="Kumar et al. 2022, Fine-tuning can distort pretrained features",
                url="https://arxiv.org/abs/2202.10054",
            ),
            _KERAS_GUIDE,
        ),
    ),
    "batchnorm": Lesson(
        explanation=(
            "Freezing stops the weights, but BatchNorm also keeps running means and variances, and in train mode "
            "it takes new ones from every batch, gradients or not. The frozen network is then not frozen: it is "
            "measured against a handful of examples while it trains, and against drifting averages when it is "
            "asked. The training loss looks perfect; the validation loss doesn't."
        ),
        remedy="Put frozen blocks in evaluation mode after every call of model.train().",
        sources=(
            Source(title="PyTorch issue 86590", url="https://github.com/pytorch/pytorch/issues/86590"),
            _KERAS_GUIDE,
        ),
    ),
    "noise": Lesson(
        explanation=(
            "A network with more weights than examples can learn any labels by heart, wrong ones too. The pattern "
            "is learnt first, since most examples agree on it; then the exceptions, one by one. So validation is "
            "best early on and gets worse while the training loss still falls: a low training loss says nothing. "
            "A class mean has no room for exceptions: wrong examples only shift it a little. A linear probe does, "
            "as soon as there are more features than examples."
        ),
        remedy="Stop where validation is best, train fewer weights, or clean the labels.",
        sources=(
            Source(
                title="Zhang et al. 2017, Understanding deep learning requires rethinking generalization",
                url="https://arxiv.org/abs/1611.03530",
            ),
            Source(
                title="Arpit et al. 2017, A closer look at memorization in deep networks",
                url="https://arxiv.org/abs/1706.05394",
            ),
        ),
    ),
}
