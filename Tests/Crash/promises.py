"""Holds the ledger, the service and Kong to what every client was promised."""

import datetime

from commander import share_of

TOLERANCE = 0.051  # percentage points that weights may miss a share by
CLOCK = 0.002  # seconds by which times that are written in milliseconds may be off


class Promises:
    """Checks after every restart and at the end; counts what was compared."""

    def __init__(self, files, sandbox, commanders):
        self.files, self.sandbox, self.commanders = files, sandbox, commanders
        self.compared = 0  # single facts
        self.torn = 0  # bytes that crashes left after the last whole line
        self.checked = {}  # commander -> how many of its answers were looked up
        self.beyond = []  # (rollout, share, allowed) of looks at Kong that showed too much
        self.asked = {}  # rollout -> (time, share, whether it was confirmed) of its events
        self.seen = {}  # rollout -> its events as the service told them
        self.last = 0  # the last event's id

    def while_dead(self):
        """Whoever has an answer has it from a server that saved first."""
        self.files.read()
        self.torn += self.files.torn
        for commander in self.commanders:
            answers = list(commander.acknowledged)
            for rollout, revision, _ in answers[self.checked.get(commander, 0):]:
                self._is_kept(rollout, revision)
            self.checked[commander] = len(answers)
        for commander in self.commanders:
            rollout, share = commander.share(self.sandbox)
            if rollout is None:
                continue
            allowed = self.files.most(rollout)
            self.compared += 1
            assert share <= allowed + TOLERANCE, (
                f"{rollout}: Kong shows {share} %, the ledger allows {allowed} %")

    def _is_kept(self, rollout, revision):
        self.compared += 1
        assert rollout in self.files.documents, f"{rollout}: acknowledged, not in the ledger"
        document = self.files.documents[rollout]
        if document is not None:
            assert document["revision"] >= revision, (
                f"{rollout}: revision {revision} was acknowledged, "
                f"{document['revision']} is saved")

    def after_start(self, client):
        """What is served is what was saved, and histories go on where they were."""
        live = self.files.live()
        served = {}
        cursor = None
        while True:
            path = "/v1/rollouts?limit=200" + (f"&cursor={cursor}" if cursor else "")
            page = client.get(path)
            assert page.status == 200, page
            served.update((r["name"], r) for r in page.json["items"])
            cursor = page.json["next_cursor"]
            if cursor is None:
                break
        assert set(served) == set(live), (set(served) ^ set(live), "served or saved alone")
        for name, document in live.items():
            self.compared += 1
            assert served[name]["revision"] >= document["revision"], (served[name], document)
        self.follow(client)

    def follow(self, client):
        """Appends the events since the last look; ids rise, revisions have no gap."""
        while True:
            answer = client.get(f"/v1/events?after={self.last}&limit=200")
            assert answer.status == 200, answer
            for event in answer.json["items"]:
                assert event["id"] > self.last, (event, self.last)
                self.last = event["id"]
                known = self.seen.setdefault(event["rollout"], [])
                assert event["revision"] == len(known) + 1, (event, known[-1:])
                if known:
                    assert event["from"] == known[-1]["to"], (known[-1], event)
                known.append(event)
                self.asked.setdefault(event["rollout"], []).append((
                    datetime.datetime.fromisoformat(event["at"]).timestamp(),
                    event["data"].get("asked_percent", 0.0),
                    event["type"] in ("confirmed", "aborted", "promoted")))
                self.compared += 1
            if answer.json["next_cursor"] is None:
                return

    def at_the_end(self, client):
        """Everything acknowledged is there, once."""
        self.follow(client)
        for commander in self.commanders:
            for rollout, revision, phase in commander.acknowledged:
                event = self.seen[rollout][revision - 1]
                self.compared += 1
                assert phase is None or event["to"] == phase, (event, phase)
            for rollout, reason in commander.done:
                self.compared += 1
                times = sum(e["reason"] == reason for e in self.seen[rollout])
                assert times == 1, f"{rollout}: {reason} done {times} times"
            self._are_ended(client, commander)
            self._are_labelled(client, commander)
        self._agree(client)

    def _are_ended(self, client, commander):
        for rollout, how in commander.ended.items():
            answer = client.get(f"/v1/rollouts/{rollout}")
            self.compared += 1
            if how == "deleted":
                assert answer.status == 404, answer
            else:
                assert answer.status == 200 and answer.json["phase"] == how, (how, answer)

    def _are_labelled(self, client, commander):
        for (rollout, label), number in commander.labels.items():
            answer = client.get(f"/v1/rollouts/{rollout}")
            if answer.status == 404:
                continue
            self.compared += 1
            assert int(answer.json["labels"][label]) >= number, (answer, number)

    def _agree(self, client):
        """Kong has converged to what is saved, for every rollout there ever was."""
        for commander in self.commanders:
            for rollout in commander.begun:
                answer = client.get(f"/v1/rollouts/{rollout}")
                weights = self.sandbox.weights(f"{rollout}-upstream")
                if answer.status == 404:
                    assert commander.ended.get(rollout) == "deleted", rollout
                    asked = 0.0
                else:
                    asked = answer.json["traffic"]["asked_percent"]
                self.compared += 1
                assert abs(share_of(weights) - asked) <= TOLERANCE, (rollout, asked, weights)
                assert sum(weights.values()) > 0, (rollout, weights)

    def looked(self, samples):
        """Holds looks at Kong to the events: no share but what was asked, or asked before and
        not yet confirmed as left. A sample: rollout, share, seconds before and after the look."""
        for rollout, share, before, after in samples:
            allowed = 0.0
            for at, asked, is_confirmed in self.asked.get(rollout, []):
                if at > after + CLOCK:
                    break
                left = is_confirmed and at < before - CLOCK
                allowed = asked if left else max(allowed, asked)
            self.compared += 1
            if share > allowed + TOLERANCE:
                self.beyond.append((rollout, share, allowed))
