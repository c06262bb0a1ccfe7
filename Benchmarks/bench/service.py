"""Our own program: started, and given rollouts that hold."""

import contextlib
import os
import time
from concurrent.futures import ThreadPoolExecutor

from .client import Client
from .processes import Unmeasured, free_port, listens, running

#: Nobody sends traffic, so nothing needs to listen there.
STABLE, CANARY = "127.0.0.1:18081", "127.0.0.1:18082"
NO_WAIT = {"Prefer": "wait=0"}


@contextlib.contextmanager
def serving(program, scratch, gateway=("--sandbox",), core=None):
    """`serve` on a data directory of its own; yields (process, port)."""
    port = free_port()
    data = os.path.join(scratch, f"data-{port}")
    command = [program, "serve", "--listen", f"127.0.0.1:{port}", "--data", data, *gateway]
    with running(command, os.path.join(scratch, "serve.log"), listens(port), core) as process:
        yield process, port


@contextlib.contextmanager
def sandbox(program, scratch):
    """A stand-in Kong in a process of its own; yields the port of its Admin API."""
    admin, proxy = free_port(), free_port()
    command = [program, "sandbox", "--admin", f"127.0.0.1:{admin}",
               "--proxy", f"127.0.0.1:{proxy}"]
    with running(command, os.path.join(scratch, "sandbox.log"), listens(admin)):
        yield admin


def create(port, count, steps=(10, 20)):
    """Makes rollouts bench-0 … and waits until each of them holds its first step."""
    lanes = min(count, 8)
    with ThreadPoolExecutor(lanes) as pool:
        list(pool.map(lambda lane: _create(port, range(lane, count, lanes), steps), range(lanes)))
    with Client(port) as client:
        deadline = time.monotonic() + 60
        waiting = [f"bench-{index}" for index in range(count)]
        while waiting:
            waiting = [name for name in waiting if _phase(client, name) != "holding"]
            if waiting and time.monotonic() > deadline:
                state = client.expect({200}, "GET", f"/v1/rollouts/{waiting[0]}")
                raise Unmeasured(
                    f"{len(waiting)} of {count} rollouts hold nothing after 60 s; {waiting[0]}: "
                    f"{state['phase']}, {state.get('cause')}, {state.get('conditions')}"[:600])
            time.sleep(0.1)


def _create(port, indices, steps):
    with Client(port) as client:
        for index in indices:
            name = f"bench-{index}"
            client.expect({201}, "POST", "/v1/rollouts", {
                "name": name, "route": {"name": name, "paths": [f"/{name}"]},
                "stable": {"version": "v1", "targets": [STABLE]},
                "canary": {"version": "v2", "targets": [CANARY]}, "steps": list(steps)}, NO_WAIT)


def resume_all(port, count):
    """What a round's end left paused holds again, so that the next round begins with `pause`."""
    with Client(port) as client:
        for name in (f"bench-{index}" for index in range(count)):
            if _phase(client, name) == "paused":
                client.call("POST", f"/v1/rollouts/{name}/resume", headers=NO_WAIT)


def revisions(port, count):
    """The sum of all revisions: it grows by one with every saved event."""
    with Client(port) as client:
        return sum(client.expect({200}, "GET", f"/v1/rollouts/bench-{index}")["revision"]
                   for index in range(count))


def _phase(client, name):
    return client.expect({200}, "GET", f"/v1/rollouts/{name}")["phase"]
