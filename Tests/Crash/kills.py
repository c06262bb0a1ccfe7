"""Kills or ends the service at random moments while clients command it."""

import http.client
import random
import threading
import time

from commander import Commander, Stage
from ledgerfiles import LedgerFiles
from promises import Promises
from waiting import until

CLIENTS = 8
GRACE = 10.0  # seconds that a stop may wait for requests


class Watch(threading.Thread):
    """Reads the present rollouts' weights in Kong all the time."""

    def __init__(self, sandbox, commanders):
        super().__init__(daemon=True)
        self.sandbox, self.commanders = sandbox, commanders
        self.samples, self.looks, self.over, self.fault = [], 0, False, None

    def run(self):
        try:
            while not self.over:
                for commander in self.commanders:
                    before = time.time()
                    rollout, share = commander.share(self.sandbox)
                    if rollout is not None:
                        self.samples.append((rollout, share, before, time.time()))
                        self.looks += 1
        except Exception as error:  # shown by the one who waits
            self.fault = error

    def take(self):
        taken, self.samples = self.samples, []
        return taken


class Field:
    """A sandbox, a service on it, clients that command it, and one who watches Kong."""

    def __init__(self, programs, seed):
        self.programs = programs
        self.sandbox = programs.sandbox(state=100)
        self.data = programs.directory / "data"
        self.service = self._serve()
        self.stage = Stage()
        self.commanders = [Commander(self.stage, f"c{i}", seed) for i in range(CLIENTS)]
        for commander, neighbour in zip(
                self.commanders, self.commanders[1:] + self.commanders[:1]):
            commander.neighbour = neighbour
        self.watch = Watch(self.sandbox, self.commanders)
        self.promises = Promises(LedgerFiles(self.data), self.sandbox, self.commanders)
        self.stage.show(self.service.client)
        for thread in (*self.commanders, self.watch):
            thread.start()
        for commander in self.commanders:
            assert commander.ready.wait(60), f"{commander.base} has not begun"

    def _serve(self):
        return self.programs.serve(
            "--log-level", "warning", data=self.data, kong=[self.sandbox.admin.address])

    def round(self, end, early=None):
        """`end(process)` makes it end; `early`: seconds after which a first start is killed."""
        assert self.service.process.is_alive, self.service.process.story()
        end(self.service.process)
        self.stage.show(None)
        if early is not None:
            first = self.programs.run(
                "serve", "--listen", "127.0.0.1:0", "--data", self.data,
                "--kong", self.sandbox.admin.address)
            threading.Event().wait(early)
            first.kill()
        self.promises.while_dead()
        begin = time.monotonic()
        self.service = self._serve()
        started = time.monotonic() - begin
        self.promises.after_start(self.service.client)
        self.promises.looked(self.watch.take())
        self.stage.show(self.service.client)
        for thread in (*self.commanders, self.watch):
            assert thread.fault is None, (thread.name, thread.fault)
        assert self.promises.beyond == [], self.promises.beyond
        self._tidy()
        return started

    def _tidy(self):
        """Processes that are over need not be kept."""
        for process in self.programs.started[2:-1]:
            if not process.is_alive:
                process.end()
                self.programs.started.remove(process)

    def close(self):
        self.stage.over = True
        for commander in self.commanders:
            commander.join(90)
            assert not commander.is_alive(), f"{commander.base} still waits"
            assert commander.fault is None, (commander.base, commander.fault)
        self.watch.over = True
        self.watch.join(20)
        assert self.watch.fault is None, self.watch.fault
        client = self.service.client
        until(lambda: self._is_quiet(client), "all has converged", 30)
        self.promises.at_the_end(client)
        self.promises.looked(self.watch.take())
        assert self.promises.beyond == [], self.promises.beyond
        assert self.service.process.terminate(GRACE + 1) == 0

    def _is_quiet(self, client):
        try:
            page = client.get("/v1/rollouts?phase=pending,shifting,promoting,aborting")
            return page.json["items"] == []
        except (OSError, http.client.HTTPException):
            return False

    def figures(self):
        sums = {
            "commands acknowledged": sum(len(c.acknowledged) for c in self.commanders),
            "requests cut off": sum(c.interrupted for c in self.commanders),
            "saved but unanswered, then replayed": sum(c.replayed for c in self.commanders),
            "rollouts begun": sum(len(c.begun) for c in self.commanders),
            "rollouts ended": sum(len(c.ended) for c in self.commanders),
            "looks at Kong's weights": self.watch.looks,
            "torn bytes cut": self.promises.torn,
            "facts compared": self.promises.compared,
        }
        return sums


def kills(programs, rounds, seed):
    """kill -9; every fifth time the next start is killed as well."""
    moments = random.Random(seed)
    field = Field(programs, seed)
    started = []
    for number in range(rounds):
        threading.Event().wait(moments.uniform(0.02, 0.8))
        early = moments.uniform(0.0, 0.1) if number % 5 == 4 else None
        try:
            started.append(field.round(lambda process: process.kill(), early))
        except AssertionError:
            print(f"round {number} failed; seed {seed}")
            raise
    field.close()
    started.sort()
    figures = {"rounds of kill -9": rounds, **field.figures()}
    figures["start after a crash, median, ms"] = round(1000 * started[len(started) // 2])
    figures["start after a crash, slowest, ms"] = round(1000 * started[-1])
    if rounds >= 15:
        assert figures["requests cut off"] > rounds, "hardly anything was tried"
        assert figures["saved but unanswered, then replayed"] > 0, "no crash met a saved command"
    return figures


def stops(programs, rounds, seed):
    """SIGTERM: exit 0 within the grace period, and nothing acknowledged is lost."""
    moments = random.Random(seed)
    field = Field(programs, seed)
    times = []

    def stop(process):
        begin = time.monotonic()
        assert process.terminate(GRACE + 1) == 0, process.story()
        times.append(time.monotonic() - begin)

    for _ in range(rounds):
        threading.Event().wait(moments.uniform(0.1, 1.0))
        field.round(stop)
    field.close()
    times.sort()
    figures = {"rounds of SIGTERM": rounds, **field.figures()}
    figures["stop, median, ms"] = round(1000 * times[len(times) // 2])
    figures["stop, slowest, ms"] = round(1000 * times[-1])
    return figures
