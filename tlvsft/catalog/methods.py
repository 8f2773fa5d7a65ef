"""The methods: how a variant adapts the backbone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tlvsft.config import VariantConfig
from tlvsft.errors import InvalidInput, UnknownName

ADAPTER_RANK = 8
"""Rank of the matrices that `lora` trains beside a layer. Source: Hu et al. 2021, arXiv:2106.09685, table 18."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to adapt a backbone.

    Attributes:
        title: Short display name.
        popular_name: What most people call it.
        summary: One sentence for a newcomer.
        pretrained: Whether the backbone starts from its pretrained weights; else from random ones.
        freezes: Which blocks of the backbone stay frozen to the end.
        thaws: When the others begin to train: `at_once`; `top_down`, one block after the other; `after_probe`, all
            together once the head has been trained alone.
        adapters: Whether frozen blocks are given trained low-rank adapters.
        takes_steps: Whether anything is trained by gradient descent.
        source: Where the method comes from.
    """

    name: str
    title: str
    popular_name: str
    summary: str
    pretrained: bool
    freezes: Literal["all", "chosen", "none"]
    takes_steps: bool
    source: str
    thaws: Literal["at_once", "top_down", "after_probe"] = "at_once"
    adapters: bool = False


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            name="linear_probe",
            title="Linear probe",
            popular_name="Transfer learning",
            summary="The whole backbone stays frozen; only the head is trained.",
            pretrained=True,
            freezes="all",
            takes_steps=True,
            source="Alain & Bengio 2016, arXiv:1610.01644",
        ),
        Method(
            name="partial",
            title="Partly frozen",
            popular_name="Transfer learning / fine-tuning",
            summary="The blocks you choose stay frozen; the others and the head are trained.",
            pretrained=True,
            freezes="chosen",
            takes_steps=True,
            source="Yosinski et al. 2014, arXiv:1411.1792",
        ),
        Method(
            name="full",
            title="Full fine-tuning",
            popular_name="Fine-tuning",
            summary="Every pretrained weight is updated, together with the head.",
            pretrained=True,
            freezes="none",
            takes_steps=True,
            source="Devlin et al. 2018, arXiv:1810.04805",
        ),
        Method(
            name="gradual_unfreezing",
            title="Gradual unfreezing",
            popular_name="Fine-tuning, block by block",
            summary="The head trains first; then one block after the other thaws, from the top down (ULMFiT).",
            pretrained=True,
            freezes="none",
            takes_steps=True,
            source="Howard & Ruder 2018, arXiv:1801.06146, section 3.3",
            thaws="top_down",
        ),
        Method(
            name="discriminative_rates",
            title="Discriminative rates",
            popular_name="Fine-tuning, gentler below",
            summary="Everything is trained, but each block more slowly than the one above it (ULMFiT).",
            pretrained=True,
            freezes="none",
            takes_steps=True,
            source="Howard & Ruder 2018, arXiv:1801.06146, section 3.2",
        ),
        Method(
            name="lp_ft",
            title="Probe, then fine-tune",
            popular_name="Fine-tuning after transfer learning",
            summary="First only the head is trained, then everything: a raw head would pull the features astray.",
            pretrained=True,
            freezes="none",
            takes_steps=True,
            source="Kumar et al. 2022, arXiv:2202.10054",
            thaws="after_probe",
        ),
        Method(
            name="lora",
            title="LoRA",
            popular_name="Fine-tuning with low-rank adapters",
            summary="The backbone stays frozen; small low-rank matrices beside its layers are trained, and the head.",
            pretrained=True,
            freezes="all",
            takes_steps=True,
            source="Hu et al. 2021, arXiv:2106.09685",
            adapters=True,
        ),
        Method(
            name="nearest_centroid",
            title="Nearest centroid",
            popular_name="Features used as they are",
            summary="Nothing is trained: an example gets the class whose mean feature vector is nearest.",
            pretrained=True,
            freezes="all",
            takes_steps=False,
            source="Snell et al. 2017, arXiv:1703.05175; Tibshirani et al. 2002",
        ),
        Method(
            name="from_scratch",
            title="From scratch",
            popular_name="Control: no pretraining",
            summary="The same architecture, random weights, all of it trained: what fine-tuning owes to pretraining.",
            pretrained=False,
            freezes="none",
            takes_steps=True,
            source="Control of Yosinski et al. 2014, arXiv:1411.1792",
        ),
        Method(
            name="random_features",
            title="Random features",
            popular_name="Control: random frozen backbone",
            summary="A frozen backbone with random weights, a trained head: what transfer owes to pretraining.",
            pretrained=False,
            freezes="all",
            takes_steps=True,
            source="Rahimi & Recht 2008; control of Yosinski et al. 2014, arXiv:1411.1792",
        ),
    )
}


def get_method(name: str) -> Method:
    """The method called `name`.

    Raises:
        UnknownName: There is none.
    """
    if name not in METHODS:
        raise UnknownName("method", name, METHODS)
    return METHODS[name]


def check_variant(variant: VariantConfig) -> Method:
    """The method of a variant that asks for nothing which the method hasn't.

    Raises:
        UnknownName: There is no such method.
        InvalidInput: Blocks are named for a method that leaves no choice, learning rates for one without any, or
            BatchNorm is to keep what it hasn't.
    """
    method = get_method(variant.method)
    if method.freezes != "chosen" and variant.frozen_blocks is not None:
        raise InvalidInput(f"Method {method.name!r} leaves no choice of frozen blocks: use the method 'partial'.")
    if not method.takes_steps and _says_how_to_step(variant):
        settings = "schedule, rate_decay, rate_factor and batchnorm"
        raise InvalidInput(f"Method {method.name!r} takes no steps: leave out {settings}.")
    if variant.batchnorm == "eval" and not method.pretrained:
        raise InvalidInput(
            f"Method {method.name!r} starts from random weights, so BatchNorm has no statistics to keep: "
            "leave out batchnorm."
        )
    return method


def _says_how_to_step(variant: VariantConfig) -> bool:
    optional = (variant.schedule, variant.rate_decay, variant.batchnorm)
    return variant.rate_factor != 1 or any(setting is not None for setting in optional)
