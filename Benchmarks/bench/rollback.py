"""Rows: from the canary's first bad answer to weight 0 in Kong, after seconds or minutes of health.

Several rollouts at a time, each with a route and clients of its own: 250 requests a second, 50 of
them to the canary. Ten seconds into the step 30 % of the canary's answers become errors. A
forwarder before the stand-in Kong notes when the PATCH that takes the canary to 0 was answered.
"""

import contextlib
import itertools
import json
import threading
import time
from statistics import median, quantiles
from urllib.parse import urlsplit

from . import service
from .client import Client
from .forwarder import forwarding
from .processes import Unmeasured, free_port, listens, running
from .report import Row, spread

#: Rollouts at a time, and how often.
LANES, ROUNDS, AGED_ROUNDS = 3, 10, 3
RATE, SHARE = 250, 20
HEALTHY, AGE = 10, 600
#: Records in a body of replayed health.
BATCH = 200


def measure(program, scratch):
    stable, canary = free_port(), free_port()
    with contextlib.ExitStack() as stack:
        admin, proxy = stack.enter_context(_sandbox(program, scratch, stable, canary))
        kong, record = stack.enter_context(forwarding(admin))
        port = free_port()
        command = [program, "serve", "--listen", f"127.0.0.1:{port}",
                   "--data", f"{scratch}/data-{port}", "--kong", f"http://127.0.0.1:{kong}",
                   "--public-url", f"http://127.0.0.1:{port}"]
        stack.enter_context(running(command, f"{scratch}/serve.log", listens(port)))
        world = World(port, admin, proxy, record, stable, canary)
        fresh = [seconds for _ in range(ROUNDS) for seconds in world.round(aged=False)]
        aged = [seconds for _ in range(AGED_ROUNDS) for seconds in world.round(aged=True)]
    return [
        _row("first bad answer → canary weight 0 in Kong, 30 % errors", fresh, 1.2, 2.5),
        _row("the same after 10 min of replayed health", aged, 2.0, None)]


def _row(what, seconds, bar, tail_bar):
    note = f"{len(seconds)} runs, longest {max(seconds):.2f} s"
    if tail_bar:
        note = f"p99 {quantiles(seconds, n=100, method='inclusive')[98]:.2f} s (bar {tail_bar}), " + note
    return Row(what, "", f"{median(seconds):.2f} s", "", median(seconds), at_most=bar, unit="s",
               spread=spread(seconds), note=note)


class World:
    def __init__(self, port, admin, proxy, record, stable, canary):
        self.port, self.admin, self.proxy, self.record = port, admin, proxy, record
        self.stable, self.canary = f"127.0.0.1:{stable}", f"127.0.0.1:{canary}"
        self.numbers = itertools.count()

    def round(self, aged):
        """Seconds of each lane."""
        self._canary_fails(0)
        names = [f"lane-{next(self.numbers)}" for _ in range(LANES)]
        with Client(self.port) as client:
            for name in names:
                client.expect({201}, "POST", "/v1/rollouts", self._document(name), service.NO_WAIT)
            self._wait(client, names, "holding", 60)
            if aged:
                for name in names:
                    self._replay_health(name)
            lanes = [Lane(self.proxy, name) for name in names]
            try:
                time.sleep(HEALTHY)
                if any(lane.first_bad for lane in lanes):
                    raise Unmeasured("a request failed while the canary was healthy")
                count = len(self.record.patches)
                self._canary_fails(0.3)
                self._wait(client, names, "aborted", 30)
            finally:
                for lane in lanes:
                    lane.end()
            return [self._lowered(count, name) - lane.first_bad
                    for name, lane in zip(names, lanes)]

    def _document(self, name):
        return {
            "name": name, "service": {"name": name}, "upstream": {"name": name},
            "route": {"name": name, "paths": [f"/{name}"]}, "drain": "0s",
            "stable": {"version": "v1", "targets": [self.stable]},
            "canary": {"version": "v2", "targets": [self.canary]}, "steps": [SHARE],
            "analysis": {"checks": [{"metric": "error_rate", "max_increase": 0.01}]}}

    def _lowered(self, count, name):
        """When Kong had answered the first PATCH of the abort."""
        with Client(self.admin) as client:
            upstream = client.expect({200}, "GET", f"/upstreams/{name}")["id"]
        mine = [patch for patch in self.record.since(count, "/targets/")
                if name in patch.line or upstream in patch.line]
        if not mine:
            raise Unmeasured(f"{name} was aborted without a PATCH")
        return mine[0].at

    def _canary_fails(self, rate):
        with Client(self.admin) as client:
            client.expect({200}, "PATCH", "/sandbox/models/canary", {"error_rate": rate})

    def _replay_health(self, name):
        with Client(self.admin) as client:
            plugins = client.expect({200}, "GET", f"/routes/{name}/plugins")["data"]
        log = next(plugin for plugin in plugins if plugin["name"] == "http-log")
        path = urlsplit(log["config"]["http_endpoint"]).path
        with Client(self.port) as client:
            for start in range(0, AGE * RATE, BATCH):
                body = [self._healthy(name, start + place) for place in range(BATCH)]
                client.expect({204}, "POST", path, body)

    def _healthy(self, name, number):
        target = self.canary if number % (100 // SHARE) == 0 else self.stable
        host, _, port = target.partition(":")
        return {
            "request": {"id": f"{hash((name, number)) & (1 << 128) - 1:032x}"},
            "response": {"status": 200}, "latencies": {"proxy": 2}, "target": target,
            "tries": [{"ip": host, "port": int(port)}]}

    @staticmethod
    def _wait(client, names, phase, patience):
        deadline = time.monotonic() + patience
        waiting = list(names)
        while waiting:
            states = {name: client.expect({200}, "GET", f"/v1/rollouts/{name}") for name in waiting}
            waiting = [name for name, state in states.items() if state["phase"] != phase]
            if waiting and time.monotonic() > deadline:
                state = states[waiting[0]]
                raise Unmeasured(
                    f"{waiting[0]} is {state['phase']}, not {phase}: {json.dumps(state)[:400]}")
            time.sleep(0.05)


class Lane:
    """Clients of one route at a constant rate, on a thread of its own."""

    def __init__(self, proxy, name):
        self.proxy, self.path = proxy, f"/{name}"
        self.first_bad = None
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def end(self):
        self.ended.set()
        self.thread.join(5)

    def _run(self):
        due = time.perf_counter()
        with Client(self.proxy) as client:
            while not self.ended.is_set():
                status, _ = client.call("GET", self.path)
                if status >= 500 and self.first_bad is None:
                    self.first_bad = time.perf_counter()
                due += 1 / RATE
                rest = due - time.perf_counter()
                if rest > 0:
                    time.sleep(rest)


@contextlib.contextmanager
def _sandbox(program, scratch, stable, canary):
    admin, proxy = free_port(), free_port()
    command = [program, "sandbox", "--admin", f"127.0.0.1:{admin}",
               "--proxy", f"127.0.0.1:{proxy}", "--model", f"stable=127.0.0.1:{stable}",
               "--model", f"canary=127.0.0.1:{canary}"]
    with running(command, f"{scratch}/sandbox.log", listens(proxy)):
        yield admin, proxy
