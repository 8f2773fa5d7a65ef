"""The true measure of forgetting: the source task itself, on data that pretraining held out, before and after.

An observer (`tlvsft.training.observing`) for runs of bundled backbones whose source data somebody has at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tlvsft.backbones import FLOAT32_ON_CPU
from tlvsft.backbones.source_heads import SourceClassifier, load_source_classifier
from tlvsft.catalog.forgotten import HELDOUT_FILE, SOURCES
from tlvsft.errors import InvalidInput
from tlvsft.events import Noted
from tlvsft.pretraining.recipes import GlyphsRecipe, PhotosRecipe
from tlvsft.pretraining.source_files import find_source_files
from tlvsft.tasks import LanguageModel, encode_corpus
from tlvsft.training.forgetting import adapted_backbone, is_untouched, load_source_words, read_texts
from tlvsft.training.language_modeling import measure_losses
from tlvsft.training.observing import Observation
from tlvsft.training.stopping import ShouldStop, check_stop
from tlvsft.training.untouched import untouched_losses

if TYPE_CHECKING:
    from tlvsft.training.objectives import TestResult
    from tlvsft.training.preparation import Preparation
    from tlvsft.training.results import TextLosses

MOST_PHOTOS = 2_000
MOST_PARAGRAPHS = 180
"""Evenly spread over all that was held out, so that it takes seconds; of drawings all are looked at."""
LEAST_WORDS = 20
"""Headings and single lines are no text to predict."""
_BATCH = 100

Batch = tuple[Tensor, Tensor]
"""Pixels as a model reads them, and the number of each image's source class, -1 for one that the model doesn't know."""


def observe_heldout(run: Preparation, _result: TestResult, should_stop: ShouldStop, *, data: Path) -> Observation:
    """Asks the pretrained head, put back on the adapted backbone, about held-out source data.

    Nothing where the run's backbone isn't a bundled one, or where nothing was pretrained. A folder that doesn't hold
    the data is noted; it stops no run that is through.

    Raises:
        StopRequested: `should_stop` said so.
    """
    name = run.backbone.name
    if name not in SOURCES or not run.method.pretrained:
        return Observation()
    observe = _observe_words if SOURCES[name].measured == "heldout_perplexity" else _observe_classes
    try:
        return observe(run, find_source_files(name, data), should_stop)
    except InvalidInput as error:
        return Observation(events=(Noted(message=f"What was forgotten, truly: {error}"),))


def _observe_classes(run: Preparation, files: Sequence[Path], should_stop: ShouldStop) -> Observation:
    classifier = load_source_classifier(run.backbone, FLOAT32_ON_CPU)  # as the backbone's card was measured
    if classifier is None:
        return Observation()
    read = _read_drawings if run.backbone.name == "glyphs-resnet" else _read_photos
    batches = read(files, classifier.class_names)
    before = _find_right(classifier, batches, should_stop)
    after = before
    if not is_untouched(run):
        classifier.adapt(adapted_backbone(run))
        after = _find_right(classifier, batches, should_stop)
    figures = {
        "heldout_accuracy_before": float(before.mean()),
        "heldout_accuracy_after": float(after.mean()),
        "heldout_examples": len(before),
    }
    return Observation(figures=figures, arrays={HELDOUT_FILE: {"before": before, "after": after}})


def _observe_words(run: Preparation, files: Sequence[Path], should_stop: ShouldStop) -> Observation:
    texts = read_paragraphs(files)

    def measure() -> TextLosses | None:
        predictor = load_source_words(run)
        return None if predictor is None else read_texts(predictor, texts, should_stop)

    before = untouched_losses(run.backbone.fingerprint, run.model.arithmetic, texts, measure=measure)
    after = None if before is None else _read_after(run, texts, before, should_stop)
    if before is None or after is None:
        return Observation()
    figures = {
        "heldout_perplexity_before": before.perplexity,
        "heldout_perplexity_after": after.perplexity,
        "heldout_examples": len(texts),
    }
    arrays = {"before": before.losses, "after": after.losses, "tokens": before.tokens}
    return Observation(figures=figures, arrays={HELDOUT_FILE: arrays})


def _read_after(
    run: Preparation, texts: Sequence[str], before: TextLosses, should_stop: ShouldStop
) -> TextLosses | None:
    """A model of words answers with its own head, a classifier's backbone with the pretrained one."""
    if isinstance(run.model, LanguageModel):
        corpus = encode_corpus(run.backbone, texts)
        return measure_losses(run.model, corpus, corpus.texts, should_stop)
    if is_untouched(run):
        return before
    predictor = load_source_words(run)
    if predictor is None:
        return None
    predictor.model.backbone.load_state_dict(adapted_backbone(run))
    return read_texts(predictor, texts, should_stop)


