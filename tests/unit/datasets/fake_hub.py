"""A tiny Hub on this machine: the few routes that `datasets` asks for, over HTTP, for one dataset of one CSV per split.

Run as `python fake_hub.py ID FOLDER`; prints its address, then serves until killed.
"""

from __future__ import annotations

import hashlib
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class FakeHub(BaseHTTPRequestHandler):
    """Answers for the dataset `name` whose files lie in `folder`."""

    name: str
    folder: Path
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer()

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        files = sorted(self.folder.iterdir())
        if path.startswith(f"/datasets/{self.name}/resolve/"):
            return self._send_file(self.folder / Path(path).name)
        entries = [
            {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": digest(file)} for file in files
        ]
        if path.startswith((f"/api/datasets/{self.name}/tree/", f"/api/datasets/{self.name}/paths-info/")):
            return self._send_json(entries)
        if path == f"/api/datasets/{self.name}" or path.startswith(f"/api/datasets/{self.name}/revision/"):
            siblings = [{"rfilename": file.name} for file in files]
            return self._send_json({"id": self.name, "sha": COMMIT, "private": False, "tags": [], "siblings": siblings})
        return self._send_missing(path)

    def _send_json(self, content: object) -> None:
        self._send(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _send_file(self, file: Path) -> None:
        if not file.is_file():
            return self._send(404, b"", {"X-Error-Code": "EntryNotFound"})
        return self._send(200, file.read_bytes(), {"ETag": f'"{digest(file)}"', "X-Repo-Commit": COMMIT})

    def _send_missing(self, path: str) -> None:
        self._send(404, b"{}", {"X-Error-Code": "RepoNotFound", "X-Error-Message": f"no {path}"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def digest(file: Path) -> str:
    """What git would call the file, near enough."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:40]


def main() -> None:
    FakeHub.name, FakeHub.folder = sys.argv[1], Path(sys.argv[2])
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeHub)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    main()
