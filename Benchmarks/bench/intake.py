"""Row: Kong's log records counted over HTTP, beside FastAPI with orjson.

Batches of 200 slim records that a real Kong sent, every record with a fresh id, by 16 connections
of one wrk thread on core 1; the server on core 0. Ours parses, drops what it has seen, counts, and
judges each batch; the peer does the first three.
"""

import contextlib
import gzip
import json
import os
import sys
import time
import urllib.request
from statistics import median

from . import service, wrk
from .client import Client
from .peers import PEERS
from .processes import Unmeasured, checked, free_port, listens, running
from .report import Row, spread

SERVER, LOAD = 0, 1
BATCH, CONNECTIONS = 200, 16
STABLE, CANARY = "127.0.0.1:9401", "127.0.0.1:9402"
ROOT = os.path.dirname(os.path.dirname(PEERS))
RECORDING = os.path.join(
    ROOT, "Tests", "TrafficIntakeTests", "Recordings", "same-slim.jsonl.gz")
BAR = 400_000


def measure(program, scratch, rounds, seconds):
    body = os.path.join(scratch, "records.json")
    with open(body, "w") as file:
        file.write(_batch())
    with contextlib.ExitStack() as stack:
        ours, url, counted = stack.enter_context(_ours(program, scratch))
        peer, peer_url, peer_counted = stack.enter_context(_fastapi(scratch))
        servers = {"ours": (ours, url, counted), "FastAPI": (peer, peer_url, peer_counted)}
        taken = {name: [] for name in servers}
        for _ in range(rounds):
            for name, (process, target, count) in servers.items():
                before = count()
                one = wrk.load(
                    target, process.pid, seconds, LOAD, "records.lua", [body], CONNECTIONS)
                # What wrk left under way is counted without having been answered.
                if one.failed or not 0 <= count() - before - one.answers * BATCH <= 100 * BATCH:
                    raise Unmeasured(
                        f"{name}: {one.answers} batches answered, {one.failed} failed, "
                        f"{count() - before} records counted")
                taken[name].append(one)
        memory = _megabytes(ours.pid)
    per_core = {name: median(one.per_core_second for one in rounds) * BATCH
                for name, rounds in taken.items()}
    rate = {name: median(one.rate for one in rounds) * BATCH for name, rounds in taken.items()}
    times = median(mine.per_core_second / other.per_core_second
                   for mine, other in zip(taken["ours"], taken["FastAPI"]))
    return [Row(
        f"log records over HTTP, batches of {BATCH}, one core", "FastAPI, orjson, uvicorn, uvloop",
        f"{per_core['ours']:,.0f}/core-s", f"{per_core['FastAPI']:,.0f}/core-s",
        per_core["ours"] / 1000, at_least=BAR / 1000, unit="k records/core-s",
        spread=spread([one.per_core_second * BATCH / 1000 for one in taken["ours"]], 0),
        note=f"{times:.0f} × the peer; {rate['ours']:,.0f}/s beside {rate['FastAPI']:,.0f}/s; "
             f"{memory:.0f} MB afterwards")]


def _batch():
    """The recording's first records, byte for byte but for their ids' first digits."""
    with gzip.open(RECORDING, "rt") as lines:
        records = [record for line in lines for record in json.loads(line)["body"]][:BATCH]
    for record in records:
        record["request"]["id"] = "@" * 8 + record["request"]["id"][8:]
    return json.dumps(records, separators=(",", ":"))


@contextlib.contextmanager
def _ours(program, scratch):
    """`serve` with a rollout that takes records; yields (process, url, records counted)."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with service.sandbox(program, scratch) as admin:
        command = [
            program, "serve", "--listen", f"127.0.0.1:{port}", "--data", f"{scratch}/data-intake",
            "--kong", f"http://127.0.0.1:{admin}", "--public-url", base]
        log = os.path.join(scratch, "serve-intake.log")
        with running(command, log, listens(port), SERVER) as process, Client(port) as client:
            client.expect({201}, "POST", "/v1/rollouts", {
                "name": "intake", "route": {"name": "intake", "paths": ["/intake"]},
                "stable": {"version": "v1", "targets": [STABLE]},
                "canary": {"version": "v2", "targets": [CANARY]}, "steps": [20, 100],
                # Nothing ends the rollout while it is measured.
                "analysis": {"on_unhealthy": "report"}}, service.NO_WAIT)

            def counted():
                with Client(port) as fresh:
                    analysis = fresh.expect({200}, "GET", "/v1/rollouts/intake/analysis")
                return analysis["telemetry"]["records"]

            yield process, _endpoint(admin), counted


def _endpoint(admin):
    """Where the log plugin posts: the path carries a secret that only Kong is told."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://127.0.0.1:{admin}/plugins", timeout=5) as answer:
            for plugin in json.load(answer)["data"]:
                if plugin["name"] == "http-log":
                    return plugin["config"]["http_endpoint"]
        time.sleep(0.1)
    raise Unmeasured("no log plugin was attached in 20 s")


@contextlib.contextmanager
def _fastapi(scratch):
    """The peer under one uvicorn worker; yields (process, url, records counted)."""
    port = free_port()
    source = os.path.join(PEERS, "fastapi-intake")
    command = [
        _python(source), "-m", "uvicorn", "intake:app", "--app-dir", source, "--port", str(port),
        "--loop", "uvloop", "--http", "httptools", "--log-level", "warning"]
    base = f"http://127.0.0.1:{port}"

    def counted():
        with urllib.request.urlopen(f"{base}/counted", timeout=5) as answer:
            return json.load(answer)["records"]

    with running(command, os.path.join(scratch, "fastapi.log"), listens(port), SERVER) as process:
        yield process, f"{base}/v1/telemetry/kong/intake/secret", counted


def _python(source):
    """An interpreter with the peer's packages: made once, beside the peer."""
    folder = os.path.join(source, ".venv")
    python = os.path.join(folder, "bin", "python")
    wanted = os.path.join(source, "requirements.txt")
    done = os.path.join(folder, "installed.txt")
    with open(wanted) as file:
        text = file.read()
    if not os.path.exists(done) or open(done).read() != text:
        checked([sys.executable, "-m", "venv", "--clear", folder], 60)
        checked([python, "-m", "pip", "install", "--quiet", "-r", wanted], 180)
        with open(done, "w") as file:
            file.write(text)
    return python


def _megabytes(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
