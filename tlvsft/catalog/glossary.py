"""The words that this app uses, each explained in a sentence or two that need no other book."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A word and what it means.

    Attributes:
        name: As the glossary lists it.
        explanation: One or two plain sentences.
        forms: How else it stands in a text, e.g. in the plural.
        source: Where it comes from, as `tlvsft.ui.sources` reads it; empty for common words.
    """

    name: str
    explanation: str
    forms: tuple[str, ...] = ()
    source: str = ""

    @property
    def key(self) -> str:
        """Its name as an id: `learning-rate`."""
        return self.name.lower().replace(" ", "-").replace("/", "-")


GLOSSARY: dict[str, Entry] = {
    entry.name.lower(): entry
    for entry in (
        Entry(
            name="Transfer learning",
            explanation="Using what a network learnt on one task for another task. Many people mean by it that the "
            "network stays frozen and only a new head is trained.",
            source="Pan & Yang 2010, doi:10.1109/TKDE.2009.191",
        ),
        Entry(
            name="Fine-tuning",
            explanation="Training the pretrained weights further on the new task. Strictly it is one kind of transfer "
            "learning.",
            forms=("fine-tune", "fine-tuned"),
            source="Howard & Ruder 2018, arXiv:1801.06146",
        ),
        Entry(
            name="Linear probe",
            explanation="The whole backbone is frozen and one linear layer on top of it is trained.",
            source="Alain & Bengio 2016, arXiv:1610.01644",
        ),
        Entry(
            name="Backbone",
            explanation="The pretrained network that turns an input into features. It has learnt from much other data.",
            forms=("backbones",),
        ),
        Entry(
            name="Head",
            explanation="The last layer, put on the backbone for the new task: from features it makes an answer.",
            forms=("heads",),
        ),
        Entry(
            name="Block",
            explanation="A group of layers that is frozen or trained as one; a rung of the ladder.",
            forms=("blocks",),
        ),
        Entry(
            name="Embedding",
            explanation="The first block: it turns pixels or words into the numbers that the next blocks work on.",
        ),
        Entry(
            name="Frozen",
            explanation="Not changed by training: every weight stays, bit for bit, as it was loaded.",
            forms=("freeze", "freezes", "thaw", "thaws", "unfreeze"),
            source="Yosinski et al. 2014, arXiv:1411.1792",
        ),
        Entry(
            name="Parameter",
            explanation="One number that training may change; a network is a long list of them. Also called a weight.",
            forms=("parameters", "weight", "weights"),
        ),
        Entry(
            name="Pretraining",
            explanation="The first, long training on much general data, done before you came.",
            forms=("pretrained",),
        ),
        Entry(
            name="Method",
            explanation="How a variant adapts the backbone: which blocks stay frozen, which are trained, and when.",
        ),
        Entry(
            name="Dataset",
            explanation="The examples of the new task. They are split into training, validation and test examples.",
            forms=("data",),
        ),
        Entry(
            name="Task",
            explanation="What both variants learn: to name a class, or to predict the next word.",
        ),
        Entry(
            name="Label",
            explanation="The right answer that belongs to an example. Labels cost work, so there are often few.",
            forms=("labels",),
        ),
        Entry(
            name="Text",
            explanation="An example to learn the next word from; it needs no label.",
            forms=("texts",),
        ),
        Entry(
            name="Epoch",
            explanation="One pass over all training examples.",
            forms=("epochs",),
        ),
        Entry(
            name="Batch",
            explanation="The few examples that one step looks at together.",
            forms=("batches",),
        ),
        Entry(
            name="Step",
            explanation="One update of the weights, after one batch.",
            forms=("steps",),
        ),
        Entry(
            name="Seed",
            explanation="The number that all chance is drawn from. Both variants share it: they get the same labels, "
            "the same head to start with and the same order of examples.",
            forms=("seeds",),
        ),
        Entry(
            name="Learning rate",
            explanation="How far a step moves the weights. Too small learns slowly, too large forgets or breaks down.",
            forms=("learning rates", "rate", "rates"),
        ),
        Entry(
            name="Schedule",
            explanation="How the learning rate moves over the steps: first up, then slowly down.",
            source="Loshchilov & Hutter 2017, arXiv:1608.03983",
        ),
        Entry(
            name="Rate decay",
            explanation="By how much each block learns more slowly than the block above it.",
            source="Howard & Ruder 2018, arXiv:1801.06146",
        ),
        Entry(
            name="Loss",
            explanation="How wrong the answers are, as the number that training makes smaller; 0 is perfect.",
        ),
        Entry(
            name="Accuracy",
            explanation="The share of examples whose most probable class is the right one.",
        ),
        Entry(
            name="Perplexity",
            explanation="Between how many words a language model hesitates, on average; lower is better.",
        ),
        Entry(
            name="Validation",
            explanation="Examples that nobody trains on, looked at while training goes on: the curves show them.",
        ),
        Entry(
            name="Test",
            explanation="Examples that are used once, at the very end: only these decide the verdict.",
        ),
        Entry(
            name="Overfitting",
            explanation="Learning the training examples by heart: the loss falls on them and rises on others.",
        ),
        Entry(
            name="Forgetting",
            explanation="Getting worse at what was learnt before, because its weights were changed.",
            source="McCloskey & Cohen 1989, doi:10.1016/S0079-7421(08)60536-8",
        ),
        Entry(
            name="Logits",
            explanation="The raw numbers that the head gives, one for each class, before they become probabilities.",
        ),
        Entry(
            name="Confidence",
            explanation="The probability that a model gives its own answer. It can be sure and wrong.",
            source="Guo et al. 2017, arXiv:1706.04599",
        ),
        Entry(
            name="BatchNorm",
            explanation="A layer that rescales features by their mean and spread. Frozen, it must also stop measuring "
            "these, or it drifts.",
            source="Ioffe & Szegedy 2015, arXiv:1502.03167",
        ),
        Entry(
            name="Dropout",
            explanation="Leaving out some features at random while training, so that no single one is relied on.",
            source="Srivastava et al. 2014, arXiv:1207.0580",
        ),
        Entry(
            name="Gradient",
            explanation="For each weight, which way and how strongly it should move to make the loss smaller.",
            forms=("gradients",),
        ),
        Entry(
            name="FLOP",
            explanation="Floating-point operation: one multiplication or addition. Counted, they say how much was "
            "computed, whatever the machine; a GFLOP is a thousand million of them.",
            forms=("flops", "gflop", "mflop", "tflop"),
        ),
        Entry(
            name="CKA",
            explanation="Centred kernel alignment: how much two representations of the same examples resemble each "
            "other, from 1, alike however they are turned or scaled, to about 0, nothing in common.",
            source="Kornblith et al. 2019, arXiv:1905.00414",
        ),
        Entry(
            name="Checkpoint",
            explanation="The weights as they are at one moment, kept so that one can go back to them.",
            forms=("checkpoints",),
        ),
        Entry(
            name="LoRA",
            explanation="Low-rank adaptation: the weights stay frozen and small added matrices are trained instead.",
            source="Hu et al. 2021, arXiv:2106.09685",
        ),
        Entry(
            name="Adapter",
            explanation="A small trained part beside a frozen layer.",
            forms=("adapters",),
            source="Houlsby et al. 2019, arXiv:1902.00751",
        ),
        Entry(
            name="Centroid",
            explanation="The mean feature vector of a class; a new example gets the class whose centroid is nearest.",
            forms=("mean feature vector",),
            source="Snell et al. 2017, arXiv:1703.05175",
        ),
        Entry(
            name="Saliency map",
            explanation="A picture of which pixels an answer depended on most.",
            source="Simonyan et al. 2013, arXiv:1312.6034",
        ),
    )
}  # fmt: skip


def find_entry(word: str) -> Entry | None:
    """The entry of a word in any of its forms; `None` if it has none."""
    known = word.strip().lower()
    found = GLOSSARY.get(known)
    return found or next((entry for entry in GLOSSARY.values() if known in entry.forms), None)
