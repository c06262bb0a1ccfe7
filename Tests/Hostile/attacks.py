"""Clients that are slow, idle, greedy or broken; each attack lasts until its time is over."""

import asyncio
import contextlib
import json
import socket
import struct

HOST = b"Host: 127.0.0.1\r\n"


class Attack:
    """What all attacks share: the server's port, how many, how long."""

    def __init__(self, port, count, seconds):
        self.port, self.count, self.seconds = port, count, seconds
        self.open = self.refused = self.ended = 0
        self.notes = {}

    async def connect(self, number):
        """From one of a few addresses, because of the limit for each; None: refused."""
        source = f"127.0.1.{number % 4 + 1}"
        for _ in range(3):
            try:
                streams = await asyncio.open_connection(
                    "127.0.0.1", self.port, local_addr=(source, 0), limit=1 << 16)
                self.open += 1
                return streams
            except OSError:
                await asyncio.sleep(0.05)
        self.refused += 1
        return None

    async def run(self):
        self.until = asyncio.get_running_loop().time() + self.seconds
        await asyncio.gather(*(self._guarded(number) for number in range(self.count)))

    async def _guarded(self, number):
        with contextlib.suppress(OSError, EOFError, asyncio.TimeoutError, ValueError):
            await self.one(number)

    @property
    def left(self):
        return self.until - asyncio.get_running_loop().time()

    async def watch(self, reader):
        """Reads until the server ends the connection or the time is over."""
        with contextlib.suppress(asyncio.TimeoutError):
            while await asyncio.wait_for(reader.read(65536), max(0.01, self.left)):
                pass
            self.ended += 1

    async def drip(self, number, begin, piece):
        streams = await self.connect(number)
        if streams is None:
            return
        reader, writer = streams
        writer.write(begin)
        watching = asyncio.create_task(self.watch(reader))
        while self.left > 0 and not watching.done():
            writer.write(piece)
            await asyncio.sleep(0.5)
        await watching
        writer.close()


class SlowHeads(Attack):
    """A head that comes a byte at a time and never ends."""

    async def one(self, number):
        await self.drip(number, b"GET /v1/rollouts HTTP/1.1\r\n" + HOST + b"X: ", b"a")


