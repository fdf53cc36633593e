"""A far-away server, nearby: a proxy that holds every byte back for half of a round trip."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float
) -> None:
    """Hand on what comes, each piece after this time and in order."""
    loop, tasks = asyncio.get_running_loop(), asyncio.Queue[tuple[float, bytes]]()

    async def deliver() -> None:
        while True:
            due, piece = await tasks.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        writer.close()

    delivery = asyncio.create_task(deliver())
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65536):
            tasks.put_nowait((loop.time() + seconds, piece))
    tasks.put_nowait((loop.time() + seconds, b""))
    with contextlib.suppress(ConnectionError):
        await delivery


@contextlib.contextmanager
def far_away(port: int, round_trip_ms: float) -> Iterator[int]:
    """A port on this machine that leads to another one, with this much added to a round trip."""
    loop = asyncio.new_event_loop()
    ready: list[int] = []
    started = threading.Event()

    async def serve() -> None:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection("localhost", port)
            half = round_trip_ms / 2000
            await asyncio.gather(_carry(reader, back, half), _carry(there, writer, half))

        server = await asyncio.start_server(handle, "localhost", 0)
        ready.append(server.sockets[0].getsockname()[1])
        started.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait(timeout=10)
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
