"""The methods: how a variant adapts the backbone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tlvsft.errors import UnknownName


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to adapt a backbone.

    Attributes:
        title: Short display name.
        popular_name: What most people call it.
        summary: One sentence for a newcomer.
        pretrained: Whether the backbone starts from its pretrained weights; else from random ones.
        freezes: Which blocks of the backbone are frozen.
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


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            name="linear_probe",
            title="Linear probe",
            popular_name="Transfer learning",
            summary="The whole backbone stays frozen; only a new head is trained.",
            pretrained=True,
            freezes="all",
            takes_steps=True,
            source="Alain & Bengio 2016, arXiv:1610.01644",
        ),
        Method(
            name="partial",
            title="Partly frozen",
            popular_name="Transfer learning / fine-tuning",
            summary="The blocks you choose stay frozen; the others and a new head are trained.",
            pretrained=True,
            freezes="chosen",
            takes_steps=True,
            source="Yosinski et al. 2014, arXiv:1411.1792",
        ),
        Method(
            name="full",
            title="Full fine-tuning",
            popular_name="Fine-tuning",
            summary="Every pretrained weight is updated, together with a new head.",
            pretrained=True,
            freezes="none",
            takes_steps=True,
            source="Devlin et al. 2018, arXiv:1810.04805",
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
