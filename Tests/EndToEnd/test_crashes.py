"""kill -9 at random moments: what was acknowledged stays, and nothing is done twice."""

import http.client
import itertools
import os
import random
import threading

from rollouts import history, percent, plan, reaches, rollout
from waiting import until

SEED = int(os.environ.get("CRASH_SEED", "20261123"))
KILLS = 15
NAMES = ("first", "second", "third", "fourth")
STEPS = (10, 20, 50, 80)
TOLERANCE = 0.051  # percentage points that weights may miss a share by


class Stage:
    """Which service runs now; clients wait here while none does."""

    def __init__(self):
        self.client = None
        self.over = False
        self.changed = threading.Condition()

    def show(self, client):
        with self.changed:
            self.client = client
            self.changed.notify_all()

    def present(self):
        with self.changed:
            assert self.changed.wait_for(lambda: self.client is not None, 60)
            return self.client

    def end(self):
        self.over = True


class Commander(threading.Thread):
    """One person with one upstream, who repeats what was not answered under the same key.

    Steps up and down, pauses and resumes; now and then aborts and begins a new rollout.
    """

    def __init__(self, stage, base, seed):
        super().__init__(daemon=True)
        self.stage, self.base, self.name = stage, base, None
        self.random = random.Random(seed)
        self.acknowledged = []  # (rollout, revision, phase) of every answer
        self.done = []  # (rollout, reason) of commands that were acknowledged
        self.settled = 0.0  # the share of the last confirmed answer
        self.ceiling = 0.0  # the most that any saved or asked command allows
        self.interrupted = self.replayed = 0
        self.fault = None

    def run(self):
        try:
            place = None
            for number in itertools.count():
                if place is None:
                    self._begin(number)
                    place = 0
                elif self.stage.over:
                    return
                place = self._turn(number, place)
        except Exception as error:  # shown by the test
            self.fault = error

    def _begin(self, number):
        self.name = f"{self.base}-{number}"
        wanted = plan(self.base, STEPS, progress_deadline=None)
        self._command("POST", "/v1/rollouts", {**wanted, "name": self.name}, STEPS[0])

    def _turn(self, number, place):
        verb = self.random.choice(("step",) * 6 + ("pause",) * 2 + ("abort",))
        if verb == "abort":
            self._verb("abort", number, {}, 0)
            return None
        if verb == "step":
            place = self.random.choice([i for i in range(len(STEPS)) if i != place])
            self._verb("step", number, {"to": place}, STEPS[place])
            return place
        self._verb("pause", number, {}, self.ceiling)
        self._verb("resume", number, {}, self.ceiling)
        return place

    def _verb(self, verb, number, body, share):
        reason = f"{verb} {number}"
        self._command(
            "POST", f"/v1/rollouts/{self.name}/{verb}", {**body, "reason": reason}, share)
        self.done.append((self.name, reason))

    def _command(self, method, path, body, share):
        """Until it is answered; the share is confirmed before the next one."""
        key = f"{self.base} {len(self.acknowledged)}"
        self.ceiling = max(self.ceiling, share)
        while True:
            client = self.stage.present()
            try:
                answer = client.ask(
                    method, path, body, headers={"Idempotency-Key": key, "Prefer": "wait=5"})
            except (OSError, http.client.HTTPException):
                self.interrupted += 1
                self._await_another(client)
                continue
            if answer.status == 503:
                continue
            if answer.status == 409 and answer.json["type"].endswith("key-in-use"):
                continue
            assert answer.status in (200, 201, 202), answer
            found = answer.json
            self.replayed += answer.headers["Idempotency-Replayed"] == "true"
            self.acknowledged.append((self.name, found["revision"], found["phase"]))
            if found["phase"] != "paused":
                self._wait("aborted" if path.endswith("/abort") else "holding")
            return

    def _wait(self, phase):
        while True:
            client = self.stage.present()
            try:
                state = reaches(client, self.name, phase)
                self.settled = self.ceiling = state["traffic"]["asked_percent"]
                return
            except (OSError, http.client.HTTPException):
                self._await_another(client)

    def _await_another(self, client):
        until(lambda: self.stage.client is not client, "the server is seen to be dead", 60)


