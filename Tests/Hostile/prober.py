"""Asks for /healthz all the time, from a process and an address of its own."""

import multiprocessing
import socket
import time

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
ADDRESS = "127.0.0.9"
PACE = 0.02  # seconds between two questions
PATIENCE = 5.0


def ask(port):
    """Milliseconds until the answer to a question over a new connection; None: none came."""
    begin = time.perf_counter()
    try:
        with socket.create_connection(
                ("127.0.0.1", port), timeout=PATIENCE, source_address=(ADDRESS, 0)) as wire:
            wire.sendall(REQUEST)
            answer = wire.recv(4096)
    except OSError:
        return None
    if not answer.startswith(b"HTTP/1.1 200"):
        return None
    return (time.perf_counter() - begin) * 1000


def _probe(port, stop, pipe):
    times, lost = [], 0
    while not stop.is_set():
        found = ask(port)
        if found is None:
            lost += 1
        else:
            times.append(found)
        stop.wait(PACE)
    pipe.send((times, lost))


class Prober:
    """`with Prober(port) as prober: …`, then `prober.times` and `prober.lost`."""

    def __init__(self, port):
        self.port = port
        self.times, self.lost = [], 0

    def __enter__(self):
        context = multiprocessing.get_context("fork")
        self.stop = context.Event()
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_probe, args=(self.port, self.stop, theirs))
        self.process.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.times, self.lost = self.pipe.recv()
        self.process.join(10)
        self.times.sort()

    def at(self, part):
        """A quantile in milliseconds."""
        if not self.times:
            return float("inf")
        return self.times[min(len(self.times) - 1, int(part * len(self.times)))]
