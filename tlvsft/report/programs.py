"""The text of the program that trains a run again: constants, and pieces of code that fit its task and its model."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from tlvsft.backbones import Block
from tlvsft.datasets import Split
from tlvsft.errors import InvalidInput
from tlvsft.report.image_modes import MODES
from tlvsft.report.templates import fill_in
from tlvsft.tasks.corpora import MOST_TOKENS, next_word_marks
from tlvsft.tasks.text_classification import find_context
from tlvsft.training.classification import Classification
from tlvsft.training.defaults import GRADIENT_NORM_LIMIT, Hyperparameters
from tlvsft.training.preparation import Preparation
from tlvsft.training.randomness import derive_seed

_TEXT_IMPORTS = """from safetensors.torch import load_file
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModel, AutoTokenizer"""
_IMAGE_IMPORTS = """from PIL import Image
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional
from transformers import AutoImageProcessor, AutoModel"""
_WORD_IMPORTS = """from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence
from transformers import AutoModelForCausalLM, AutoTokenizer"""
_TEXT_FEATURES = """    layers = self.backbone(**batch, output_hidden_states=True).hidden_states
both = torch.cat([layers[0], layers[-1]], dim=-1).float()  # (batch, tokens, features)
mask = batch["attention_mask"].unsqueeze(-1).float()  # (batch, tokens, 1)
return (both * mask).sum(dim=1) / mask.sum(dim=1)"""
_IMAGE_FEATURES = """    output = self.backbone(**batch)
return {}.float()"""
_NORM = "isinstance(module, nn.modules.batchnorm._BatchNorm)"


def write_program(run: Preparation, numbers: Mapping[str, float], *, in_bfloat16: bool) -> str:
    """The text of the program.

    Args:
        run: What it trains.
        numbers: What the app found, by name.
        in_bfloat16: Whether the app computed in bfloat16 on the CPU.
    """
    parameters = run.parameters
    if parameters is None:
        raise InvalidInput("This method takes no steps: there is nothing to train again.")
    stays, mode = _norms(run)
    return fill_in(
        "reproduce.py.txt",
        SETTINGS=_settings(run, parameters, numbers, in_bfloat16=in_bfloat16),
        TRAINING=fill_in(
            "training.py.txt",
            NORMS_STAY=stays,
            MODES=_indent(mode, 8),
            SCHEDULE=fill_in(f"{parameters.schedule}.py.txt").strip(),
        ).strip(),
        **_pieces(run),
    )


def first_pixels(objective: Classification, split: Split) -> Tensor:
    """The first image of a split as the backbone reads it, shape `(1, channels, height, width)`."""
    first = np.array([0])
    return objective.encode_split(split.select(first)).inputs.batch(first)["pixel_values"]


def _pieces(run: Preparation) -> dict[str, str]:
    """What the program reads, what it trains, and how it evaluates."""
    objective = run.objective
    if not isinstance(objective, Classification):
        return {
            "REQUIREMENTS": "torch and transformers",
            "IMPORTS": _WORD_IMPORTS,
            "DATA": fill_in("words.py.txt").strip(),
            "MODEL": fill_in("word_model.py.txt").strip(),
            "EVALUATION": fill_in("evaluate_words.py.txt").strip(),
        }
    is_text = run.backbone.modality == "text"
    features = _TEXT_FEATURES if is_text else _IMAGE_FEATURES.format(_image_features(run, objective))
    means = "the means over its tokens of the embedding and the last layer" if is_text else "as the backbone pools it"
    return {
        "REQUIREMENTS": f"torch, transformers, safetensors{'' if is_text else ', pillow'}",
        "IMPORTS": _TEXT_IMPORTS if is_text else _IMAGE_IMPORTS,
        "DATA": fill_in("texts.py.txt" if is_text else "images.py.txt").strip(),
        "MODEL": fill_in("classifier.py.txt", FEATURES_ARE=means, FEATURES=_indent(features, 8)).strip(),
        "EVALUATION": fill_in("evaluate_classes.py.txt").strip(),
    }


def _settings(run: Preparation, parameters: Hyperparameters, numbers: Mapping[str, float], *, in_bfloat16: bool) -> str:
    """The constants, as code: numbers, names of modules and of blocks, and no text that anybody wrote."""
    is_words = not isinstance(run.objective, Classification)
    dropout = f"DROPOUT = {parameters.dropout!r}  # share of features left out before the head, in training"
    lines = [
        f"DROPOUT_SEED = {derive_seed(run.config.seed, 'dropout')}  # all else that is random lies in the files",
        f"BFLOAT16 = {in_bfloat16}  # whether the app computed in bfloat16",
        *_reading_settings(run),
        *([] if is_words else [dropout]),
        f"WEIGHT_DECAY = {parameters.weight_decay!r}",
        f"GRADIENT_NORM_LIMIT = {GRADIENT_NORM_LIMIT!r}",
        f"WARMUP = {parameters.warmup!r}  # share of the steps over which learning rates rise",
        f"HEAD_RATE = {parameters.head_rate!r}  # peak learning rate",
        "BLOCKS = {  # from input to output: its parts in the backbone, and its peak learning rate",
        *_block_lines(run, parameters),
        "}",
        "PHASES = [  # from which step on, which blocks are frozen, and over which steps rates rise and fall",
        *[
            f"    ({phase.start}, {sorted(phase.frozen)!r}, {phase.cycle.start}, {phase.cycle.stop}),"
            for phase in run.phases
        ],
        "]",
        "APP = {  # what the app found",
        *[f"    {name!r}: {_number(value)}," for name, value in numbers.items()],
        "}",
    ]
    return "\n".join(lines).replace("'", '"')


def _reading_settings(run: Preparation) -> list[str]:
    if run.backbone.modality == "image":
        return [f"MODE = {MODES[run.backbone.model.config.num_channels]!r}  # of the images, as Pillow calls it"]
    tokenizer = run.backbone.processor
    shared = [
        f"CONTEXT = {find_context(run.backbone)}  # tokens that are read at once",
        f"PAD_ID = {tokenizer.pad_token_id or 0}",
    ]
    if isinstance(run.objective, Classification):
        return shared
    start, end = next_word_marks(tokenizer)
    return [
        *shared,
        f"START_MARK, END_MARK = {start!r}, {end!r}  # tokens around a text",
        f"MOST_TOKENS = {MOST_TOKENS}",
    ]


def _block_lines(run: Preparation, parameters: Hyperparameters) -> Iterable[str]:
    modules = {id(module): name for name, module in run.backbone.model.named_modules()}
    loose = {id(parameter): name for name, parameter in run.backbone.model.named_parameters()}
    blocks = run.backbone.blocks
    for below_top, block in zip(reversed(range(len(blocks))), blocks, strict=True):
        rate = parameters.backbone_rate / parameters.rate_decay**below_top
        yield f"    {block.name!r}: ({_parts(block, modules, loose)!r}, {rate!r}),"


def _parts(block: Block, modules: Mapping[int, str], parameters: Mapping[int, str]) -> list[str]:
    """A block's loose parameters and its modules, by their names in the backbone."""
    return [*[parameters[id(tensor)] for tensor in block.loose], *[modules[id(module)] for module in block.modules]]


