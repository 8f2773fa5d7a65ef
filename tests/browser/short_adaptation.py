"""`app.py` with the first step of the three tasks cut to a few texts."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from app import main
    from tlvsft.catalog.presets import PRESETS

    PRESETS["adapt-to-book-reviews"] = replace(PRESETS["adapt-to-book-reviews"], labels=20)
    sys.exit(main())
