"""A backbone with a head that predicts words."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from tlvsft.backbones import Backbone, Block, WordHead
from tlvsft.tasks.adapted import AdaptedModel
from tlvsft.tasks.masking import NOT_PREDICTED

_PLACES_AT_ONCE = 512
"""Logits of this many places are held at a time: a vocabulary of 100,000 words would else fill the memory."""


class LanguageModel(AdaptedModel):
    """A backbone and a head that gives the words.

    Args:
        backbone: Gives the hidden states.
        head: Of this backbone, see `load_language_head`; one that is `tied` has its output weights in the backbone.
        frozen: See `AdaptedModel`.
        keeps_statistics: See `AdaptedModel`.
    """

    pools = False
    head: WordHead

    def __init__(
        self, backbone: Backbone, head: WordHead, frozen: tuple[Block, ...], *, keeps_statistics: bool = True
    ) -> None:
        super().__init__(backbone, frozen, keeps_statistics=keeps_statistics)
        self.head = head

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Logits of the word at each place, shape `(batch, tokens, vocabulary)`."""
        return self._predict_words(self.represent(batch))

    def _read_backbone(self, batch: Mapping[str, Tensor]) -> Tensor:
        """The last hidden states, shape `(batch, tokens, width)`."""
        output = self.backbone(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
        states: Tensor = output.last_hidden_state
        return states

    def token_losses(self, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """How surprised the model is by the words that it should predict.

        Args:
            batch: As `EncodedCorpus.batch` gives it.

        Returns:
            For each window the sum of its losses in nats, float32, and how many words were predicted, int64; both of
            shape `(batch,)`.
        """
        windows, losses = self._losses(batch)
        count = len(batch["targets"])
        summed = torch.zeros(count, device=losses.device).index_add(0, windows, losses)
        return summed.cpu(), torch.bincount(windows, minlength=count).cpu()

    def loss(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Mean loss of the predicted words, in nats: a scalar."""
        return self._losses(batch)[1].mean()

    def _losses(self, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """For each predicted word, in order, its window's place in the batch and its loss; both `(predicted,)`.

        The head is a good part of the work, so it sees only the places where something is predicted.
        """
        targets = batch["targets"].to(self.arithmetic.device)
        predicted = targets != NOT_PREDICTED
        states = torch.split(self.represent(batch)[predicted], _PLACES_AT_ONCE)  # each (places, width)
        wanted = torch.split(targets[predicted], _PLACES_AT_ONCE)
        losses = [
            functional.cross_entropy(self._predict_words(part.unsqueeze(0)).squeeze(0), words, reduction="none")
            for part, words in zip(states, wanted, strict=True)
        ]
        return predicted.nonzero()[:, 0], torch.cat(losses)

    def _predict_words(self, states: Tensor) -> Tensor:
        with self.arithmetic.autocast():
            logits: Tensor = self.head(states)
        return logits.float()
