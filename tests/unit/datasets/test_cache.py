"""The copies that the `datasets` library makes of local files stay small."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tlvsft.datasets.cache import cache_folder, prune_cache


def add_copy(folder: Path, name: str, *, size: int, age_s: float) -> Path:
    copy = folder / "csv" / "default" / "0.0.0" / name
    copy.mkdir(parents=True)
    (copy / "data.arrow").write_bytes(b"x" * size)
    then = time.time() - age_s
    os.utime(copy, (then, then))
    return copy


def test_copies_lie_below_the_apps_home(tmp_path: Path) -> None:
    assert cache_folder() == tmp_path / "home" / "cache" / "datasets"


def test_the_oldest_copies_go_first(tmp_path: Path) -> None:
    old, middle, new = (add_copy(tmp_path, f"h{age}", size=100, age_s=age) for age in (9_000, 6_000, 10))
    prune_cache(tmp_path, limit_bytes=250, spared_s=60)
    assert [copy.exists() for copy in (old, middle, new)] == [False, True, True]


def test_a_young_copy_is_spared_however_large(tmp_path: Path) -> None:
    young = add_copy(tmp_path, "young", size=1_000, age_s=5)
    prune_cache(tmp_path, limit_bytes=10, spared_s=60)
    assert young.exists()


def test_a_cache_that_does_not_exist_is_no_trouble(tmp_path: Path) -> None:
    prune_cache(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