class Watch(threading.Thread):
    """Reads every upstream's weights in Kong and holds them to what was asked."""

    def __init__(self, sandbox, commanders):
        super().__init__(daemon=True)
        self.sandbox, self.commanders = sandbox, commanders
        self.beyond, self.looks, self.over, self.fault = [], 0, False, None

    def run(self):
        try:
            while not self.over:
                for commander in self.commanders:
                    before = commander.ceiling
                    share = percent(self.sandbox.weights(f"{commander.base}-upstream"))
                    allowed = max(before, commander.ceiling)
                    self.looks += 1
                    if share > allowed + TOLERANCE:
                        self.beyond.append((commander.base, share, allowed))
        except Exception as error:  # shown by the test
            self.fault = error


def kill_and_start(programs, stage, sandbox, commanders, service, during_start):
    """One crash; with the service dead, Kong must show nothing that was not saved."""
    service.process.kill()
    stage.show(None)
    if during_start is not None:
        # Killed again while it reads its ledger.
        early = programs.run(
            "serve", "--listen", "127.0.0.1:0", "--data", programs.directory / "data",
            "--kong", sandbox.admin.address)
        threading.Event().wait(during_start)
        early.kill()
    shares = [
        (c.name, c.settled, percent(sandbox.weights(f"{c.base}-upstream"))) for c in commanders
    ]
    service = programs.serve(kong=[sandbox.admin.address])
    for name, settled, share in shares:
        answer = service.client.get(f"/v1/rollouts/{name}")
        saved = 0.0
        if answer.status == 200:
            saved = answer.json["traffic"]["asked_percent"]
        assert share <= max(saved, settled) + TOLERANCE, (
            f"{name}: Kong showed {share} %, saved is {saved} %, confirmed before {settled} %")
    stage.show(service.client)
    return service


def check_history(events, name, commander):
    """Everything acknowledged is there, once, and in order."""
    assert [e["revision"] for e in events] == list(range(1, len(events) + 1)), name
    by_revision = {e["revision"]: e for e in events}
    for of, revision, phase in commander.acknowledged:
        if of == name:
            assert by_revision[revision]["to"] == phase, (name, revision, phase)
    reasons = [e["reason"] for e in events if e["reason"] is not None]
    assert len(reasons) == len(set(reasons)), f"{name}: done twice"
    assert {reason for of, reason in commander.done if of == name} <= set(reasons), f"{name}: lost"
    for before, after in itertools.pairwise(events):
        assert before["id"] < after["id"] and before["to"] == after["from"], (before, after)


def test_kill_9_loses_nothing_repeats_nothing_and_exceeds_nothing(programs):
    moments = random.Random(SEED)
    sandbox = programs.sandbox(state=200)
    service = programs.serve(kong=[sandbox.admin.address])
    stage = Stage()
    commanders = [Commander(stage, name, f"{SEED} {name}") for name in NAMES]
    watch = Watch(sandbox, commanders)
    stage.show(service.client)
    for thread in (*commanders, watch):
        thread.start()
    until(lambda: all(c.settled > 0 or c.fault for c in commanders), "all have begun", 40)
    for number in range(KILLS):
        # A moment of the whole range: within a write, between two, or while Kong is called.
        threading.Event().wait(moments.uniform(0.02, 0.8))
        assert service.process.is_alive, service.process.story()
        during_start = moments.uniform(0.0, 0.3) if number % 5 == 4 else None
        service = kill_and_start(programs, stage, sandbox, commanders, service, during_start)
    stage.end()
    for commander in commanders:
        commander.join(60)
        assert not commander.is_alive(), f"{commander.name} waits; seed {SEED}"
        assert commander.fault is None, (SEED, commander.name, commander.fault)
    client = service.client
    watch.over = True
    watch.join(10)
    assert watch.fault is None, watch.fault
    assert watch.beyond == [] and watch.looks > 100

    for commander in commanders:
        state = rollout(client, commander.name)
        wanted = state["traffic"]["asked_percent"]
        assert state["phase"] in ("holding", "aborted"), state
        served = sandbox.weights(f"{commander.base}-upstream")
        assert abs(percent(served) - wanted) <= TOLERANCE, (state, served)
        for name in {name for name, _, _ in commander.acknowledged}:
            events = history(client, name)
            assert rollout(client, name)["revision"] == len(events)
            check_history(events, name, commander)
    counts = [(len(c.done), c.interrupted, c.replayed) for c in commanders]
    print(f"seed {SEED}: (done, interrupted, replayed) {counts}, {watch.looks} looks at weights")
    done, interrupted, replayed = map(sum, zip(*counts))
    assert done > KILLS and interrupted > KILLS, "hardly anything was tried"
    assert replayed > 0, "no command was saved without being answered"
    ids = [e["id"] for e in history(client)]
    assert ids == sorted(set(ids)), "ids are global and rising"


