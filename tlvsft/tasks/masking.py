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

    def hide(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Hides some of the tokens `ids`, shape `(tokens,)`, at least one.

        Returns:
            What the model reads, and what it should find, both `(tokens,)`; the latter is -100 at all other places.
        """
        words = torch.nonzero(~torch.isin(ids, torch.tensor(self.marks))).flatten()
        count = max(1, round(MASKED_SHARE * len(words)))
        chosen = words[torch.randperm(len(words), generator=self.generator)[:count]]
        fate = torch.rand(len(chosen), generator=self.generator)
        random = torch.randint(self.vocabulary, (len(chosen),), generator=self.generator)
        changed = torch.where(fate < _RANDOM_UNTIL, random, ids[chosen])
        inputs, targets = ids.clone(), torch.full_like(ids, NOT_PREDICTED)
        inputs[chosen] = torch.where(fate < _MASK_UNTIL, self.mask_id, changed)
        targets[chosen] = ids[chosen]
        return inputs, targets
