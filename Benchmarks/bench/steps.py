"""Rows: from `step` to Kong's answer to its weight PATCH, and from there to confirmation.

A forwarder between our program and the stand-in Kong notes when a PATCH was answered; a bare
PATCH of another upstream goes the same way on one kept-alive connection, in turns with steps.
"""

import contextlib
import time
from statistics import median, quantiles

from . import service
from .client import Client
from .forwarder import forwarding
from .processes import Unmeasured
from .report import Row, spread

STEPS = 120
#: Seconds of rest before each step, so that it meets a rollout at which nothing is under way.
REST = 0.05
#: Seconds after which a slow run is cut off, with the steps it has.
PATIENCE = 45


def measure(program, scratch):
    with contextlib.ExitStack() as stack:
        admin = stack.enter_context(service.sandbox(program, scratch))
        kong, record = stack.enter_context(forwarding(admin))
        _, port = stack.enter_context(
            service.serving(program, scratch, ("--kong", f"http://127.0.0.1:{kong}")))
        service.create(port, 1)
        direct = stack.enter_context(Client(kong))
        direct.expect({201}, "POST", "/upstreams", {"name": "bare"})
        direct.expect({201}, "POST", "/upstreams/bare/targets", {"target": "127.0.0.1:1"})
        client = stack.enter_context(Client(port))
        sent, bare, confirmed, extra = [], [], [], 0
        end = time.monotonic() + PATIENCE
        while len(sent) < STEPS and time.monotonic() < end:
            time.sleep(REST)
            count = len(record.patches)
            client.expect({200}, "POST", "/v1/rollouts/bench-0/step",
                          {"to": 1 - len(sent) % 2}, {"Prefer": "wait=10"})
            done = time.perf_counter()
            weights = record.since(count, "/targets/")
            if not weights:
                raise Unmeasured("a step was answered as confirmed before any weight was PATCHed")
            extra += len(weights) - 1
            sent.append(weights[0].at - client.sent_at)
            confirmed.append(done - weights[-1].at)
            bare.append(_bare(direct, record, len(sent)))
    return _rows(sent, bare, confirmed, extra)


def _bare(direct, record, turn):
    count = len(record.patches)
    weight = {"weight": 100 + turn % 2}
    direct.expect({200}, "PATCH", "/upstreams/bare/targets/127.0.0.1:1", weight)
    return record.since(count, "/upstreams/bare/")[0].at - direct.sent_at


def _rows(sent, bare, confirmed, extra):
    if len(sent) < 20:
        raise Unmeasured(f"only {len(sent)} steps in {PATIENCE} s")
    over = [mine - other for mine, other in zip(sent, bare)]
    tail = lambda values: quantiles(values, n=100)[98]
    note = f"p99 {milliseconds(tail(over))} over, {len(sent)} steps"
    if extra:
        note += f", {extra} further PATCHes"
    return [
        Row("`step` until Kong answered its weight PATCH", "bare PATCH, kept alive",
            milliseconds(median(sent)), milliseconds(median(bare)),
            median(over) * 1000, at_most=3, unit="ms over",
            spread=spread([one * 1000 for one in over]), note=note),
        Row("confirmation of a share, one node", "", milliseconds(median(confirmed)), "",
            median(confirmed) * 1000, at_most=150, unit="ms",
            spread=spread([one * 1000 for one in confirmed]),
            note=f"p99 {milliseconds(tail(confirmed))}")]


def milliseconds(seconds):
    return f"{seconds * 1000:.2f} ms"
