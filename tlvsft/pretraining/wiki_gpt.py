"""`wiki-gpt`: a small GPT-2 that predicts the next word of encyclopaedia and book text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.optim import AdamW, Optimizer
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from tlvsft.errors import InvalidInput
from tlvsft.pretraining import corpus, ppmi
from tlvsft.pretraining.loop import train_steps, warmup_constant_decay
from tlvsft.pretraining.results import TrainingResult, round_as_stored
from tlvsft.pretraining.vocabulary_loss import next_token_loss

if TYPE_CHECKING:
    from tlvsft.pretraining.recipes import WikiGptRecipe

_EVALUATION_BATCH = 32


@dataclass(frozen=True, kw_only=True)
class CountedEmbeddings:
    """Factored PPMI matrices, each of shape `(vocab, width)`, float32.

    Attributes:
        tokens: From wide windows: the token embeddings, for good.
        head: From narrow windows: where the head starts.
    """

    tokens: Tensor
    head: Tensor


@dataclass(frozen=True, kw_only=True)
class PreparedText:
    """What is made once from the corpus, before the first step.

    Attributes:
        tokenizer: The vocabulary.
        train: Shape `(tokens,)`, uint16, memory-mapped.
        heldout: One stream per held-out file, by the file's name.
        counted: What counting neighbours gave.
    """

    tokenizer: PreTrainedTokenizerFast
    train: np.ndarray
    heldout: dict[str, corpus.TokenStream]
    counted: CountedEmbeddings


def pretrain_wiki_gpt(recipe: WikiGptRecipe, files: corpus.CorpusFiles, folder: Path) -> TrainingResult:
    """Trains (or goes on training) and measures; see `tlvsft.pretraining.pretrain`.

    Args:
        recipe: Every number.
        files: The corpus.
        folder: Where caches and checkpoints live.

    Raises:
        InvalidInput: A file of the corpus is damaged, or this torch has no Muon.
    """
    if not hasattr(torch.optim, "Muon"):
        raise InvalidInput("Pretraining wiki-gpt needs torch 2.9 or newer: install it with pip and start again.")
    text = prepare_text(recipe, files, folder)
    torch.manual_seed(recipe.seed)
    model = build_model(recipe, text.counted)
    optimizers = build_optimizers(model, recipe)
    batches = TextBatches(text.train, context=recipe.context, batch_size=recipe.batch_size, seed=recipe.seed)
    progress = train_steps(
        model,
        optimizers,
        recipe=recipe,
        loss_of=lambda step: _loss(model, batches.at(step)),
        rate_at=lambda step: warmup_constant_decay(
            step, steps=recipe.steps, warmup_steps=recipe.warmup_steps, decay_steps=recipe.decay_steps
        ),
        folder=folder / "checkpoints",
        grad_clip=recipe.grad_clip,
    )
    round_as_stored(model)
    return TrainingResult(
        model=for_release(model),
        preprocessor=text.tokenizer,
        progress=progress,
        examples_seen=progress.step * recipe.batch_size * recipe.context,
        available=len(text.train),
        metrics=measure(model, text.heldout, context=recipe.context),
    )


def prepare_text(recipe: WikiGptRecipe, files: corpus.CorpusFiles, folder: Path) -> PreparedText:
    """Vocabulary, token streams and embeddings; the slow ones are kept in `folder` and reused."""
    tokenizer_folder, stream, counted = folder / "tokenizer", folder / "train.npy", folder / "counted.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    if not tokenizer_folder.exists():
        learnt = corpus.train_tokenizer(
            files.train, vocab_size=recipe.vocab_size, sample_bytes=recipe.tokenizer_sample_bytes
        )
        learnt.model_max_length = recipe.context
        learnt.save_pretrained(tokenizer_folder)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(tokenizer_folder)
    if not stream.exists():
        partial = folder / "partial.npy"
        np.save(partial, corpus.encode_files(files.train, tokenizer).ids)
        partial.rename(stream)
    train = np.load(stream, mmap_mode="r")
    if not counted.exists():
        save_file(asdict(count_embeddings(train, recipe)), counted)
    return PreparedText(
        tokenizer=tokenizer,
        train=train,
        heldout={file.name: corpus.encode_files((file,), tokenizer) for file in files.heldout},
        counted=CountedEmbeddings(**load_file(counted)),
    )


def count_embeddings(ids: np.ndarray, recipe: WikiGptRecipe) -> CountedEmbeddings:
    """Embeddings from counting which tokens stand near which; `ids` has shape `(tokens,)`."""
    return CountedEmbeddings(
        tokens=_factored_ppmi(ids, recipe, window=recipe.ppmi_window, std=recipe.embedding_std),
        head=_factored_ppmi(ids, recipe, window=recipe.head_ppmi_window, std=recipe.head_std),
    )


def _factored_ppmi(ids: np.ndarray, recipe: WikiGptRecipe, *, window: int, std: float) -> Tensor:
    counts = ppmi.count_neighbours(ids, vocab_size=recipe.vocab_size, window=window)
    return ppmi.factor(
        ppmi.ppmi(counts, smoothing=recipe.ppmi_smoothing),
        rank=recipe.width,
        power=recipe.ppmi_eigenvalue_power,
        std=std,
        seed=recipe.seed,
    ).contiguous()


def build_model(recipe: WikiGptRecipe, counted: CountedEmbeddings) -> GPT2LMHeadModel:
    """A GPT-2 with fixed token embeddings and a head of its own.

    Next-word prediction alone pulls the embeddings away from what a text is about: 1.6 million tokens of it cost a
    classifier on their mean 13 points (docs/pretraining.md). So they stay as they were counted.
    """
    config = GPT2Config(
        vocab_size=recipe.vocab_size,
        n_positions=recipe.context,
        n_embd=recipe.width,
        n_layer=recipe.layers,
        n_head=recipe.heads,
        activation_function="gelu_pytorch_tanh",
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=1,
        use_cache=False,
        tie_word_embeddings=False,
    )
    # At 128 tokens on a CPU, plain matrix products go back faster than the fused attention kernel (11,500 against
    # 9,000 tokens a second).
    config._attn_implementation = "eager"
    model = GPT2LMHeadModel(config)
    with torch.no_grad():
        model.transformer.wte.weight.copy_(counted.tokens)
        model.lm_head.weight.copy_(counted.head)
    model.transformer.wte.requires_grad_(requires_grad=False)
    return model


def for_release(model: GPT2LMHeadModel) -> GPT2LMHeadModel:
    """The model as users should find it: caching on, and no trace of how attention was computed here."""
    model.config.use_cache = True
    model.config._attn_implementation = "sdpa"
    model.train(mode=False)
    return model.requires_grad_(requires_grad=True)


def build_optimizers(model: GPT2LMHeadModel, recipe: WikiGptRecipe) -> Sequence[Optimizer]:
    """Muon for the matrices of the blocks, AdamW for everything else that trains.

    Source: Jordan 2024, "Muon"; Liu et al. 2025, "Muon is scalable for LLM training" (matched update size).
    """
    matrices = [weight for weight in model.transformer.h.parameters() if weight.ndim == 2]
    chosen = {id(weight) for weight in matrices}
    others = [weight for weight in model.parameters() if weight.requires_grad and id(weight) not in chosen]
    return (
        torch.optim.Muon(
            [{"params": matrices, "peak_lr": recipe.muon_learning_rate}],
            lr=recipe.muon_learning_rate,
            weight_decay=recipe.weight_decay,
            adjust_lr_fn="match_rms_adamw",
        ),
        AdamW(
            [{"params": others, "peak_lr": recipe.learning_rate}],
            lr=recipe.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=0.0,
        ),
    )


class TextBatches:
    """Windows of a token stream, in an order that follows from seed and step alone.

    Args:
        ids: Shape `(tokens,)`.
        context: Tokens that a window predicts; windows overlap by the one token that is only ever input.
        batch_size: Windows per batch.
        seed: Another seed, another order; every epoch has its own.
    """

    def __init__(self, ids: np.ndarray, *, context: int, batch_size: int, seed: int) -> None:
        self._ids, self._context, self._batch_size, self._seed = ids, context, batch_size, seed
        self._windows = (len(ids) - 1) // context
        self._per_epoch = self._windows // batch_size
        self._epoch, self._order = -1, np.empty(0, dtype=np.int64)

    def at(self, step: int) -> Tensor:
        """The batch of this step: shape `(batch, context + 1)`, int64."""
        epoch, position = divmod(step, self._per_epoch)
        if epoch != self._epoch:
            self._epoch = epoch
            self._order = np.random.default_rng((self._seed, epoch)).permutation(self._windows)
        chosen = self._order[position * self._batch_size : (position + 1) * self._batch_size]
        offsets = chosen[:, None] * self._context + np.arange(self._context + 1)
        return torch.from_numpy(self._ids[offsets].astype(np.int64))


def _loss(model: GPT2LMHeadModel, batch: Tensor) -> Tensor:
    model.train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.transformer(batch[:, :-1]).last_hidden_state  # (B, T, C)
    return next_token_loss(hidden.flatten(0, 1), model.lm_head.weight, batch[:, 1:].flatten())


@torch.no_grad()
def measure(model: GPT2LMHeadModel, heldout: dict[str, corpus.TokenStream], *, context: int) -> dict[str, float]:
    """Perplexity per token and bits per byte on held-out text, in float32, in windows of `context` tokens.

    Returns:
        `perplexity` and `bits_per_byte` over all of it, and `perplexity/<file>` for each file.
    """
    metrics: dict[str, float] = {}
    total_nats, total_tokens, total_bytes = 0.0, 0, 0
    model.train(mode=False)
    for name, stream in heldout.items():
        nats, tokens = _nats(model, stream.ids, context)
        metrics[f"perplexity/{name.removesuffix('.txt.xz')}"] = math.exp(nats / tokens)
        # Every token is predicted but the first and a last incomplete window.
        total_bytes += round(stream.text_bytes * tokens / len(stream.ids))
        total_nats, total_tokens = total_nats + nats, total_tokens + tokens
    metrics["perplexity"] = math.exp(total_nats / total_tokens)
    metrics["bits_per_byte"] = total_nats / math.log(2) / total_bytes
    return metrics


def _nats(model: GPT2LMHeadModel, ids: np.ndarray, context: int) -> tuple[float, int]:
    windows = (len(ids) - 1) // context
    offsets = np.arange(windows)[:, None] * context + np.arange(context + 1)
    nats = 0.0
    for part in np.array_split(offsets, math.ceil(windows / _EVALUATION_BATCH)):
        batch = torch.from_numpy(ids[part].astype(np.int64))
        logits = model(batch[:, :-1]).logits.flatten(0, 1)  # (B * T, vocab)
        nats += torch.nn.functional.cross_entropy(logits, batch[:, 1:].flatten(), reduction="sum").item()
    return nats, windows * context
