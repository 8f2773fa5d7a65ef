"""`python -m tlvsft`. Worker processes import this module again, so nothing heavy may stand at its top level."""

from __future__ import annotations

import signal
import sys

from tlvsft.cli import main
from tlvsft.quiet import silence_libraries

if __name__ == "__main__":
    # A script's background job inherits an ignored SIGINT; `kill -INT` should stop a comparison there, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    silence_libraries()
    sys.exit(main(sys.argv[1:]))
