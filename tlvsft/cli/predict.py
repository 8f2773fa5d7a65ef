"""`predict`: both trained models of a comparison answer about one text or image, or go on with a text."""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tlvsft.catalog.backbones import BACKBONES
from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.methods import get_method
from tlvsft.cli.output import check_json_target, format_table, write_results
from tlvsft.cli.status import ExitStatus
from tlvsft.comparison import paired_runs
from tlvsft.config import PREDICTION_TEXT_CHARACTERS, SIDES, Modality
from tlvsft.errors import InvalidInput

if TYPE_CHECKING:
    from PIL.Image import Image

    from tlvsft.runs.inference import Input, NextWords, TextInput
    from tlvsft.runs.records import ComparisonRecord, RunRecord
    from tlvsft.runs.store import Store

IMAGE_FILE_BYTES = 32 * 2**20
"""Largest image file that is read."""
_UTF8_BYTES = 4
"""Most that a character takes."""
_SHOWN_CLASSES = 10
PREDICTION_SCHEMA = 1


def run(options: argparse.Namespace) -> int:
    """Runs the command.

    Raises:
        InvalidInput: No such comparison, it isn't ready, or the file can't be used.
    """
    check_json_target(options.json)
    _refuse_path(options.comparison)
    from tlvsft.runs.store import Store

    with closing(Store()) as store:
        comparison = store.comparison(options.comparison)
        runs = paired_runs(comparison, comparison.config.seed)
        for record in runs:
            _check_ready(comparison, record)
        document = {
            "schema": PREDICTION_SCHEMA,
            "comparison_id": comparison.id,
            "task": comparison.config.task,
            "seed": comparison.config.seed,
            "file": options.file,
        }
        if comparison.config.task == "language_modeling":
            document |= _ask_for_words(store, comparison, Path(options.file))
            table = next_words_table(document)
        else:
            given = read_input(Path(options.file), modality=_modality(store, comparison))
            document["predictions"] = [_ask(store, record, given) for record in runs]
            table = prediction_table(document)
    write_results(document, table, json_target=options.json)
    return ExitStatus.OK


def read_input(path: Path, *, modality: Modality) -> Input:
    """Reads the file that both models are asked about.

    Raises:
        InvalidInput: It isn't there, is no file, is empty, too large, too small, damaged, or not what the models read.
    """
    from tlvsft.runs.inference import ImageInput

    if modality == "image":
        image = ImageInput(png_bytes=_read_at_most(path, IMAGE_FILE_BYTES, unit="bytes"), drawn=False)
        return replace(image, drawn=not _is_finished_digit(image.decode()))
    return read_text(path)


