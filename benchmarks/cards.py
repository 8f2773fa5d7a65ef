"""Writes the cards of the bundled backbones again, with what the transfer benchmark measured; trains nothing.

    python benchmarks/cards.py

A card (`README.md`) and its loss curve come from the recipe, from `training.json` beside the weights, and from the
means in `benchmarks/results/transfer.json`, where there is one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tlvsft.catalog.paths import BUNDLED_BACKBONES
from tlvsft.errors import InvalidInput, TlvsftError
from tlvsft.pretraining import RECIPES, remake_command
from tlvsft.pretraining.cards import TransferRow, render_card
from tlvsft.pretraining.loss_picture import LOSS_PICTURE, draw_loss

RESULTS = Path(__file__).resolve().parent / "results" / "transfer.json"
BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes every card and returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=RESULTS, help="what benchmarks/transfer.py wrote")
    options = parser.parse_args(arguments)
    try:
        rows = read_accuracies(options.json)
        for name in RECIPES:
            print(write_card(name, rows))
    except TlvsftError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    return 0


def write_card(recipe: str, accuracies: Iterable[Mapping[str, Any]]) -> Path:
    """Writes card and loss curve of one bundled backbone; returns the card's path.

    Args:
        recipe: A key of `RECIPES`.
        accuracies: What the benchmark measured, of all backbones.
    """
    name = RECIPES[recipe].name
    folder = BUNDLED_BACKBONES / name
    picture = draw_loss(read_training(name)["history"], title=f"{name}: training loss")
    picture.save(folder / LOSS_PICTURE, optimize=True)
    card = folder / "README.md"
    card.write_text(render_bundled_card(recipe, accuracies), encoding="utf-8")
    return card


def render_bundled_card(recipe: str, accuracies: Iterable[Mapping[str, Any]]) -> str:
    """The text of one bundled backbone's card."""
    chosen = RECIPES[recipe]
    rows = transfer_rows(accuracies, chosen.name)
    return render_card(chosen, read_training(chosen.name), command=remake_command(recipe), transfer=rows)


def read_training(name: str) -> dict[str, Any]:
    """What `training.json` says of a bundled backbone.

    Raises:
        InvalidInput: It isn't there.
    """
    file = BUNDLED_BACKBONES / name / "training.json"
    if not file.exists():
        raise InvalidInput(f"{file} is missing: make {name} with 'python -m tlvsft pretrain'.")
    training: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return training


def read_accuracies(results: Path) -> list[dict[str, Any]]:
    """The means that the transfer benchmark wrote; none where it hasn't run.

    Raises:
        InvalidInput: It hasn't added its cells up yet, or the file is another one's.
    """
    if not results.exists():
        return []
    try:
        accuracies: list[dict[str, Any]] = json.loads(results.read_text(encoding="utf-8"))["accuracies"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{results} has no means yet: run 'python benchmarks/transfer.py --table' first.") from error
    return accuracies


def transfer_rows(accuracies: Iterable[Mapping[str, Any]], backbone: str) -> list[TransferRow]:
    """The rows about one backbone, and what methods without a backbone reached on the same datasets."""
    measured = [entry for entry in accuracies if entry["accuracy"] is not None]
    datasets = {entry["dataset"] for entry in measured if entry["backbone"] == backbone}
    return [
        TransferRow(
            dataset=entry["dataset"],
            method=entry["method"],
            labels=entry["labels"],
            mean=entry["accuracy"],
            low=entry["ci95"][0] if entry["ci95"] else None,
            high=entry["ci95"][1] if entry["ci95"] else None,
            seeds=entry["n"],
        )
        for entry in measured
        if entry["backbone"] == backbone or (entry["backbone"] is None and entry["dataset"] in datasets)
    ]


if __name__ == "__main__":
    sys.exit(main())
