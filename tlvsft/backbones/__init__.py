"""Pretrained models without their head: loaded, split into blocks, frozen, and read out as feature vectors."""

from __future__ import annotations

from tlvsft.backbones.arithmetic import FLOAT32_ON_CPU, Arithmetic, choose_arithmetic
from tlvsft.backbones.blocks import Block, split_into_blocks
from tlvsft.backbones.freezing import (
    fingerprint_statistics,
    fingerprint_tensors,
    freeze_blocks,
    hash_manifest,
    hash_tensor,
    keep_batch_statistics,
    keep_in_evaluation,
    let_batch_statistics_drift,
)
from tlvsft.backbones.language_heads import WordHead, language_objective, load_language_head
from tlvsft.backbones.loading import Backbone, load_backbone
from tlvsft.backbones.prefix import FrozenPrefix, find_prefix
from tlvsft.backbones.summaries import summarize_backbone, write_block_summary
from tlvsft.backbones.word_models import Objective

__all__ = [
    "FLOAT32_ON_CPU",
    "Arithmetic",
    "Backbone",
    "Block",
    "FrozenPrefix",
    "Objective",
    "WordHead",
    "choose_arithmetic",
    "find_prefix",
    "fingerprint_statistics",
    "fingerprint_tensors",
    "freeze_blocks",
    "hash_manifest",
    "hash_tensor",
    "keep_batch_statistics",
    "keep_in_evaluation",
    "language_objective",
    "let_batch_statistics_drift",
    "load_backbone",
    "load_language_head",
    "split_into_blocks",
    "summarize_backbone",
    "write_block_summary",
]
