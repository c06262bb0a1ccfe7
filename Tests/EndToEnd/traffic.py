"""A steady stream of requests to the proxy, each remembered with its time and its answer."""

import asyncio
import bisect
import math
import threading
import time

from waiting import until


class Reply:
    __slots__ = ("sent", "done", "model", "note")

    def __init__(self, sent, done, model, note):
        self.sent, self.done, self.model, self.note = sent, done, model, note


class Traffic:
    """GETs at `rate` a second in a thread of its own, over `lanes` kept-alive connections."""

    def __init__(self, proxy, path, rate=200, lanes=8):
        self.proxy, self.path, self.rate, self.lanes = proxy, path, rate, lanes
        self.replies = []  # in the order of their answers
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self):
        self.thread.start()
        until(lambda: len(self.replies) >= 20, "traffic flows", 20)
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(20)
        assert not self.thread.is_alive(), "the traffic did not stop"

    async def _run(self):
        start = time.monotonic()
        await asyncio.gather(*(self._lane(i, start) for i in range(self.lanes)))

    async def _lane(self, index, start):
        reader = writer = None
        turn = index
        while not self.stopping.is_set():
            # A lane that is late catches up: the rate is of the whole, not of gaps.
            due = start + turn / self.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            turn += self.lanes
            sent = time.monotonic()
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection(
                        "127.0.0.1", self.proxy.port)
                model, note, keeps = await asyncio.wait_for(self._get(reader, writer), 15)
            except (OSError, ValueError, EOFError, asyncio.TimeoutError) as error:
                model, note, keeps = None, repr(error), False
            self.replies.append(Reply(sent, time.monotonic(), model, note))
            if not keeps and writer is not None:
                writer.close()
                reader = writer = None
        if writer is not None:
            writer.close()

    async def _get(self, reader, writer):
        writer.write(f"GET {self.path} HTTP/1.1\r\nHost: {self.proxy.host}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        if "content-length" in fields:
            body = await reader.readexactly(int(fields["content-length"]))
        else:
            body = await self._chunks(reader)
        keeps = fields.get("connection") != "close"
        if head[0].split(" ")[1] != "200":
            return None, f"{head[0]} {body[:200]!r}", keeps
        return fields.get("x-model"), "", keeps

    @staticmethod
    async def _chunks(reader):
        body = b""
        while True:
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
            body += (await reader.readexactly(size + 2))[:-2]
            if size == 0:
                return body

    def flows(self, requests, within=30.0):
        """Waits for so many more answers to requests sent from now on."""
        now, count = time.monotonic(), len(self.replies)
        until(
            lambda: sum(r.sent >= now for r in self.replies[count:]) >= requests,
            f"{requests} more requests", within)

    def failed(self):
        return [(r.note, r.model) for r in self.replies if r.model not in ("stable", "canary")]

    def sent_within(self, start, end=math.inf):
        return [r for r in list(self.replies) if start <= r.sent and r.done <= end]


def tail(hits, trials, chance):
    """The probability of at least `hits` in `trials`: the binomial's upper tail."""
    if hits <= 0:
        return 1.0
    if chance <= 0:
        return 0.0
    if chance >= 1:
        return 1.0
    logs = (
        math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        + k * math.log(chance) + (trials - k) * math.log1p(-chance)
        for k in range(hits, trials + 1)
    )
    return math.fsum(math.exp(value) for value in logs)


class Allowance:
    """The most the canary may get, as a function of time, in percent."""

    def __init__(self, percent):
        self.times, self.values = [-math.inf], [percent]

    def set(self, percent, at=None):
        self.times.append(time.monotonic() if at is None else at)
        self.values.append(percent)

    def most(self, start, end):
        """The highest value at any instant from `start` to `end`."""
        first = bisect.bisect_right(self.times, start) - 1
        last = bisect.bisect_right(self.times, end) - 1
        return max(self.values[first:last + 1])


WIDTHS = (0.1, 0.25, 0.5, 1.0)  # seconds; the wider, the smaller an excess is seen


def windows_beyond(replies, allowance, widths=WIDTHS, unlikely=1e-6):
    """Every window with more canary answers than chance explains, as (time, width, canary, all,
    percent allowed).

    A window begins at every answer. Kong's wheel is exact over a turn, so that the binomial,
    which draws with replacement, is never too strict.
    """
    ordered = sorted(replies, key=lambda r: r.done)
    shares = [allowance.most(r.sent, r.done) for r in ordered]
    found = []
    for width in widths:
        last = 0
        for first, reply in enumerate(ordered):
            while last < len(ordered) and ordered[last].done < reply.done + width:
                last += 1
            inside = ordered[first:last]
            hits = sum(r.model == "canary" for r in inside)
            share = max(shares[first:last])
            # Below the expected count no look at the tail is needed.
            if hits <= len(inside) * share / 100:
                continue
            if tail(hits, len(inside), share / 100) < unlikely:
                when = round(reply.done - ordered[0].done, 3)
                found.append((when, width, hits, len(inside), share))
    return found
