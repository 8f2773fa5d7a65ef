"""Hides words of a text, for a model to find."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MASKED_SHARE = 0.15
"""Share of the words that are to be found. Source: Devlin et al. 2018, arXiv:1810.04805, section 3.1."""
_MASK_UNTIL, _RANDOM_UNTIL = 0.8, 0.9
"""Of these, 80 % become the mask, 10 % a random word, 10 % stay as they are. Source: the same."""
NOT_PREDICTED = -100
"""A target where there is nothing to predict; what torch's cross-entropy leaves out by default."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Masking:
    """Draws which words are hidden, from one generator: the same calls in the same order hide the same words.

    Attributes:
        mask_id: The mask's token.
        marks: Tokens that are never hidden: the marks at the start and end of a text.
        vocabulary: How many tokens there are.
    """

    mask_id: int
    marks: tuple[int, ...]
    vocabulary: int
    generator: torch.Generator

    def hide(self, ids: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
        """Hides some of the tokens of each window, at least one.

        Args:
            ids: Shape `(windows, tokens)`.
            inside: Which of them belong to the window, of the same shape, bool.

        Returns:
            What the model reads, and what it should find, both as `ids`; the latter is -100 at all other places.
        """
        words = inside & ~torch.isin(ids, torch.tensor(self.marks))
        wanted = (MASKED_SHARE * words.sum(dim=1)).round().long().clamp(min=1)  # (windows,)
        drawn = torch.rand(ids.shape, generator=self.generator).masked_fill(~words, 1.0)
        rank = drawn.argsort(dim=1, stable=True).argsort(dim=1)
        chosen = words & (rank < wanted.unsqueeze(1))
        fate = torch.rand(ids.shape, generator=self.generator)
        random = torch.randint(self.vocabulary, ids.shape, generator=self.generator)
        changed = torch.where(fate < _RANDOM_UNTIL, random, ids)
        hidden = torch.where(fate < _MASK_UNTIL, self.mask_id, changed)
        return torch.where(chosen, hidden, ids), torch.where(chosen, ids, NOT_PREDICTED)
