"""Clients of a long run: each ends what it begins, and notes every answer it did not ask for."""

import collections
import http.client
import json
import random
import threading
import time

from rollouts import plan


class Worker(threading.Thread):
    """Repeats `turn` until the run is over."""

    def __init__(self, run, number):
        super().__init__(daemon=True)
        self.run_, self.number = run, number
        self.random = random.Random(f"{run.seed} {type(self).__name__} {number}")
        self.connection = None
        self.done = 0

    def run(self):
        while not self.run_.over.is_set():
            try:
                self.turn()
                self.done += 1
            except Unasked as error:
                self.run_.note(type(self).__name__, str(error))
            except (OSError, http.client.HTTPException) as error:
                self.connection = None
                self.run_.note(type(self).__name__, repr(error))

    def ask(self, method, path, body=None, allowed=(200,), wait=0, key=None):
        """Over one connection that is kept alive."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.run_.port, timeout=60)
        headers = {"Prefer": f"wait={wait}"} if wait else {}
        if key:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        text = answer.read()
        self.run_.statuses[answer.status] += 1
        if answer.status not in allowed:
            raise Unasked(f"{method} {path} -> {answer.status} {text[:300]!r}")
        return answer.status, text


class Unasked(Exception):
    """An answer that nothing excuses."""


class Operator(Worker):
    """Creates, steps, labels, ends and deletes rollouts on upstreams of its own."""

    def turn(self):
        name = f"s{self.number}-{self.done}-{self.random.randrange(1 << 30)}"
        path = f"/v1/rollouts/{name}"
        body = json.dumps({
            **plan(name, [5, 20, 50], progress_deadline=None),
            "labels": {f"l{i}": "x" * 60 for i in range(8)}})
        key = f"{name} create"
        self.ask("POST", "/v1/rollouts", body, (201,), wait=10, key=key)
        if self.random.random() < 0.3:
            self.ask("POST", "/v1/rollouts", body, (201,), wait=10, key=key)
        self.reaches(path, "holding")
        for _ in range(self.random.randrange(1, 6)):
            to = self.random.randrange(3)
            self.ask("POST", f"{path}/step", json.dumps({"to": to}), (200, 202), wait=10)
            self.ask("PATCH", path, json.dumps({"labels": {"n": str(to)}}))
            self.ask("GET", path)
            self.reaches(path, "holding")
        verb = self.random.choice(("abort", "abort", "promote"))
        self.ask("POST", f"{path}/{verb}", "{}", (200, 202), wait=10)
        self.reaches(path, {"abort": "aborted", "promote": "promoted"}[verb])
        while self.ask("DELETE", path, None, (204, 409))[0] == 409:
            if self.run_.over.wait(0.1):
                return
        self.tidy(name)

    def reaches(self, path, phase):
        end = time.monotonic() + 90
        wanted = f'"phase":"{phase}"'.encode()
        while wanted not in self.ask("GET", path)[1]:
            if self.run_.over.wait(0.02):
                return
            if time.monotonic() > end:
                raise Unasked(f"{path} does not get {phase}")

    def tidy(self, name):
        """Takes Kong's entities away, or the stand-in would grow and not the service."""
        admin = self.run_.admin
        for kind in ("routes", "services", "upstreams"):
            admin.ask("DELETE", f"/{kind}/{name}-{kind[:-1]}")


class Reader(Worker):
    """Reads lists, events, metrics and what is not there."""

    def turn(self):
        path, allowed = self.random.choice((
            ("/v1/rollouts", (200,)), ("/v1/rollouts?phase=active&limit=5", (200,)),
            ("/v1/events?limit=50", (200,)), ("/metrics", (200,)), ("/v1/gateways", (200,)),
            ("/v1/rollouts/nobody", (404,)), ("/openapi.json", (200,)), ("/healthz", (200,)),
        ))
        self.ask("GET", path, None, allowed)
        self.run_.over.wait(0.02)


class Clumsy(Worker):
    """Sends what is refused, over connections that it drops."""

    def turn(self):
        self.ask("POST", "/v1/rollouts", self.random.choice((
            b"{", b'{"name":"X"}', b"[" * 1000, b'{"name":"a","name":"b"}')), (400, 422))
        if self.random.random() < 0.2:
            self.connection.close()
            self.connection = None
        self.run_.over.wait(0.02)


class Follower(Worker):
    """Follows the events for a while, then goes away without a word."""

    def turn(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.run_.port, timeout=30)
        connection.request("GET", "/v1/events", headers={"Accept": "text/event-stream"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise Unasked(f"GET /v1/events -> {answer.status}")
        last = 0
        for _ in range(self.random.randrange(50, 500)):
            line = answer.readline()
            if not line or self.run_.over.is_set():
                break
            if line.startswith(b"id: "):
                number = int(line[4:])
                if number <= last:
                    raise Unasked(f"event {number} after {last}")
                last = number
        connection.close()


class Run:
    """What the workers share."""

    def __init__(self, port, admin, seed):
        self.port, self.admin, self.seed = port, admin, seed
        self.over = threading.Event()
        self.statuses = collections.Counter()
        self.notes = collections.Counter()
        self.lock = threading.Lock()

    def note(self, who, what):
        with self.lock:
            self.notes[f"{who}: {what}"] += 1


class Filler(Worker):
    """Fills what is kept up to a number, history and remembered answers, once."""

    rollouts, changes = 3, 450  # of each of eight workers: beyond 10,000 in all

    def run(self):
        try:
            for number in range(self.rollouts):
                self.fill(f"fill-{self.number}-{number}")
        except (Unasked, OSError, http.client.HTTPException) as error:
            self.run_.note("Filler", repr(error))

    def fill(self, name):
        path = f"/v1/rollouts/{name}"
        body = json.dumps(plan(name, [5, 20, 50], progress_deadline=None))
        self.ask("POST", "/v1/rollouts", body, (201,), wait=10)
        for number in range(self.changes):
            labels = {"n": str(number), **{f"l{i}": "x" * 60 for i in range(8)}}
            self.ask("PATCH", path, json.dumps({"labels": labels}), key=f"{name} {number}")
