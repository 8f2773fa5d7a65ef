"""Every method that takes steps has defaults for each kind of data, and wide transformers get gentle rates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tlvsft.catalog.methods import METHODS, Method
from tlvsft.config import EPOCHS, Modality, VariantConfig
from tlvsft.training.defaults import DEFAULTS, hyperparameters_for

STEPPING = [method for method in METHODS.values() if method.takes_steps]


@pytest.mark.parametrize("modality", ["text", "image"])
@pytest.mark.parametrize("method", STEPPING, ids=lambda method: method.name)
def test_every_method_has_defaults_that_fit_it(modality: Modality, method: Method) -> None:
    parameters = hyperparameters_for(modality, method.name)
    assert (parameters.backbone_rate == 0.0) == (method.freezes == "all" and not method.adapters)
    assert EPOCHS.low <= parameters.epochs[0] <= parameters.epochs[1] <= EPOCHS.high


def test_there_are_no_defaults_for_anything_else() -> None:
    assert {method for _, method in DEFAULTS} == {method.name for method in STEPPING}


def test_a_variant_has_the_last_word_on_schedule_and_decay() -> None:
    own = hyperparameters_for("text", "gradual_unfreezing")
    assert own.for_variant(VariantConfig(method="gradual_unfreezing")) == own
    changed = own.for_variant(VariantConfig(method="gradual_unfreezing", schedule="cosine", rate_decay=1.0))
    assert (changed.schedule, changed.rate_decay) == ("cosine", 1.0)
    assert changed == replace(own, schedule="cosine", rate_decay=1.0)


def test_a_wide_transformer_gets_a_lower_backbone_rate_and_the_same_head_rate() -> None:
    small, same, wide = (hyperparameters_for("text", "full", width=width) for width in (32, 192, 768))
    assert small == same
    assert wide.backbone_rate == pytest.approx(same.backbone_rate / 16)
    assert wide.head_rate == same.head_rate
