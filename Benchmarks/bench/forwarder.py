"""Stands before Kong's Admin API, passes every byte on, and notes when a PATCH was answered."""

import asyncio
import contextlib
import threading
import time
from dataclasses import dataclass

from .processes import free_port, listens, wait_until, Unmeasured


@dataclass
class Answered:
    """The first line of a request that went through, and when its answer came."""

    line: str
    at: float


class Record:
    """Answered PATCHes, in order of their answers; filled by the forwarder's thread."""

    def __init__(self):
        self.patches = []

    def since(self, count, path):
        """Answered PATCHes after the first `count` whose path contains `path`."""
        return [patch for patch in self.patches[count:] if path in patch.line]


class Inbound(asyncio.Protocol):
    """A client's connection; opens its own to Kong and hands bytes to it."""

    def __init__(self, kong, record):
        self.kong, self.record = kong, record
        self.outbound, self.early, self.current = None, [], None

    def connection_made(self, transport):
        self.transport = transport
        asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self):
        loop = asyncio.get_running_loop()
        try:
            self.outbound, _ = await loop.create_connection(
                lambda: Outbound(self), "127.0.0.1", self.kong)
        except OSError:
            return self.transport.close()
        for data in self.early:
            self.outbound.write(data)

    def data_received(self, data):
        if self.current is None:  # The first bytes after an answer begin a request.
            line = data.split(b"\r\n", 1)[0].decode("latin-1")
            self.current = Answered(line, 0.0)
        if self.outbound is None:
            self.early.append(data)
        else:
            self.outbound.write(data)

    def answered(self, data):
        request, self.current = self.current, None
        if request and request.line.startswith("PATCH "):  # Noted before anybody can see it.
            request.at = time.perf_counter()
            self.record.patches.append(request)
        self.transport.write(data)

    def connection_lost(self, _):
        if self.outbound:
            self.outbound.close()


class Outbound(asyncio.Protocol):
    """The connection to Kong. What it sends first after a request is taken for the answer."""

    def __init__(self, inbound):
        self.inbound = inbound

    def data_received(self, data):
        self.inbound.answered(data)

    def connection_lost(self, _):
        self.inbound.transport.close()


@contextlib.contextmanager
def forwarding(kong):
    """Yields (port, record); runs on a thread of its own until the `with` ends."""
    port, record = free_port(), Record()
    loop = asyncio.new_event_loop()

    async def serve():
        return await loop.create_server(lambda: Inbound(kong, record), "127.0.0.1", port)

    def work():
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(serve())
        loop.run_forever()
        server.close()
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        wait_until(listens(port), 5, lambda: Unmeasured("the forwarder does not listen"))
        yield port, record
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
