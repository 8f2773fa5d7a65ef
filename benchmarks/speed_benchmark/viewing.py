"""Viewers of a running comparison: HTTP clients that poll as the page does, in one light process.

Usage: python -m benchmarks.speed_benchmark.viewing

It reads `{"host", "port", "path", "key", "clients", "every_s"}` as JSON on stdin. When the comparison is over, it
writes how long each answer took, in milliseconds, as a JSON list on stdout.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Viewer:
    """One client with a connection that it keeps.

    Attributes:
        phase: When in the period it asks, 0–1.
        cursors: How far its curves have come, per run.
        waits_ms: How long each answer took.
    """

    asked: dict[str, Any]
    phase: float
    cursors: dict[str, int] = field(default_factory=dict)
    waits_ms: list[float] = field(default_factory=list)

    async def look(self) -> None:
        """Asks again and again until the comparison is over."""
        reader, writer = await asyncio.open_connection(self.asked["host"], self.asked["port"])
        due = time.perf_counter() + self.phase * self.asked["every_s"]
        is_over = False
        while not is_over:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            due += self.asked["every_s"]
            begun = time.perf_counter()
            writer.write(self._request())
            answer = await self._read(reader)
            self.waits_ms.append(1000 * (time.perf_counter() - begun))
            self.cursors |= {run: chunk["cursor"] for run, chunk in answer["runs"].items()}
            is_over = answer["over"]
        writer.close()

    def _request(self) -> bytes:
        query = "&".join(f"{run}={cursor}" for run, cursor in self.cursors.items())
        return (
            f"GET {self.asked['path']}?{query} HTTP/1.1\r\nHost: {self.asked['host']}:{self.asked['port']}\r\n"
            f"X-Tlvsft-Key: {self.asked['key']}\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n"
        ).encode()

    async def _read(self, reader: asyncio.StreamReader) -> dict[str, Any]:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(f"The server answered: {head.splitlines()[0].decode()}")
        size = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        answer: dict[str, Any] = json.loads(await reader.readexactly(size))
        return answer


async def watch(asked: dict[str, Any]) -> list[float]:
    """Lets all clients look, each at its own phase; in the order of clients, how long answers took."""
    viewers = [Viewer(asked, phase=number / asked["clients"]) for number in range(asked["clients"])]
    await asyncio.gather(*(viewer.look() for viewer in viewers))
    return [wait for viewer in viewers for wait in viewer.waits_ms]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(watch(json.load(sys.stdin)))))
