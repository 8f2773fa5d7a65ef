"""Who may see which own dataset: the same rule as for comparisons, by hashes of the visitors' tokens."""

from __future__ import annotations

from pathlib import Path

from tlvsft.catalog.own import GONE, OwnDataset, describe, hash_owner
from tlvsft.errors import DatasetError
from tlvsft.runs.home import on_shared_host
from tlvsft.runs.ownership import is_visible


def find_own(home: Path, name: str, *, viewer: str | None) -> OwnDataset:
    """An own dataset for somebody who may not see all of them: what they may not see, isn't there.

    Args:
        home: The app's one folder.
        name: Its name, `own:` in front.
        viewer: Who asks: a browser's token, or `None` for the command line, which belongs to the machine's user.

    Raises:
        DatasetError: There is none of this name for this viewer.
    """
    dataset = describe(home, name)
    asking = None if viewer is None else hash_owner(viewer)
    if not is_visible(dataset.owner_hash, viewer=asking, shared_host=on_shared_host()):
        raise DatasetError(GONE)
    return dataset
