"""kill -9 at random moments: what was acknowledged stays, and nothing is done twice."""

import http.client
import itertools
import random
import threading

from rollouts import history, percent, plan, reaches, rollout
from waiting import until

SEED = 20261123
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
    """One person with one rollout, who repeats what was not answered under the same key."""

    def __init__(self, stage, name, seed):
        super().__init__(daemon=True)
        self.stage, self.rollout_name = stage, name
        self.random = random.Random(seed)
        self.acknowledged = []  # (revision, phase) of every answer
        self.done = []  # reasons of commands that were acknowledged
        self.settled = 0.0  # the share of the last confirmed answer
        self.ceiling = 0.0  # the most that any saved or asked command allows
        self.fault = None

    def run(self):
        try:
            self._command("POST", "/v1/rollouts", plan(
                self.rollout_name, STEPS, progress_deadline=None), STEPS[0])
            place = 0
            for number in itertools.count():
                if self.stage.over:
                    return
                place = self._turn(number, place)
        except Exception as error:  # shown by the test
            self.fault = error

    def _turn(self, number, place):
        verb = self.random.choice(("step", "step", "step", "pause"))
        if verb == "step":
            place = self.random.choice([i for i in range(len(STEPS)) if i != place])
            self._verb("step", number, {"to": place}, STEPS[place])
        else:
            self._verb("pause", number, {}, self.ceiling)
            self._verb("resume", number, {}, self.ceiling)
        return place

    def _verb(self, verb, number, body, share):
        reason = f"{self.rollout_name} {verb} {number}"
        self._command(
            "POST", f"/v1/rollouts/{self.rollout_name}/{verb}", {**body, "reason": reason}, share)
        self.done.append(reason)

    def _command(self, method, path, body, share):
        """Until it is answered; the share is confirmed before the next one."""
        key = f"{self.rollout_name} {len(self.acknowledged)}"
        self.ceiling = max(self.ceiling, share)
        while True:
            client = self.stage.present()
            try:
                answer = client.ask(
                    method, path, body, headers={"Idempotency-Key": key, "Prefer": "wait=5"})
            except (OSError, http.client.HTTPException):
                until(lambda c=client: self.stage.client is not c, "it is seen to be dead", 60)
                continue
            if answer.status == 503:
                continue
            if answer.status == 409 and answer.json["type"].endswith("key-in-use"):
                continue
            assert answer.status in (200, 201, 202), answer
            found = answer.json
            self.acknowledged.append((found["revision"], found["phase"]))
            if found["phase"] == "holding":
                self._settle(found["traffic"]["asked_percent"])
            elif found["phase"] != "paused":
                self._wait()
            return

    def _wait(self):
        while True:
            client = self.stage.present()
            try:
                self._settle(reaches(client, self.rollout_name, "holding")["traffic"][
                    "asked_percent"])
                return
            except (OSError, http.client.HTTPException):
                until(lambda c=client: self.stage.client is not c, "it is seen to be dead", 60)

    def _settle(self, share):
        self.settled = self.ceiling = share


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
                    share = percent(self.sandbox.weights(f"{commander.rollout_name}-upstream"))
                    allowed = max(before, commander.ceiling)
                    self.looks += 1
                    if share > allowed + TOLERANCE:
                        self.beyond.append((commander.rollout_name, share, allowed))
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
        (c.rollout_name, c.settled, percent(sandbox.weights(f"{c.rollout_name}-upstream")))
        for c in commanders
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


def check_history(events, commander):
    """Everything acknowledged is there, once, and in order."""
    name = commander.rollout_name
    assert [e["revision"] for e in events] == list(range(1, len(events) + 1)), name
    by_revision = {e["revision"]: e for e in events}
    for revision, phase in commander.acknowledged:
        assert by_revision[revision]["to"] == phase, (name, revision, phase)
    reasons = [e["reason"] for e in events if e["reason"] is not None]
    assert len(reasons) == len(set(reasons)), f"{name}: done twice"
    assert set(commander.done) <= set(reasons), f"{name}: lost"
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
    for number in range(KILLS):
        # A moment of the whole range: within a write, between two, or while Kong is called.
        threading.Event().wait(moments.uniform(0.02, 0.8))
        assert service.process.is_alive, service.process.story()
        during_start = moments.uniform(0.0, 0.3) if number % 5 == 4 else None
        service = kill_and_start(programs, stage, sandbox, commanders, service, during_start)
    stage.end()
    for commander in commanders:
        commander.join(60)
        assert not commander.is_alive(), f"{commander.rollout_name} waits; seed {SEED}"
        assert commander.fault is None, commander.fault
    client = service.client
    watch.over = True
    watch.join(10)
    assert watch.fault is None, watch.fault
    assert watch.beyond == [] and watch.looks > 100

    for commander in commanders:
        name = commander.rollout_name
        state = reaches(client, name, "holding")
        asked = state["traffic"]["asked_percent"]
        assert abs(percent(sandbox.weights(f"{name}-upstream")) - asked) <= TOLERANCE, state
        events = history(client, name)
        assert state["revision"] == len(events)
        check_history(events, commander)
    assert sum(len(c.done) for c in commanders) > KILLS, "hardly anything was tried"
    everything = history(client)
    ids = [e["id"] for e in everything]
    assert ids == sorted(set(ids)), "ids are global and rising"
    for commander in commanders:
        mine = [e for e in everything if e["rollout"] == commander.rollout_name]
        assert mine == history(client, commander.rollout_name)


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
