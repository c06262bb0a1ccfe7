"""A TCP relay that can go away and come back, as a Kong that is restarted does."""

import asyncio
import contextlib
import threading


class Relay:
    """Listens on a free port and passes everything on to `target` (host, port)."""

    def __init__(self, target):
        self.target = target
        self.port = None
        self.passing = set()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self._do(self._listen())

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    async def _listen(self):
        self.server = await asyncio.start_server(self._pass, "127.0.0.1", self.port or 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _pass(self, reader, writer):
        task = asyncio.current_task()
        self.passing.add(task)
        try:
            there, back = await asyncio.open_connection(*self.target)
            one = asyncio.create_task(self._copy(reader, back))
            other = asyncio.create_task(self._copy(there, writer))
            try:
                await asyncio.wait((one, other), return_when=asyncio.FIRST_COMPLETED)
            finally:
                one.cancel()
                other.cancel()
                back.transport.abort()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.passing.discard(task)
            writer.transport.abort()

    @staticmethod
    async def _copy(reader, writer):
        with contextlib.suppress(OSError):
            while piece := await reader.read(1 << 16):
                writer.write(piece)
                await writer.drain()

    def go(self):
        """Refuses connections, and resets those there are."""
        async def gone():
            self.server.close()
            for task in list(self.passing):
                task.cancel()
        self._do(gone())

    def come_back(self):
        self._do(self._listen())
