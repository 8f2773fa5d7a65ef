"""How sure a comparison of language models is: whose perplexity on the same test texts is lower.

A perplexity is `exp(nats / tokens)`, both summed over the texts, and a ratio of two perplexities is the exponential of
a difference: everything here is reckoned in nats per token and turned into a ratio at the end.
"""

from __future__ import annotations

import numpy as np

from tlvsft.evaluation.statistics import (
    CONFIDENCE,
    PairedDifference,
    batches,
    central_interval,
    redraw_both_ways,
    resample_mean,
    two_sided_p_value,
)

_ROUNDING = 1 - 1e-9
"""Two sums of the same numbers, added in another order, count as equal."""


def compare_perplexities(
    left_losses: np.ndarray, right_losses: np.ndarray, tokens: np.ndarray, *, resamples: int = 10_000, seed: int = 0
) -> PairedDifference:
    """By what fraction the right side's perplexity is above the left's; negative where the right side is better.

    One seed: about these two trained models. Test texts are resampled, whole ones, because the words of a text hang
    together; the quantiles are taken far enough out for few texts, too. The p-value is that of a paired permutation
    test: were the two models equally good, each text's difference could as well have the other sign.

    Several seeds: about the methods. Seeds and texts are redrawn together, as for classifiers (`two_way_bootstrap`).

    Args:
        left_losses: What the left side's models lose on each text, summed over its tokens: `(seeds, n)` float64, nats.
        right_losses: The same for the right side; rows are paired by seed.
        tokens: How many tokens of each text were predicted, `(n,)` int64, at least one in all.
        resamples: How many draws.
        seed: Of the draws.

    Raises:
        ValueError: There are no texts or no tokens, or the shapes don't fit.

    Source: Koehn 2004, "Statistical significance tests for machine translation evaluation", on resampling whole test
        texts; Dror et al. 2018, "The hitchhiker's guide to testing statistical significance in NLP", on both tests;
        Hesterberg 2015, The American Statistician 69, 371-386, on the quantiles;
        Cochran 1977, "Sampling Techniques", chapter 6, on the ratio of two sums over texts of unequal length.
    """
    if left_losses.shape != right_losses.shape or left_losses.ndim != 2 or left_losses.shape[1:] != tokens.shape:
        raise ValueError(f"Shapes don't fit: {left_losses.shape}, {right_losses.shape}, {tokens.shape}.")
    if not tokens.sum() > 0:
        raise ValueError("There is no token that was predicted.")
    left, right = nats_per_token(left_losses, tokens), nats_per_token(right_losses, tokens)
    difference = float((right - left).mean())
    if len(left) == 1:
        rng = np.random.default_rng(seed)
        gains = (right - left)[0]
        drawn = difference + resample_mean(gains - difference, resamples, rng)
        low, high = central_interval(drawn, tail=_tail_for(len(gains)))
        p_value = sign_flip_p_value((right_losses - left_losses)[0], resamples=resamples, rng=rng)
    else:
        drawn = redraw_both_ways(left, right, resamples=resamples, seed=seed)
        low, high = central_interval(drawn)
        p_value = two_sided_p_value(drawn)
    return PairedDifference(_as_ratio(difference), (_as_ratio(low), _as_ratio(high)), p_value)


def nats_per_token(losses: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Scores of texts whose plain mean is the loss per token over all of them, and varies as that does.

    Args:
        losses: Summed over each text's tokens, `(seeds, n)` float64, nats.
        tokens: Of each text, `(n,)` int64.

    Returns:
        `(seeds, n)` float64.

    Source: Cochran 1977, section 6.3: the variance of a ratio is that of the residuals of its numerator.
    """
    per_token = losses.sum(axis=1, keepdims=True) / tokens.sum()  # (seeds, 1)
    return np.asarray(per_token + (losses - per_token * tokens) / tokens.mean())


def sign_flip_p_value(gains: np.ndarray, *, resamples: int, rng: np.random.Generator) -> float:
    """How probable a sum at least as far from zero is, could each of the paired differences have either sign.

    Args:
        gains: The differences, `(n,)` float64.
        resamples: How many times all signs are drawn.
        rng: Where chance comes from.

    Source: Fisher 1935, "The Design of Experiments", section 21; Phipson & Smyth 2010, SAGMB 9, 39, on counting what
        was seen among the draws, so that the value is never 0.
    """
    seen = abs(gains.sum()) * _ROUNDING
    as_far = 0
    for rows in batches(resamples, len(gains)):
        signs = rng.integers(0, 2, (rows, len(gains)), dtype=np.int8) * 2 - 1
        as_far += int(np.sum(np.abs(signs @ gains) >= seen))
    return (as_far + 1) / (resamples + 1)


def _tail_for(examples: int) -> float:
    """Which share of the draws to leave out on each side, so that few examples give an interval that is wide enough."""
    from scipy.stats import norm, t

    freedom = max(1, examples - 1)
    quantile = (examples / freedom) ** 0.5 * t.ppf((1 - CONFIDENCE) / 2, freedom)
    return float(norm.cdf(quantile))


def _as_ratio(nats: float) -> float:
    return float(np.expm1(nats))
