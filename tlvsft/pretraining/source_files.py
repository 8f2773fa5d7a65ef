"""Where the data lies that a bundled backbone was pretrained on, found and checked without loading torch."""

from __future__ import annotations

from pathlib import Path

from tlvsft.catalog.forgotten import SOURCES
from tlvsft.errors import InvalidInput

SOURCE_DATA_VARIABLE = "TLVSFT_SOURCE_DATA"
"""Names the folder for a server; the command line has `--data`."""


def check_source_data(backbone: str, data: Path) -> None:
    """Refuses a folder that doesn't hold what a backbone was pretrained on, before anything is trained.

    Args:
        backbone: As the user named it.
        data: The folder with the source data, or the folder `shared/` above it.

    Raises:
        InvalidInput: It isn't there, or the backbone's source data isn't known.
    """
    if backbone not in SOURCES:
        raise InvalidInput(
            f"What {backbone!r} was pretrained on isn't known here: leave --data out, or choose the backbone "
            f"{', '.join(sorted(SOURCES))}."
        )
    if not data.is_dir():
        raise InvalidInput(f"{str(data)!r} is no folder: give --data a folder with {SOURCES[backbone].folder}.")
    find_source_files(backbone, data)


def find_source_files(backbone: str, data: Path) -> tuple[Path, ...]:
    """The files that hold what a bundled backbone never saw while it was pretrained; Omniglot's hold the rest, too.

    Raises:
        InvalidInput: They aren't there.
    """
    if backbone == "glyphs-resnet":
        from tlvsft.pretraining.omniglot import find_archives

        return tuple(find_archives(data))
    if backbone == "photos-resnet":
        from tlvsft.pretraining.tiny_imagenet import find_photos

        return find_photos(data).validation
    from tlvsft.pretraining.corpus import find_corpus

    return find_corpus(data).heldout
