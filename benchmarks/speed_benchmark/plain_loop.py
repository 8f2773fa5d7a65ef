"""The rival of `full`: a training loop written by hand, with the same model, batches, validations and precision."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModel, AutoTokenizer

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.config import RunConfig
from tlvsft.datasets import LabelledData, draw_label_subset, load_labelled_data
from tlvsft.tasks import LinearHead
from tlvsft.training.defaults import GRADIENT_NORM_LIMIT, Hyperparameters, batch_size_for, hyperparameters_for
from tlvsft.training.plan import Plan, plan_run
from tlvsft.training.randomness import derive_seed, generator_for
from tlvsft.training.schedules import share_of_peak

EVALUATION_BATCH = 64
SCALE_EXAMPLES = 256
"""The head takes the scale of its features from at most so many training texts, evenly over their lengths."""


class Classifier(nn.Module):
    """A language model, the mean of its first and last layer over the tokens, and a linear head."""

    def __init__(self, folder: str, num_classes: int, *, dropout: float, seed: int, bf16: bool) -> None:
        super().__init__()
        self.bf16 = bf16
        self.body = AutoModel.from_pretrained(folder, dtype=torch.float32)
        size = 2 * self.body.config.hidden_size
        self.head = LinearHead(size, num_classes, dropout=dropout, generator=generator_for(seed, "head"), layers=2)

    def features(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Shape `(batch, 2 · width)`. Autocast keeps cast weights until it ends, so each pass has its own."""
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            layers = self.body(**batch, output_hidden_states=True).hidden_states
        both = torch.cat([layers[0], layers[-1]], dim=-1).float()  # (batch, tokens, 2 · width)
        mask = batch["attention_mask"].unsqueeze(-1).to(both.dtype)
        pooled: Tensor = (both * mask).sum(dim=1) / mask.sum(dim=1)
        return pooled

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Logits, shape `(batch, num_classes)`."""
        logits: Tensor = self.head(self.features(batch))
        return logits


class Texts:
    """One split: token ids and labels, padded batch by batch."""

    def __init__(self, tokenizer: Any, texts: Sequence[str], labels: np.ndarray) -> None:
        self.ids = [torch.tensor(ids) for ids in tokenizer(list(texts), truncation=True)["input_ids"]]
        self.labels = torch.as_tensor(labels)
        self.lengths = np.array([len(ids) for ids in self.ids])
        self.by_length = np.argsort(self.lengths, kind="stable")
        self._pad_id = tokenizer.pad_token_id

    def batch(self, indices: np.ndarray) -> dict[str, Tensor]:
        """Token ids and mask, both `(batch, tokens)`."""
        ids = pad_sequence([self.ids[index] for index in indices], batch_first=True, padding_value=self._pad_id)
        mask = torch.arange(ids.shape[1]) < torch.as_tensor(self.lengths[indices]).unsqueeze(1)
        return {"input_ids": ids, "attention_mask": mask.long()}


def plain_loop(*, config: dict[str, Any], bf16: bool = False) -> dict[str, Any]:
    """Trains everything, validates when ours does, tests once.

    Args:
        config: A `RunConfig` as data; of the method `full`, for texts.
        bf16: Whether to compute in bfloat16 where that is safe.

    Returns:
        `steps`, `train_loss` (of the last batch) and `test_accuracy`.
    """
    run = RunConfig.from_dict(config)
    data = load_labelled_data(run.dataset)
    folder = str(BACKBONES[run.backbone].path)
    splits = read_splits(data, run, AutoTokenizer.from_pretrained(folder))
    parameters = hyperparameters_for("text", run.variant.method)
    torch.manual_seed(derive_seed(run.seed, "dropout"))
    model = Classifier(folder, len(data.class_names), dropout=parameters.dropout, seed=run.seed, bf16=bf16)
    plan = plan_run(
        parameters,
        batch_size=batch_size_for("text"),
        examples=len(splits["train"].ids),
        validation_examples=len(splits["validation"].ids),
        epochs=run.epochs,
        seed=run.seed,
    )
    train_loss = fit(model, plan, parameters, splits)
    return {"steps": plan.total_steps, "train_loss": train_loss, "test_accuracy": evaluate(model, splits["test"])}


def read_splits(data: LabelledData, run: RunConfig, tokenizer: Any) -> dict[str, Texts]:
    """The three splits, the training texts in the order in which our engine draws them."""
    subset = draw_label_subset(data.train.labels, run.labels, num_classes=len(data.class_names), seed=run.seed)
    chosen = {"train": data.train.select(subset), "validation": data.validation, "test": data.test}
    return {
        name: Texts(tokenizer, [str(text) for text in split.inputs], split.labels) for name, split in chosen.items()
    }


def fit(model: Classifier, plan: Plan, parameters: Hyperparameters, splits: Mapping[str, Texts]) -> float:
    """The loop; returns the loss of the last batch."""
    train = splits["train"]
    model.eval()
    with torch.no_grad():
        some = train.by_length[:: math.ceil(len(train.ids) / SCALE_EXAMPLES)]
        features = [model.features(train.batch(part)) for part in in_batches(some)]
        model.head.fit(torch.cat(features), train.labels)
    optimizer = build_optimizer(model, parameters)
    evaluate(model, splits["validation"])
    model.train()
    train_loss = math.nan
    for step, indices in enumerate(plan.batches(train.lengths)):
        share = share_of_peak(parameters.schedule, step, total_steps=plan.total_steps, warmup=parameters.warmup)
        for group in optimizer.param_groups:
            group["lr"] = share * group["peak_rate"]
        loss = functional.cross_entropy(model(train.batch(indices)), train.labels[indices])
        train_loss = loss.item()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM_LIMIT)
        optimizer.step()
        if step + 1 in plan.evaluation_steps:
            evaluate(model, splits["validation"])
    return train_loss


def build_optimizer(model: Classifier, parameters: Hyperparameters) -> torch.optim.AdamW:
    """AdamW with a rate for the body and one for the head, weight decay for matrices alone."""
    groups = []
    for part, rate in ((model.body, parameters.backbone_rate), (model.head, parameters.head_rate)):
        for is_matrix in (True, False):
            members = [tensor for tensor in part.parameters() if (tensor.dim() > 1) == is_matrix]
            decay = parameters.weight_decay if is_matrix else 0.0
            groups.append({"params": members, "lr": rate, "peak_rate": rate, "weight_decay": decay})
    return torch.optim.AdamW(groups, fused=True)


def evaluate(model: Classifier, split: Texts) -> float:
    """Accuracy on a split."""
    was_training = model.training
    model.eval()
    with torch.no_grad():
        right = sum(
            int((model(split.batch(part)).argmax(dim=1) == split.labels[part]).sum())
            for part in in_batches(split.by_length)
        )
    model.train(was_training)
    return right / len(split.ids)


def in_batches(indices: np.ndarray) -> list[np.ndarray]:
    """Cut into pieces of the evaluation's batch size."""
    return [indices[start : start + EVALUATION_BATCH] for start in range(0, len(indices), EVALUATION_BATCH)]