def test_an_abort_that_was_acknowledged_before_a_crash_is_finished_after_it(programs):
    sandbox = programs.sandbox(state=200)
    service = programs.serve(kong=[sandbox.admin.address])
    assert service.client.post("/v1/rollouts", plan("late", [50]), wait=10).status == 201
    reaches(service.client, "late", "holding")
    # Kong cannot be written to, so that the crash comes between the save and the write.
    sandbox.admin.ask("PATCH", "/sandbox/database", {"up": False})
    answer = service.client.post("/v1/rollouts/late/abort", {"reason": "bad"}, wait=0)
    assert answer.status == 202 and answer.json["phase"] == "aborting", answer
    service.process.kill()
    sandbox.admin.ask("PATCH", "/sandbox/database", {"up": True})
    assert abs(percent(sandbox.weights("late-upstream")) - 50) <= TOLERANCE
    service = programs.serve(kong=[sandbox.admin.address])
    state = reaches(service.client, "late", "aborted", within=10)
    assert state["cause"]["message"] == "bad", state
    assert percent(sandbox.weights("late-upstream")) == 0
    assert sum(sandbox.weights("late-upstream").values()) > 0
    assert [e["type"] for e in history(service.client, "late")].count("aborting") == 1


def test_a_torn_last_line_is_cut_and_a_bad_line_before_it_refuses_to_start(programs):
    sandbox = programs.sandbox(state=200)
    data = programs.directory / "data"
    service = programs.serve(kong=[sandbox.admin.address])
    for name in ("one", "two"):
        assert service.client.post("/v1/rollouts", plan(name), wait=10).status == 201
        reaches(service.client, name, "holding")
    before = history(service.client)
    service.process.kill()
    journal = data / "journal.jsonl"
    whole = journal.read_bytes()
    lines = whole.rstrip(b"\0").rstrip(b"\n").split(b"\n")
    assert len(lines) > 6

    torn = b"\n".join(lines) + b"\n" + lines[-1][: len(lines[-1]) // 2]
    journal.write_bytes(torn)
    service = programs.serve(kong=[sandbox.admin.address])
    assert history(service.client)[: len(before)] == before
    assert rollout(service.client, "two")["name"] == "two"
    assert service.process.terminate() == 0

    lines = journal.read_bytes().rstrip(b"\0").rstrip(b"\n").split(b"\n")
    assert len(lines) > 3
    middle = len(lines) // 2
    place = len(lines[middle]) // 2
    changed = bytes([lines[middle][place] ^ 1])
    lines[middle] = lines[middle][:place] + changed + lines[middle][place + 1:]
    journal.write_bytes(b"\n".join(lines) + b"\n")
    refused = programs.run(
        "serve", "--listen", "127.0.0.1:0", "--data", data, "--kong", sandbox.admin.address)
    assert refused.wait(30) not in (0, None)
    said = refused.errors() + "\n".join(refused.lines)
    assert "journal.jsonl" in said and str(middle + 1) in said, said
    assert not refused.find("^listening on")
