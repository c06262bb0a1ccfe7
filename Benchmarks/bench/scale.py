"""Rows: 10,000 rollouts judged on a batch a second each, and the start with 100,000 stored ones.

The ledgers are written here, from a rollout that the program itself brought to hold its first
step, under other names: to bring so many there one after the other would measure the stand-in.
"""

import contextlib
import ctypes
import json
import os
import socket
import subprocess
import time

from . import service
from .client import Client
from .processes import Unmeasured, cpu_seconds, free_port, need, running
from .report import Row, spread

JUDGED, STORED = 10_000, 100_000
#: Records in a batch: 8 of stable, 2 of the canary.
BATCH = 10
#: Requests that are on their way before the first answer is read.
AT_ONCE = 100
#: Seconds in which every judged rollout gets one batch a second.
SECONDS = 20
HERE = os.path.dirname(os.path.abspath(__file__))
#: Nobody listens there: what is measured is not to wait for a gateway.
NO_KONG = ("--kong", "http://127.0.0.1:9", "--public-url", "http://127.0.0.1:1")


def measure(program, scratch):
    model = _model(program, scratch)
    checksum = _checksum(scratch)
    return [*_judged(program, scratch, model, checksum), _start(program, scratch, model, checksum)]


def _model(program, scratch):
    """A stored rollout that holds its first step, as the program writes it."""
    with service.serving(program, scratch) as (_, port):
        service.create(port, 1, steps=(20,))
    # Once it has stopped: before, the journal may be longer than what is written in it.
    with open(os.path.join(scratch, f"data-{port}", "journal.jsonl"), encoding="utf-8") as file:
        lines = [json.loads(line) for line in file][1:]
    kept = [line["d"] for line in lines if line.get("k") == "rollouts/bench-0" and line.get("d")]
    if not kept or kept[-1]["phase"]["name"] != "holding":
        raise Unmeasured("the model of a stored rollout does not hold its step")
    return kept[-1]


def _judged(program, scratch, model, checksum):
    idle = _idle_memory(program, scratch)
    data = os.path.join(scratch, "judged")
    _write(data, model, JUDGED, checksum)
    bodies = [json.dumps(_batch(turn)).encode() for turn in range(SECONDS)]
    with _serving(program, scratch, data) as (process, port, _):
        with contextlib.ExitStack() as stack:
            client = stack.enter_context(Client(port))
            together = AT_ONCE * _answer_size(client)
            resting = _at_rest(process.pid)
            before, start, late = cpu_seconds(process.pid), time.monotonic(), 0.0
            parts, part_began = [], (before, start)
            _wait_for(client, together)
            for turn, body in enumerate(bodies):
                for first in range(0, JUDGED, AT_ONCE):
                    _post(client, [f"bench-{first + place}" for place in range(AT_ONCE)], body)
                rest = start + turn + 1 - time.monotonic()
                late = max(late, -rest)
                time.sleep(max(0, rest))
                if (turn + 1) % 5 == 0:
                    present = (cpu_seconds(process.pid), time.monotonic())
                    parts.append(100 * (present[0] - part_began[0]) / (present[1] - part_began[1]))
                    part_began = present
            spent = time.monotonic() - start
            core = (cpu_seconds(process.pid) - before) / spent
            memory = _memory(process.pid) - idle
            _wait_for(client, 1)
            found = client.expect({200}, "GET", "/v1/rollouts/bench-7/analysis")
    attempts = found["step"]["canary"]["attempts"]
    if attempts != 2 * SECONDS:
        raise Unmeasured(f"{attempts} canary attempts were counted, not {2 * SECONDS}")
    each = memory / JUDGED / 1024
    note = f"{JUDGED * SECONDS / spent:,.0f} batches/s in {spent:.0f} s; {100 * resting:.0f} % without records"
    return [
        _row("10,000 rollouts holding, judged on a batch a second each: processor",
             100 * core, 25, "% of a core", note, parts),
        _row("the same: memory of a rollout", each, 20, "KiB", f"{memory / 2**20:.0f} MiB above the idle program")]


def _at_rest(pid):
    """Waits until the start is over: the gateway was tried for each and is only probed now."""
    end = time.monotonic() + 60
    while True:
        before = cpu_seconds(pid)
        time.sleep(5)
        share = (cpu_seconds(pid) - before) / 5
        if share < 0.05 or time.monotonic() > end:
            return share


def _answer_size(client):
    """Bytes of the answer to a batch; this one is empty and counts for nothing."""
    client.socket.sendall(
        b"POST /v1/telemetry/kong/bench-0/%b HTTP/1.1\r\nHost: k\r\nContent-Length: 0\r\n\r\n"
        % _secret("bench-0").encode())
    return len(client._more())