def _image_features(run: Preparation, objective: Classification) -> str:
    """How an image backbone is read, in code; see `tlvsft.backbones.features`."""
    run.backbone.model.eval()  # type: ignore[no-untyped-call]
    with torch.inference_mode():
        output = run.backbone.model(pixel_values=first_pixels(objective, objective.train))
    if getattr(output, "pooler_output", None) is not None:
        return "torch.flatten(output.pooler_output, start_dim=1)"
    return f"output.last_hidden_state{'.mean(dim=(2, 3))' if output.last_hidden_state.dim() == 4 else '[:, 0]'}"


def _norms(run: Preparation) -> tuple[str, str]:
    """What becomes of BatchNorm: in words that follow "dropout off", and in code."""
    has_norms = any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in run.backbone.model.modules())
    stays, words = "belongs_to(name, frozen)", ""
    if has_norms and run.model.statistics_drift:
        stays, words = f"{stays} and not {_NORM}", ", but BatchNorm takes new statistics (a mistake on purpose)"
    elif has_norms and run.method.pretrained:
        stays, words = f"{stays} or {_NORM}", ". BatchNorm does so everywhere"
    elif has_norms:
        words = ", statistics kept"
    return words, f"if {stays}:\n    module.training = False"


def _number(value: float) -> str:
    return repr(float(value)) if math.isfinite(value) else 'float("nan")'


def _indent(code: str, spaces: int) -> str:
    return "\n".join(" " * spaces + line for line in code.splitlines())
