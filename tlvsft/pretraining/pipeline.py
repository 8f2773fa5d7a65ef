"""One pretraining from data to bundled backbone: prepare, train, measure, export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tlvsft.catalog.paths import BUNDLED_BACKBONES
from tlvsft.errors import UnknownName
from tlvsft.pretraining.recipes import GlyphsRecipe, PhotosRecipe, Recipe, WikiGptRecipe
from tlvsft.pretraining.workspace import open_workspace

if TYPE_CHECKING:
    from tlvsft.pretraining.results import TrainingResult

RECIPES: dict[str, Recipe] = {"glyphs": GlyphsRecipe(), "wiki-gpt": WikiGptRecipe(), "photos": PhotosRecipe()}
"""What `python -m tlvsft pretrain` can make, by the name that the command takes."""

WORK_FOLDER = Path(".pretraining")


def pretrain(
    recipe: str,
    *,
    data: Path,
    output: Path | None = None,
    work: Path | None = None,
    resume: bool = True,
    steps: int | None = None,
    on_exported: Callable[[Path], None] | None = None,
) -> Path:
    """Makes a bundled backbone, going on from where an earlier call stopped.

    Ctrl-C leaves a checkpoint. A progress bar goes to stderr. When the checkpoint already has as many steps as asked
    for, nothing is trained and the checkpoint is exported.

    Args:
        recipe: A key of `RECIPES`.
        data: The folder with the source data, or the folder `shared/` above it.
        output: Where the backbone goes; by default the bundled one is replaced.
        work: Where caches and checkpoints live; by default `.pretraining/<backbone>` below the current folder.
        resume: False starts over.
        steps: Another length than the recipe's.
        on_exported: Called with the output folder once everything is in it.

    Returns:
        The output folder.

    Raises:
        UnknownName: There is no such recipe.
        InvalidInput: `data` isn't what the recipe needs, or the work folder holds an attempt with other numbers.
        KeyboardInterrupt: After the checkpoint is written.
    """
    if recipe not in RECIPES:
        raise UnknownName("recipe", recipe, RECIPES)
    chosen = RECIPES[recipe].with_steps(steps)
    folder = work or WORK_FOLDER / chosen.name
    result = _train(chosen, data, folder, resume=resume)

    from tlvsft.pretraining.export import export

    target = output or BUNDLED_BACKBONES / chosen.name
    export(result, chosen, target, command=remake_command(recipe))
    if on_exported is not None:
        on_exported(target)
    return target


def remake_command(recipe: str) -> str:
    """How anybody makes a bundled backbone again; `recipe` is a key of `RECIPES`."""
    return f"python -m tlvsft pretrain {recipe} --data DIR"


def _train(recipe: Recipe, data: Path, folder: Path, *, resume: bool) -> TrainingResult:
    if isinstance(recipe, GlyphsRecipe):
        return _train_glyphs(recipe, data, folder, resume=resume)
    if isinstance(recipe, WikiGptRecipe):
        return _train_wiki_gpt(recipe, data, folder, resume=resume)
    if isinstance(recipe, PhotosRecipe):
        return _train_photos(recipe, data, folder, resume=resume)
    raise UnknownName("recipe", recipe.name, RECIPES)


def _train_glyphs(recipe: GlyphsRecipe, data: Path, folder: Path, *, resume: bool) -> TrainingResult:
    from tlvsft.pretraining.omniglot import find_archives

    archives = find_archives(data)
    open_workspace(folder, recipe, archives, resume=resume)
    from tlvsft.pretraining.glyphs import pretrain_glyphs

    return pretrain_glyphs(recipe, archives, folder)


def _train_wiki_gpt(recipe: WikiGptRecipe, data: Path, folder: Path, *, resume: bool) -> TrainingResult:
    from tlvsft.pretraining.corpus import find_corpus

    files = find_corpus(data)
    open_workspace(folder, recipe, [*files.train, *files.heldout], resume=resume)
    from tlvsft.pretraining.wiki_gpt import pretrain_wiki_gpt

    return pretrain_wiki_gpt(recipe, files, folder)


def _train_photos(recipe: PhotosRecipe, data: Path, folder: Path, *, resume: bool) -> TrainingResult:
    from tlvsft.pretraining.tiny_imagenet import find_photos

    files = find_photos(data)
    open_workspace(folder, recipe, [*files.train, *files.validation], resume=resume)
    from tlvsft.pretraining.photos import pretrain_photos

    return pretrain_photos(recipe, files, folder)
