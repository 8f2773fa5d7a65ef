"""`python -m tlvsft`. Worker processes import this module again, so nothing heavy may stand at its top level."""

from __future__ import annotations

import sys

from tlvsft.cli import main
from tlvsft.quiet import silence_libraries

if __name__ == "__main__":
    silence_libraries()
    sys.exit(main(sys.argv[1:]))
