"""Rollouts whose traffic is judged: what Kong was told, what it posts, what is said of it."""

import json
import re

from rollouts import plan, reaches
from traffic import Traffic
from waiting import until

ERRORS = {"checks": [{"metric": "error_rate", "max_increase": 0.01}]}


class Load(Traffic):
    """Answers of any status count: a canary that fails is what these tests are about."""

    async def _get(self, reader, writer):
        writer.write(f"GET {self.path} HTTP/1.1\r\nHost: {self.proxy.host}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        if "content-length" in fields:
            await reader.readexactly(int(fields["content-length"]))
        else:
            await self._chunks(reader)
        status = int(head[0].split(" ")[1])
        return fields.get("x-model") or "nobody", status, fields.get("connection") != "close"

    def statuses(self):
        return {r.note for r in list(self.replies)}


def load(service, name, rate=150):
    return Load(service.proxy, f"/{name}", rate=rate)


def begin(service, name, steps=(20, 50), **more):
    """A judged rollout that holds at its first step; returns it."""
    created = service.client.post("/v1/rollouts", plan(name, steps, **more), wait=20)
    assert created.status == 201, created
    return reaches(service.client, name, "holding")


def model(service, name, **changes):
    """Tells one of the stand-in's models how to behave from now on."""
    answer = service.admin.ask("PATCH", f"/sandbox/models/{name}", changes)
    assert answer.status == 200, answer


def plugins(service):
    """Kong's log plugins by the name of their rollout."""
    answer = service.admin.get("/plugins")
    assert answer.status == 200, answer
    found = {}
    for row in answer.json["data"]:
        tags = dict(t.split(":", 1) for t in row.get("tags") or [] if ":" in t)
        if row["name"] == "http-log" and "rollout" in tags:
            found[tags["rollout"]] = row
    return found


def endpoint(service, name):
    """The path that Kong was told to post to, with its secret."""
    url = plugins(service)[name]["config"]["http_endpoint"]
    found = re.search(r"/v1/telemetry/kong/([a-z0-9-]+)/([0-9a-f]{32})$", url)
    assert found and found[1] == name, url
    return found[0], found[2]


def analysis(service, name):
    answer = service.client.get(f"/v1/rollouts/{name}/analysis")
    assert answer.status == 200, answer
    return answer.json


def analysed(service, name, condition, within=40.0):
    """Waits until the analysis is so; returns it."""
    seen = {}

    def look():
        seen.clear()
        seen.update(analysis(service, name))
        return condition(seen) and dict(seen)
    return until(look, lambda: json.dumps(seen)[:3000], within, pause=0.1)


def record(number, target, status=200):
    """A record as Kong's slim log writes it: answered by `target`."""
    return {
        "request": {"id": f"{number:032x}"}, "response": {"status": status},
        "latencies": {"proxy": 20}, "tries": [{"ip": "10.9.8.7", "port": 80}], "target": target,
        "started_at": 1763888700000 + number,
    }