class SlowBodies(Attack):
    """A body that was announced and comes a byte at a time."""

    async def one(self, number):
        head = (
            b"POST /v1/rollouts HTTP/1.1\r\n" + HOST
            + b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{")
        await self.drip(number, head, b" ")


class SlowReaders(Attack):
    """Ask for the contract again and again, and read a byte now and then."""

    async def one(self, number):
        with socket.socket() as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.setblocking(False)
            wire.bind((f"127.0.1.{number % 4 + 1}", 0))
            loop = asyncio.get_running_loop()
            await loop.sock_connect(wire, ("127.0.0.1", self.port))
            self.open += 1
            request = b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n"
            await loop.sock_sendall(wire, request * 50)
            while self.left > 0:
                await asyncio.sleep(0.5)
                if not await asyncio.wait_for(loop.sock_recv(wire, 1), 5):
                    self.ended += 1
                    return


class Idle(Attack):
    """Connect and say nothing."""

    async def one(self, number):
        streams = await self.connect(number)
        if streams is not None:
            await self.watch(streams[0])
            streams[1].close()


class Streams(Attack):
    """Follow the events; every second one stops reading. The others must get every event."""

    def __init__(self, port, count, seconds, client, name):
        super().__init__(port, count, seconds)
        self.client, self.name = client, name
        self.ready = 0
        self.last = None  # the id of the last event, once it was sent
        self.whole = 0  # readers that got all up to the last
        self.gaps = 0

    async def run(self):
        commands = asyncio.create_task(self._command())
        await super().run()
        self.notes["events sent"] = await commands
        self.notes["readers"] = self.ready - self.ready // 2
        self.notes["readers that got all"] = self.whole

    async def _change(self):
        answer = await asyncio.to_thread(
            self.client.ask, "PATCH", f"/v1/rollouts/{self.name}", {"labels": {"n": str(self.left)}})
        assert answer.status == 200, answer

    async def _command(self):
        """Changes a label all the time, once all are there, and a last time."""
        while self.ready < self.count - self.refused and self.left > 0:
            await asyncio.sleep(0.1)
        self.until = asyncio.get_running_loop().time() + self.seconds
        begin, sent = self.left, 1
        while self.left > begin / 2:
            await self._change()
            sent += 1
            await asyncio.sleep(0.05)
        await self._change()
        page = await asyncio.to_thread(self.client.get, f"/v1/rollouts/{self.name}/events?limit=200")
        while (after := page.json["next_cursor"]) is not None:
            page = await asyncio.to_thread(
                self.client.get, f"/v1/rollouts/{self.name}/events?limit=200&after={after}")
        self.last = page.json["items"][-1]["id"]
        begin = asyncio.get_running_loop().time()
        while self.whole + self.gaps < self.ready - self.ready // 2 and self.left > 0:
            await asyncio.sleep(0.05)
        waited = asyncio.get_running_loop().time() - begin
        self.notes["until all had the last event, ms"] = round(waited * 1000)
        self.until = 0
        return sent

    async def one(self, number):
        streams = await self.connect(number)
        if streams is None:
            return
        reader, writer = streams
        writer.write(
            b"GET /v1/events HTTP/1.1\r\n" + HOST + b"Accept: text/event-stream\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        self.ready += 1
        if number % 2:
            writer.transport.pause_reading()
            while self.left > 0:
                await asyncio.sleep(0.5)
        else:
            await self._follow(reader)
        writer.transport.abort()

    async def _follow(self, reader):
        known = None
        while self.left > 0:
            try:
                line = await asyncio.wait_for(reader.readline(), 1)
            except asyncio.TimeoutError:
                if known is not None and known == self.last:
                    self.whole += 1
                    return
                continue
            if not line:
                self.ended += 1
                return
            if line.startswith(b"id:"):
                number = int(line[3:])
                if known is not None and number != known + 1:
                    self.gaps += 1
                    return
                known = number


class CutOff(Attack):
    """A request cut at every byte: ended politely by one, by a reset by the next."""

    async def run(self):
        body = json.dumps({"reason": "cut"}).encode()
        request = (
            b"POST /v1/rollouts/nobody/abort HTTP/1.1\r\n" + HOST
            + b"Content-Type: application/json\r\nExpect: 100-continue\r\n"
            + b"Transfer-Encoding: chunked\r\n\r\n"
            + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        self.until = asyncio.get_running_loop().time() + self.seconds
        while self.left > 0:
            for length in range(len(request)):
                with socket.socket() as wire:
                    wire.settimeout(5)
                    wire.bind(("127.0.1.1", 0))
                    wire.connect(("127.0.0.1", self.port))
                    wire.sendall(request[:length])
                    if length % 2:
                        wire.setsockopt(
                            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.open += 1
                await asyncio.sleep(0)


class Pipelines(Attack):
    """A thousand requests at once on a connection, all answered in order."""

    async def one(self, number):
        paths = ["/healthz", "/v1/rollouts/none", "/readyz", "/v1/rollouts"]
        wanted = [200, 404, 200, 200]
        while self.left > 0:
            streams = await self.connect(number)
            if streams is None:
                return
            reader, writer = streams
            requests = [
                f"GET {paths[i % 4]} HTTP/1.1\r\n".encode() + HOST + b"\r\n" for i in range(1000)
            ]
            writer.write(b"".join(requests))
            for i in range(1000):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                status = int(head.split(" ", 2)[1])
                assert status == wanted[i % 4], (i, head)
                length = head.lower().split("content-length: ")[1].split("\r\n")[0]
                await reader.readexactly(int(length))
                self.ended += 1
            writer.close()


class Oversized(Attack):
    """Everything too large, each with the answer that is due."""

    def cases(self):
        start = b"POST /v1/rollouts HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
        deep = b"[" * 100_000
        wide = b"[" + b"0," * 500_000 + b"0]"
        names = b"{" + b",".join(b'"n%d":0' % i for i in range(80_000)) + b"}"

        def body(text):
            return start + b"Content-Length: %d\r\n\r\n" % len(text) + text
        return {
            "a head of 1 MiB": (b"GET / HTTP/1.1\r\nX: " + b"a" * (1 << 20), {413, 431, 400}),
            "10,000 headers": (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 10_000, {431, 413, 400}),
            "a target of 1 MiB": (b"GET /" + b"a" * (1 << 20), {414, 400}),
            "a body of 100 MiB announced": (
                start + b"Content-Length: 104857600\r\nExpect: 100-continue\r\n\r\n", {413}),
            "a length of 18 digits": (
                start + b"Content-Length: 999999999999999999\r\n\r\n", {413}),
            "20 MiB in chunks": (
                start + b"Transfer-Encoding: chunked\r\n\r\n"
                + b"100000\r\n" + b"a" * (1 << 20) + b"\r\n", {413}),
            "100,000 brackets": (body(deep), {400}),
            "500,000 zeros": (body(wide), {400, 422}),
            "80,000 members": (body(names), {400, 422}),
            "a label of 1 MB": (
                body(b'{"labels":{"a":"' + b"x" * 1_000_000 + b'"}}'), {422}),
        }

    async def one(self, number):
        cases = list(self.cases().items())
        while self.left > 0:
            for place in range(len(cases)):
                name, (request, allowed) = cases[(place + number) % len(cases)]
                streams = await self.connect(number)
                if streams is None:
                    return
                reader, writer = streams
                writer.write(request)
                if name == "20 MiB in chunks":
                    for _ in range(19):
                        writer.write(b"100000\r\n" + b"a" * (1 << 20) + b"\r\n")
                    writer.write(b"0\r\n\r\n")
                with contextlib.suppress(OSError, asyncio.TimeoutError, EOFError):
                    line = await asyncio.wait_for(reader.readline(), 10)
                    if b"100" in line[:13]:
                        await reader.readline()
                        line = await asyncio.wait_for(reader.readline(), 10)
                    status = int(line.split(b" ")[1]) if line else 0
                    known = self.notes.setdefault(name, set())
                    known.add(status)
                    if status not in allowed | {0}:
                        self.notes["wrong"] = (name, status)
                self.ended += 1
                writer.transport.abort()
