"""History, page by page and live."""

import http.client
import json
import time

from rollouts import history, plan, reaches
from waiting import until

REASON = 'p95 "doubled" \\ größer als 20 ms: {"a": 1} 🙂'


class Stream:
    """A `text/event-stream`, block by block."""

    def __init__(self, client, path, headers=None, within=30.0):
        self.connection = http.client.HTTPConnection(client.host, timeout=within)
        self.connection.request(
            "GET", path, headers={"Accept": "text/event-stream", **(headers or {})})
        self.answer = self.connection.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def block(self):
        """The lines up to the next empty one; fails by the socket's time-out."""
        lines = []
        while True:
            line = self.answer.readline().decode()
            assert line, "the stream ended"
            if line == "\n":
                return lines
            lines.append(line.rstrip("\n"))

    def event(self, within=20.0):
        """The next event as (id, type, data); comments and `retry` are passed over."""
        end = time.monotonic() + within
        while True:
            assert time.monotonic() < end, "nothing but comments"
            fields = dict(
                line.split(": ", 1) for line in self.block() if not line.startswith(":"))
            if "data" in fields:
                return fields.get("id"), fields.get("event"), json.loads(fields["data"])


def test_a_stream_tells_every_event_as_it_happens(programs):
    client = programs.serve().client
    with Stream(client, "/v1/events") as stream:
        assert stream.answer.status == 200
        assert stream.answer.headers.get_content_type() == "text/event-stream"
        assert stream.block() == ["retry: 2000"]
        assert client.post("/v1/rollouts", plan("live"), wait=10).status == 201
        reaches(client, "live", "holding")
        paused = client.post("/v1/rollouts/live/pause", {"reason": REASON})
        assert paused.status == 200, paused
        kept = history(client, "live")
        for wanted in kept:
            number, kind, data = stream.event()
            assert data == wanted
            assert (number, kind) == (str(wanted["id"]), wanted["type"])
    assert [e["type"] for e in kept][:1] == ["created"]
    assert kept[-1]["type"] == "paused" and kept[-1]["reason"] == REASON
    assert kept[-1]["from"] == "holding" and kept[-1]["to"] == "paused"
    assert kept[-1]["actor"] == "anonymous"