def _find_right(
    classifier: SourceClassifier, batches: Callable[[], Iterator[Batch]], should_stop: ShouldStop
) -> np.ndarray:
    """Which images get their true class, `(images,)` bool."""
    right: list[np.ndarray] = []
    for pixels, classes in batches():
        check_stop(should_stop)
        right.append((classifier.classify({"pixel_values": pixels}) == classes).numpy())
    return np.concatenate(right)


def _read_drawings(archives: Sequence[Path], class_names: Sequence[str]) -> Callable[[], Iterator[Batch]]:
    """Every held-out drawing in each quarter turn, undistorted.

    Raises:
        InvalidInput: An archive is damaged, or these aren't the characters that the model knows.
    """
    from tlvsft.pretraining.augment import present
    from tlvsft.pretraining.glyphs import class_name
    from tlvsft.pretraining.omniglot import read_drawings

    recipe = GlyphsRecipe()
    drawings = read_drawings(archives, numbers=recipe.heldout_drawings)
    numbers = {name: number for number, name in enumerate(class_names)}
    images = torch.from_numpy(drawings.images)
    named = [[numbers.get(class_name(name, turn), -1) for turn in range(recipe.rotations)] for name in drawings.names]
    classes = torch.tensor(named)[torch.from_numpy(drawings.characters)]  # (drawings, turns)
    known = (classes >= 0).all(dim=1)
    if not known.any():
        raise InvalidInput(
            f"{archives[0].parent} holds no character that the backbone knows: give Omniglot's archives."
        )
    images, classes = images[known], classes[known]

    def batches() -> Iterator[Batch]:
        for turn in range(recipe.rotations):
            for start in range(0, len(images), _BATCH):
                part = images[start : start + _BATCH, None].float() / 255
                shown = present(part, torch.full((len(part),), turn), image_size=recipe.image_size)
                yield shown, classes[start : start + _BATCH, turn]

    return batches


def _read_photos(files: Sequence[Path], class_names: Sequence[str]) -> Callable[[], Iterator[Batch]]:
    """At most `MOST_PHOTOS` photos of the validation part.

    Raises:
        InvalidInput: A file is damaged, or these aren't the classes that the model knows.
    """
    from tlvsft.pretraining.photo_augment import normalise
    from tlvsft.pretraining.photos import as_tensor
    from tlvsft.pretraining.tiny_imagenet import read_names, read_some_photos

    recipe = PhotosRecipe()
    if read_names(files[0]) != tuple(class_names):
        raise InvalidInput(f"{files[0].parent} holds other classes than the backbone knows: give Tiny ImageNet.")
    photos = read_some_photos(files, MOST_PHOTOS, image_size=recipe.image_size)

    def batches() -> Iterator[Batch]:
        for start in range(0, len(photos.images), _BATCH):
            pixels = normalise(as_tensor(photos.images[start : start + _BATCH]), recipe)
            yield pixels, torch.from_numpy(photos.classes[start : start + _BATCH])

    return batches


def read_paragraphs(files: Sequence[Path]) -> list[str]:
    """At most `MOST_PARAGRAPHS` paragraphs of at least `LEAST_WORDS` words, evenly spread over some files.

    Raises:
        InvalidInput: A file is damaged, or there is no such paragraph.
    """
    from tlvsft.pretraining.corpus import read_documents

    found = [
        paragraph
        for file in files
        for document in read_documents(file)
        for paragraph in document
        if len(paragraph.split()) >= LEAST_WORDS
    ]
    if not found:
        raise InvalidInput(f"No paragraph of {LEAST_WORDS} words in {files[0].parent}: give the corpus.")
    count = min(MOST_PARAGRAPHS, len(found))
    return [found[place * len(found) // count] for place in range(count)]
