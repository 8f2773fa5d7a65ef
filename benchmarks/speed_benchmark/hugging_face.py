"""What a user would write: transformers' `Trainer` on the same data, with the same parameters frozen."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    PreTrainedModel,
    Trainer,
    TrainingArguments,
)

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.config import EMBEDDING_BLOCK, RunConfig
from tlvsft.datasets import Split, draw_label_subset, load_labelled_data

_EMBEDDINGS = ("wte", "wpe")


def trainer(
    *, config: dict[str, Any], batch_size: int | None = None, eval_batch_size: int | None = None, bf16: bool = False
) -> dict[str, Any]:
    """Trains, validates after each epoch, tests once.

    Args:
        config: A `RunConfig` as data; of a text dataset, on a bundled GPT-2.
        batch_size: In training; `None` is the library's default.
        eval_batch_size: In validation and test; likewise.
        bf16: Whether to compute in bfloat16 where that is safe.

    Returns:
        `steps` and `test_accuracy`.
    """
    run = RunConfig.from_dict(config)
    folder = BACKBONES[run.backbone].path
    data = load_labelled_data(run.dataset)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=len(data.class_names), dtype=torch.float32
    )
    freeze(model, run)
    subset = draw_label_subset(data.train.labels, run.labels, num_classes=len(data.class_names), seed=run.seed)
    sizes = {"per_device_train_batch_size": batch_size, "per_device_eval_batch_size": eval_batch_size}
    with tempfile.TemporaryDirectory() as output:
        arguments = TrainingArguments(
            output_dir=output,
            num_train_epochs=run.epochs,
            eval_strategy="epoch",
            save_strategy="no",
            report_to="none",
            use_cpu=True,
            bf16=bf16,
            disable_tqdm=True,
            seed=run.seed,
            **{name: size for name, size in sizes.items() if size is not None},
        )
        learner = Trainer(
            model=model,
            args=arguments,
            train_dataset=tokenized(data.train.select(subset), tokenizer),
            eval_dataset=tokenized(data.validation, tokenizer),
            data_collator=DataCollatorWithPadding(tokenizer),
            compute_metrics=accuracy,
        )
        learner.train()
        tested = learner.predict(tokenized(data.test, tokenizer))
    return {"steps": learner.state.global_step, "test_accuracy": tested.metrics["test_accuracy"]}


def freeze(model: PreTrainedModel, run: RunConfig) -> None:
    """Freezes the parameters that the same variant freezes in our engine."""
    body = model.base_model
    if run.variant.method == "linear_probe":
        body.requires_grad_(requires_grad=False)
    for name in run.variant.frozen_blocks or ():
        parts = [getattr(body, part) for part in _EMBEDDINGS] if name == EMBEDDING_BLOCK else [body.h[int(name)]]
        for part in parts:
            part.requires_grad_(requires_grad=False)


def tokenized(split: Split, tokenizer: Any) -> Dataset:
    """A split as the library likes it, tokenised once."""
    table = Dataset.from_dict({"text": list(split.inputs), "label": split.labels})
    return table.map(lambda rows: tokenizer(rows["text"], truncation=True), batched=True, remove_columns=["text"])


def accuracy(predictions: Any) -> dict[str, float]:
    """Share of right answers."""
    return {"accuracy": float(np.mean(predictions.predictions.argmax(axis=-1) == predictions.label_ids))}