def test_a_stream_goes_on_after_the_last_event_that_was_seen(programs):
    client = programs.serve().client
    for name in ("one", "two"):
        assert client.post("/v1/rollouts", plan(name), wait=10).status == 201
        reaches(client, name, "holding")
    kept = history(client)
    for turn, start in enumerate((0, len(kept) // 2, len(kept) - 1)):
        last = {"Last-Event-ID": str(kept[start]["id"])}
        with Stream(client, "/v1/events", last) as stream:
            for wanted in kept[start + 1:]:
                assert stream.event()[2] == wanted
            client.post("/v1/rollouts/one/step", {"to": turn + 1}, wait=10)
            new = stream.event()
            assert int(new[0]) > kept[-1]["id"] and new[2]["rollout"] == "one"
        kept = history(client)
    with Stream(client, "/v1/rollouts/two/events", {"Last-Event-ID": "0"}) as stream:
        for wanted in history(client, "two"):
            assert stream.event()[2] == wanted
    # Not a number: from now on.
    with Stream(client, "/v1/events", {"Last-Event-ID": "yesterday"}) as stream:
        assert stream.answer.status == 200
        client.post("/v1/rollouts/two/pause")
        assert stream.event()[1] == "paused"


def test_a_quiet_stream_is_kept_alive_by_a_comment(programs):
    client = programs.serve().client
    with Stream(client, "/v1/events") as stream:
        assert stream.block() == ["retry: 2000"]
        start = time.monotonic()
        comment = stream.block()
        assert comment and all(line.startswith(":") for line in comment), comment
        assert 10 <= time.monotonic() - start <= 20


def test_a_stream_of_an_ended_rollout_ends(programs):
    client = programs.serve().client
    assert client.post("/v1/rollouts", plan("over"), wait=10).status == 201
    assert client.post("/v1/rollouts/over/abort", wait=20).json["phase"] == "aborted"
    until(
        lambda: any(e["type"] == "drained" for e in history(client, "over")), "over is drained")
    kept = history(client, "over")
    with Stream(client, "/v1/rollouts/over/events",
                {"Last-Event-ID": str(kept[-1]["id"])}) as stream:
        assert stream.answer.status == 204
    with Stream(client, "/v1/rollouts/over/events", {"Last-Event-ID": "0"}) as stream:
        assert stream.answer.status == 200
        assert [stream.event()[2] for _ in kept] == kept
    assert client.ask("DELETE", "/v1/rollouts/over").status == 204
    assert client.get("/v1/rollouts/over").status == 404
    assert history(client, "over")[-1]["type"] == "deleted"


def test_events_come_in_pages_that_meet(programs):
    client = programs.serve().client
    assert client.post("/v1/rollouts", plan("paged"), wait=10).status == 201
    reaches(client, "paged", "holding")
    everything = client.get("/v1/events").json["items"]
    assert len(everything) >= 3
    found, path = [], "/v1/events?limit=1"
    while path:
        page = client.get(path)
        assert len(page.json["items"]) == 1, page
        found += page.json["items"]
        link = page.headers["Link"]
        assert (link is None) == (page.json["next_cursor"] is None), page.headers.items()
        path = link and link[1:link.index(">")]
    assert found == everything


def test_rollouts_come_in_pages_newest_first_and_filtered(programs):
    client = programs.serve().client
    names = [f"r{number}" for number in range(5)]
    for number, name in enumerate(names):
        labels = {"team": "risk" if number % 2 else "ads", "n": str(number)}
        assert client.post("/v1/rollouts", plan(name, labels=labels), wait=0).status == 201
    found, path = [], "/v1/rollouts?limit=2"
    while path:
        page = client.get(path)
        assert page.status == 200, page
        found += [item["name"] for item in page.json["items"]]
        link = page.headers["Link"]
        path = link and link[1:link.index(">")]
    assert found == names[::-1]

    def listed(query):
        return sorted(item["name"] for item in client.get(f"/v1/rollouts?{query}").json["items"])
    assert listed("label=team:risk") == ["r1", "r3"]
    assert listed("label=team:risk&label=n:3") == ["r3"]
    assert listed("service=r2-service") == ["r2"]
    reaches(client, "r0", "holding")
    assert client.post("/v1/rollouts/r0/abort", wait=20).json["phase"] == "aborted"
    assert "r0" not in listed("phase=active") and listed("phase=aborted") == ["r0"]
    assert listed("phase=active,aborted") == names


def test_a_rollout_that_did_not_change_is_304_and_a_change_has_a_new_tag(programs):
    client = programs.serve().client
    assert client.post("/v1/rollouts", plan("tagged"), wait=10).status == 201
    reaches(client, "tagged", "holding")

    def unchanged():
        tag = client.get("/v1/rollouts/tagged").headers["ETag"]
        again = client.get("/v1/rollouts/tagged", headers={"If-None-Match": tag})
        return again.status == 304 and not again.body and again.headers["ETag"] == tag and tag
    # Conditions may still move for a moment, with tags of their own.
    tag = until(unchanged, "a tag that stays")
    changed = client.ask("PATCH", "/v1/rollouts/tagged", {"labels": {"a": "b"}}, headers={
        "If-Match": tag})
    assert changed.status == 200 and changed.headers["ETag"] != tag, changed
    assert changed.json["labels"] == {"a": "b"}
    assert client.get("/v1/rollouts/tagged", headers={"If-None-Match": tag}).status == 200
    stale = client.post("/v1/rollouts/tagged/abort", headers={"If-Match": tag})
    assert stale.status == 412