def _wait_for(client, size):
    """Lets the kernel wake this client once so many bytes are there, not for each answer.

    To wake a reader is part of the service's time, for it is done while it sends. Kong's workers
    seldom sleep when so much is logged, this client would a hundred times for a hundred answers;
    what that costs says something of the machine and nothing of the service.
    """
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)


def _post(client, names, body):
    """One batch to each of the rollouts, all on their way before the first answer is read."""
    requests = b"".join(
        b"POST /v1/telemetry/kong/%b/%b HTTP/1.1\r\nHost: k\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (name.encode(), _secret(name).encode(), len(body), body)
        for name in names)
    client.socket.sendall(requests)
    ends, received = 0, b""
    while ends < len(names):
        received += client._more()
        ends = received.count(b"\r\n\r\n")
    if received.count(b" 204 ") != len(names):
        raise Unmeasured(f"a batch was answered with {received[:60]!r}")


def _batch(turn):
    return [
        {"request": {"id": f"{turn * BATCH + place:032x}"}, "response": {"status": 200},
         "latencies": {"proxy": 3 + place},
         "target": service.CANARY if place % 5 == 0 else service.STABLE,
         "tries": [{"ip": "127.0.0.1", "port": 18082 if place % 5 == 0 else 18081}]}
        for place in range(BATCH)]


def _start(program, scratch, model, checksum):
    data = os.path.join(scratch, "stored")
    _write(data, model, STORED, checksum)
    seconds = []
    for _ in range(3):
        with _serving(program, scratch, data) as (_, _, took):
            seconds.append(took)
    best = sorted(seconds)[1]
    return _row("start with 100,000 stored rollouts, until `/readyz`", best, 2, "s",
                f"median of {len(seconds)}", seconds)


def _row(what, value, bar, unit, note, parts=()):
    return Row(what, "", f"{value:.1f} {unit}", "", value, at_most=bar, unit=unit,
               spread=spread(parts) if parts else "", note=note)


@contextlib.contextmanager
def _serving(program, scratch, data):
    """`serve` on that ledger; yields (process, port, seconds until it was ready)."""
    port = free_port()
    command = [program, "serve", "--listen", f"127.0.0.1:{port}", "--data", data, *NO_KONG]
    start = time.monotonic()
    with running(command, os.path.join(scratch, "serve.log"), lambda: _is_ready(port),
                 patience=60) as process:
        yield process, port, time.monotonic() - start


def _is_ready(port):
    try:
        with Client(port) as client:
            return client.call("GET", "/readyz")[0] == 200
    except (OSError, Unmeasured):
        return False


def _idle_memory(program, scratch):
    with _serving(program, scratch, os.path.join(scratch, "empty")) as (process, _, _):
        return _memory(process.pid)


def _memory(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def _secret(name):
    return f"{int(name.partition('-')[2]):032x}"


def _write(directory, model, count, checksum):
    """A journal with `count` rollouts like the model."""
    os.makedirs(directory, mode=0o700)
    name = model["plan"]["name"]
    text = json.dumps(model, separators=(",", ":")).replace(model["telemetry_secret"], "@secret@")
    for key in ("service", "upstream", "route"):
        text = text.replace(model["footing"][key]["id"], f"@{key}@")
    text = text.replace(f'"{name}"', '"@name@"').replace(f'/{name}"', '/@name@"')
    with open(os.path.join(directory, "journal.jsonl"), "wb") as file:
        file.write(_head(checksum))
        for index in range(count):
            one = text.replace("@name@", f"bench-{index}").replace("@secret@", f"{index:032x}")
            for place, key in enumerate(("service", "upstream", "route")):
                one = one.replace(f"@{key}@", f"00000000-0000-4000-800{place}-{index:012x}")
            line = (f',"s":{index + 1},"b":0,"t":1795447725000,"k":"rollouts/bench-{index}",'
                    f'"r":{model["revision"]},"d":{one}}}')
            file.write(_summed(line.encode(), checksum))


def _head(checksum):
    start = b'{"format":1,"by":"bench","after":0,"lines":0'
    return start + b',"c":"%08x"}\n' % checksum(start)


def _summed(rest, checksum):
    return b'{"c":"%08x"' % checksum(rest) + rest + b"\n"


def _checksum(scratch):
    library = os.path.join(scratch, "crc32c.so")
    source = os.path.join(HERE, "..", "peers", "crc32c.c")
    subprocess.run(
        [need("gcc", "gcc"), "-O2", "-shared", "-fPIC", "-o", library, source], check=True)
    function = ctypes.CDLL(library).crc32c
    function.argtypes, function.restype = [ctypes.c_char_p, ctypes.c_size_t], ctypes.c_uint32
    return lambda data: function(data, len(data))