def read_text(path: Path) -> TextInput:
    """Reads a text file that both models are asked about; errors as `read_input` has them."""
    from tlvsft.runs.inference import TextInput

    data = _read_at_most(path, PREDICTION_TEXT_CHARACTERS, unit="characters")
    try:
        given = TextInput(text=data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{str(path)!r} is not UTF-8 text: this comparison reads text, save it as UTF-8.") from error
    given.check()
    return given


def _is_finished_digit(image: Image) -> bool:
    """Whether an image is in the very form of the bundled digits; any other one of a digit counts as a drawing."""
    from tlvsft.datasets.digits import IMAGE_SIZE

    return image.mode == "L" and image.size == (IMAGE_SIZE, IMAGE_SIZE)


def prediction_table(document: dict[str, Any]) -> str:
    """The classes, the most probable first, with both sides' probabilities."""
    left, right = document["predictions"]
    others = {item["name"]: item["probability"] for item in right["classes"]}
    rows = [("class", f"left: {get_method(left['method']).title}", f"right: {get_method(right['method']).title}")]
    ranked = sorted(left["classes"], key=lambda item: -max(item["probability"], others[item["name"]]))
    for item in ranked[:_SHOWN_CLASSES]:
        shares = (f"{100 * share:.1f} %" for share in (item["probability"], others[item["name"]]))
        rows.append((item["name"], *shares))
    hidden = len(ranked) - _SHOWN_CLASSES
    more = f"({hidden:,} less probable classes not shown)\n" if hidden > 0 else ""
    answers = f"left says {left['predicted']}, right says {right['predicted']}"
    return format_table(rows, right_aligned=(1, 2)) + more + "\n" + answers + "\n"


def next_words_table(document: dict[str, Any]) -> str:
    """The most probable next words of the untouched model and of both sides, rank by rank, and what each writes."""
    answers = [document["before"], *document["predictions"]]
    names = ["before"] + [f"{item['side']}: {get_method(item['method']).title}" for item in document["predictions"]]
    columns = [[f"{item['word']} {100 * item['probability']:.1f} %" for item in answer["words"]] for answer in answers]
    rows = [tuple(names), *zip_longest(*columns, fillvalue="")]
    written = [f"{name} writes: …{answer['continuation']}" for name, answer in zip(names, answers, strict=True)]
    return format_table(rows) + "\n" + "\n".join(line for line in written if not line.endswith("…")) + "\n"


def _refuse_path(comparison_id: str) -> None:
    if os.sep in comparison_id or Path(comparison_id).suffix or comparison_id in {"", ".", ".."}:
        raise InvalidInput(
            f"{comparison_id[:60]!r} is no comparison id (the file comes second): "
            "'python -m tlvsft list comparisons' shows the ids."
        )


def _check_ready(comparison: ComparisonRecord, record: RunRecord) -> None:
    if record.state in {"queued", "running"}:
        raise InvalidInput(f"Comparison {comparison.id} is still {record.state}: wait until it has finished.")
    if record.state in {"failed", "interrupted"}:
        raise InvalidInput(
            f"Comparison {comparison.id} can't predict: its {record.side} run is {record.state}. Run it again."
        )


def _modality(store: Store, comparison: ComparisonRecord) -> Modality:
    config = comparison.config
    if config.backbone in BACKBONES:
        return BACKBONES[config.backbone].modality
    if config.dataset.name in DATASETS:
        return DATASETS[config.dataset.name].modality
    return "text" if store.examples(comparison.id)[0].text is not None else "image"


def _ask(store: Store, record: RunRecord, given: Input) -> dict[str, Any]:
    from tlvsft.runs.inference import predict_once

    answer = predict_once(store, record.id, given)
    shares = zip(answer.class_names, map(float, answer.probabilities), strict=True)
    ranked = sorted(shares, key=lambda item: -item[1])
    return {
        "side": record.side,
        "method": record.config.variant.method,
        "predicted": ranked[0][0],
        "classes": [{"name": name, "probability": share} for name, share in ranked],
    }


def _ask_for_words(store: Store, comparison: ComparisonRecord, file: Path) -> dict[str, Any]:
    from tlvsft.runs.inference import next_words_once

    answers = next_words_once(store, comparison, read_text(file).text)
    sides = [{"side": side, "method": comparison.config.variant(side).method} for side in SIDES]
    return {
        "before": _describe_words(answers["before"]),
        "predictions": [side | _describe_words(answers[side["side"]]) for side in sides],
    }


def _describe_words(answer: NextWords) -> dict[str, Any]:
    words = [{"word": word, "probability": probability} for word, probability in answer.words]
    return {"words": words, "continuation": answer.continuation}


def _read_at_most(path: Path, limit: int, *, unit: Literal["bytes", "characters"]) -> bytes:
    """Reads a file, but never much more than may be in it."""
    if path.is_dir():
        raise InvalidInput(f"{str(path)!r} is a folder: give one text or image file.")
    limit_bytes = limit * (_UTF8_BYTES if unit == "characters" else 1)
    try:
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
    except OSError as error:
        raise InvalidInput(f"Can't read {str(path)[:200]!r}: {error.strerror}.") from error
    if len(data) > limit_bytes:
        raise InvalidInput(f"{str(path)!r} is too large: predictions take at most {limit:,} {unit}.")
    return data
