"""From a name to labelled data: a bundled dataset, a visitor's own one, a path, or a Hub id."""

from __future__ import annotations

from tlvsft.catalog.datasets import DATASETS
from tlvsft.catalog.own import is_own
from tlvsft.catalog.paths import home_folder
from tlvsft.config import DatasetConfig
from tlvsft.datasets.bundled import load_bundled
from tlvsft.datasets.labelled import LabelledData


def load_labelled_data(config: DatasetConfig) -> LabelledData:
    """Loads what a user named.

    Raises:
        DatasetError: It can't be read or trained on; the message says what to do next.
        UnknownName: It looks like a misspelt bundled name.
    """
    if config.name in DATASETS:
        return load_bundled(DATASETS[config.name])
    if is_own(config.name):
        from tlvsft.datasets.own import load_own

        return load_own(home_folder(), config.name)
    from tlvsft.datasets.external import load_external

    return load_external(config)
