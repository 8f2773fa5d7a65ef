"""The page's entry on a desktop and on a Hugging Face Space: `python app.py`.

Worker processes import this module again, so nothing heavy may stand at its top level.
"""

from __future__ import annotations

import argparse
import sys


def main() -> int:
    """Parses the arguments, serves the page, and returns the exit status."""
    from tlvsft.errors import TlvsftError

    parser = argparse.ArgumentParser(description="Transfer learning vs fine-tuning, live and side by side.")
    parser.add_argument("--host", help="address to listen on (GRADIO_SERVER_NAME, else 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port (GRADIO_SERVER_PORT, else 7860 or the next free one)")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    options = parser.parse_args()
    from tlvsft.ui import serve

    try:
        serve(host=options.host, port=options.port, open_browser=options.open)
    except TlvsftError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
