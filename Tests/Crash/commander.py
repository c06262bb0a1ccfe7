"""Clients that command rollouts and remember what they were promised."""

import http.client
import itertools
import random
import threading

from rollouts import CANARY, plan
from waiting import until

STEPS = (10, 20, 50, 80)


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
            assert self.changed.wait_for(lambda: self.client is not None, 60), "no server"
            return self.client


class Commander(threading.Thread):
    """One client with an upstream of its own, who repeats what was not answered under its key.

    Steps up, down and beside the plan, pauses, labels its own and its neighbour's rollout, and
    aborts, promotes and deletes, after which it begins a new one. Every third command does not
    wait for the one before to take effect.
    """

    def __init__(self, stage, base, seed):
        super().__init__(daemon=True)
        self.stage, self.base = stage, base
        self.random = random.Random(f"{seed} {base}")
        self.neighbour = None  # another commander
        self.rollout = None  # the name of the present one
        self.begun = []  # the names of all
        self.acknowledged = []  # (rollout, revision, phase) of every answer
        self.done = []  # (rollout, reason) of commands that were acknowledged
        self.labels = {}  # (rollout, label) -> the last value that was acknowledged
        self.ended = {}  # rollout -> aborted, promoted or deleted, as acknowledged
        self.interrupted = self.replayed = self.refused = 0
        self.place = 0  # the step or the share that was last acknowledged
        self.ready = threading.Event()
        self.fault = None

    def run(self):
        try:
            for number in itertools.count():
                if self.rollout is None:
                    self._begin(number)
                elif self.stage.over:
                    self._settle()
                    return
                else:
                    self._turn(number)
                self.ready.set()
        except Exception as error:  # shown by the one who waits
            self.fault = error
            self.ready.set()

    def _begin(self, number):
        name = f"{self.base}-{number}"
        wanted = plan(name, STEPS, progress_deadline=None)
        self.begun.append(name)
        self._command("POST", "/v1/rollouts", wanted, name)
        self.rollout, self.place = name, 0
        self._reaches("holding")

    def _turn(self, number):
        verb = self.random.choice(
            ("step",) * 8 + ("share",) * 4 + ("pause",) * 3 + ("label",) * 4 + ("abort", "promote"))
        hasty = self.random.random() < 0.33
        reason = f"{verb} {number}"
        if verb == "step":
            to = self.random.choice([i for i in range(len(STEPS)) if i != self.place])
            self._verb("step", {"to": to, "reason": reason}, to)
        elif verb == "share":
            # Not a share of the plan, nor the one before: each is a change.
            percent = self.random.randrange(80) + 1 + (number % 97 + 1) / 100
            self._verb("step", {"percent": round(percent, 2), "reason": reason}, percent)
        elif verb == "label":
            self._label(self.rollout, number)
            if self.neighbour.rollout is not None:
                self._label(self.neighbour.rollout, number)
            return
        elif verb == "pause":
            self._verb("pause", {"reason": reason})
            self._verb("resume", {"reason": f"resume {number}"})
        else:
            self._end(verb, reason)
            return
        if not hasty:
            self._reaches("holding")

    def _end(self, verb, reason):
        self._verb(verb, {"reason": reason})
        ended = {"abort": "aborted", "promote": "promoted"}[verb]
        self._reaches(ended)
        self.ended[self.rollout] = ended
        if verb == "abort" and self.random.random() < 0.5:
            self._erase()
        self.rollout = None

    def _erase(self):
        """A repeated DELETE finds nothing; so does a repeated one whose answer was lost."""
        path = f"/v1/rollouts/{self.rollout}"
        until(lambda: self._conditions_of(path).get("drained") == "true", "drained", 60)
        answer = self._ask("DELETE", path, None, (204, 404))
        self.ended[self.rollout] = "deleted"
        self.replayed += answer.headers["Idempotency-Replayed"] == "true"

    def _conditions_of(self, path):
        found = self._ask("GET", path, None, (200,)).json
        return {c["type"]: c["status"] for c in found["conditions"]}

    def _verb(self, verb, body, place=None):
        if self._command("POST", f"/v1/rollouts/{self.rollout}/{verb}", body, self.rollout):
            self.done.append((self.rollout, body["reason"]))
            self.place = self.place if place is None else place

    def _label(self, rollout, number):
        """Nobody else writes this label."""
        body = {"labels": {self.base: str(number)}}
        answer = self._ask("PATCH", f"/v1/rollouts/{rollout}", body, (200, 404))
        if answer.status == 200:
            self.labels[rollout, self.base] = number
            self.acknowledged.append((rollout, answer.json["revision"], None))

    def _command(self, method, path, body, rollout):
        """Whether it was done; a verb that cannot be now, after a hasty one, is not."""
        answer = self._ask(method, path, body, (200, 201, 202, 409))
        if answer.status == 409:
            assert answer.json["type"].endswith("illegal-now"), answer
            self.refused += 1
            return False
        found = answer.json
        self.acknowledged.append((rollout, found["revision"], found["phase"]))
        return True

    def _ask(self, method, path, body, wanted):
        """Until it is answered, by whichever server."""
        headers = {} if method == "GET" else {
            "Idempotency-Key": f"{self.base} {self.random.getrandbits(64):x}",
            "Prefer": f"wait={self.random.choice((0, 1, 5))}"}
        while True:
            client = self.stage.present()
            try:
                answer = client.ask(method, path, body, headers=headers)
            except (OSError, http.client.HTTPException):
                self.interrupted += method != "GET"
                until(lambda: self.stage.client is not client, "the server is seen to be dead", 60)
                continue
            if answer.status == 503:
                continue
            if answer.status == 409 and answer.json["type"].endswith("key-in-use"):
                continue
            assert answer.status in wanted, answer
            self.replayed += answer.headers["Idempotency-Replayed"] == "true"
            return answer

    def _reaches(self, phase):
        path = f"/v1/rollouts/{self.rollout}"

        def look():
            found = self._ask("GET", path, None, (200,)).json
            return found["phase"] == phase and found
        return until(look, f"{self.rollout} {phase}", 90)

    def _settle(self):
        """Leaves nothing on its way."""
        self._reaches("holding")

    def share(self, sandbox):
        """What Kong's rows give the present rollout's canary, in percent; with its name."""
        rollout = self.rollout
        return rollout, share_of(sandbox.weights(f"{rollout}-upstream")) if rollout else 0.0


def share_of(weights):
    """The canary's, in percent."""
    total = sum(weights.values())
    return 100 * weights.get(CANARY, 0) / total if total else 0.0
