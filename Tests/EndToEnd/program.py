"""The program under test as processes: started on free ports, ended by their own ids."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading

from client import Client
from waiting import until

START = 30.0  # seconds a debug build may take to listen on a busy machine
MODELS = ("stable=stable-version.example.com:80", "canary=canary-version.example.com:80")


def free_port():
    """A port nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Process:
    """One run of the program with what it printed so far."""

    def __init__(self, arguments, log, environment=None):
        self.arguments = [str(a) for a in arguments]
        self.log = pathlib.Path(log)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("KONG_ROLLOUTS_")}
        with self.log.open("ab") as errors:
            self.child = subprocess.Popen(
                self.arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                env={**clean, **(environment or {})}, text=True, encoding="utf-8")
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        with contextlib.suppress(ValueError):
            for line in self.child.stdout:
                self.lines.append(line.rstrip("\n"))

    def find(self, pattern):
        """The first printed line that matches, as a match."""
        return next((m for m in map(re.compile(pattern).search, list(self.lines)) if m), None)

    def find_all(self, pattern):
        return [m for m in map(re.compile(pattern).search, list(self.lines)) if m]

    def printed(self, pattern, within=START):
        """Waits for a line; fails at once when the process is gone."""
        def look():
            found = self.find(pattern)
            if not found and self.child.poll() is not None:
                self.reader.join(5)
                found = self.find(pattern)
                assert found, f"ended with {self.child.returncode}:\n{self.story()}"
            return found
        return until(look, lambda: f"{pattern} in:\n{self.story()}", within)

    def errors(self):
        return self.log.read_text(errors="replace")

    def story(self):
        """What it was and what it said, for messages."""
        said = "\n".join(self.lines[-30:])
        return f"$ {' '.join(self.arguments)}\n{said}\n{self.errors()[-4000:]}"

    @property
    def is_alive(self):
        return self.child.poll() is None

    def kill(self):
        """kill -9."""
        self.child.kill()
        self.child.wait(10)

    def terminate(self, within=20.0):
        """SIGTERM; returns the exit code."""
        self.child.send_signal(signal.SIGTERM)
        return self.wait(within)

    def wait(self, within=60.0):
        try:
            code = self.child.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still runs after {within} s:\n{self.story()}") from None
        self.reader.join(5)
        return code

    def end(self):
        if self.is_alive:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
        self.child.stdout.close()


class Sandbox:
    """`kong-rollouts sandbox` on its own."""

    def __init__(self, process):
        self.process = process
        process.printed(r"^model \S+ as")
        self.admins = [Client(m[1]) for m in process.find_all(r"^admin (http://\S+)")]
        self.proxies = [Client(m[1]) for m in process.find_all(r"^proxy (http://\S+)")]
        self.admin, self.proxy = self.admins[0], self.proxies[0]

    def weights(self, upstream, node=0):
        """Kong's rows: weight by target; empty without the upstream."""
        answer = self.admins[node].get(f"/upstreams/{upstream}/targets")
        if answer.status == 404:
            return {}
        assert answer.status == 200, answer
        return {row["target"]: row["weight"] for row in answer.json["data"]}

    def served(self, upstream, node=0):
        """What a node's live balancer does: weight by target, None where it is not built."""
        answer = self.admins[node].get(f"/upstreams/{upstream}/health")
        if answer.status == 404:
            return {}
        assert answer.status == 200, answer
        return {
            row["target"]: (row.get("data") or {}).get("nodeWeight")
            for row in answer.json["data"]
        }


class Service:
    """`kong-rollouts serve`, listening."""

    def __init__(self, process):
        self.process = process
        self.address = process.printed(r"^listening on (https?://\S+)")[1]
        self.client = Client(self.address)
        embedded = process.find(r"^SANDBOX: .*admin (http://\S+) proxy (http://\S+)")
        self.admin = Client(embedded[1]) if embedded else None
        self.proxy = Client(embedded[2]) if embedded else None


class Programs:
    """Starts programs and ends all of them."""

    def __init__(self, binary, directory):
        self.binary, self.directory = binary, pathlib.Path(directory)
        self.started = []

    def run(self, *arguments, environment=None):
        log = self.directory / f"stderr-{len(self.started)}"
        process = Process([self.binary, *arguments], log, environment)
        self.started.append(process)
        return process

    def sandbox(self, *arguments, admins=1, state=200, port=0):
        ports = [part for _ in range(admins) for part in ("--admin", f"127.0.0.1:{port}")]
        ports += [part for _ in range(admins) for part in ("--proxy", "127.0.0.1:0")]
        models = [part for model in MODELS for part in ("--model", model)]
        return Sandbox(self.run("sandbox", *ports, "--state", state, *models, *arguments))

    def serve(self, *arguments, data=None, kong=(), listen="127.0.0.1:0", environment=None):
        """With `kong` addresses, or on the embedded stand-in without any."""
        gateway = [part for address in kong for part in ("--kong", address)] or ["--sandbox"]
        return Service(self.run(
            "serve", "--listen", listen, "--data", data or self.directory / "data",
            *gateway, *arguments, environment=environment))

    def end(self):
        for process in reversed(self.started):
            process.end()
