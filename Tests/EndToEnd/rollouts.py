"""Rollouts as the tests ask for them, and questions about them."""

from waiting import until

STABLE = "stable-version.example.com:80"
CANARY = "canary-version.example.com:80"


def plan(name, steps=(5, 20, 50, 100), /, **more):
    """A rollout with entities of its own: two plans of different names never meet in Kong."""
    return {
        "name": name,
        "service": {"name": f"{name}-service"},
        "upstream": {"name": f"{name}-upstream"},
        "route": {"name": f"{name}-route", "paths": [f"/{name}"], "methods": ["GET"]},
        "stable": {"version": "v6", "targets": [STABLE]},
        "canary": {"version": "v7", "targets": [CANARY]},
        "steps": list(steps),
        "drain": "0s",
        **more,
    }


def rollout(client, name):
    answer = client.get(f"/v1/rollouts/{name}")
    assert answer.status == 200, answer
    return answer.json


def reaches(client, name, phase, within=20.0):
    """Waits for a phase; returns the rollout in it."""
    seen = {}

    def look():
        seen.update(rollout(client, name))
        return seen["phase"] == phase and seen
    return until(look, lambda: f"{name} {phase}; it is {seen}", within)


def may(client, name, action, within=30.0):
    """Waits until a command would be taken."""
    seen = {}

    def look():
        seen.update(rollout(client, name))
        return action in seen["actions"] and seen
    return until(look, lambda: f"{name} takes {action}; it is {seen}", within)


def is_served(proxy, path, within=20.0):
    """Waits until Kong answers on a path: a new route takes it a moment."""
    until(lambda: proxy.get(path).status == 200, f"the proxy serves {path}", within)


def history(client, name=None):
    """All events, page by page."""
    path = f"/v1/rollouts/{name}/events" if name else "/v1/events"
    items, after = [], 0
    while True:
        answer = client.get(f"{path}?after={after}&limit=200")
        assert answer.status == 200, answer
        items += answer.json["items"]
        if answer.json["next_cursor"] is None:
            return items
        after = answer.json["next_cursor"]


def percent(weights, canary=CANARY):
    """The canary's share by weights of targets."""
    total = sum(weights.values())
    return 100 * weights.get(canary, 0) / total if total else 0.0


def problem(answer, status, slug, *places):
    """Holds an answer to being a whole problem document that names `places`."""
    assert answer.status == status, answer
    assert answer.headers.get_content_type() == "application/problem+json", (
        answer, answer.headers.items())
    found = answer.json
    for member in ("type", "title", "status", "detail", "instance"):
        assert found.get(member), (member, answer)
    assert found["type"] == f"urn:kong-rollouts:{slug}", answer
    assert found["status"] == status, answer
    assert found["instance"] == "urn:uuid:" + answer.headers["X-Request-Id"], answer
    for error in found.get("errors", []):
        assert error["detail"] and len(error) == 2, error
    named = {
        (kind, error[kind]) for error in found.get("errors", [])
        for kind in ("pointer", "parameter", "header") if kind in error
    }
    for place in places:
        assert place in named, (place, answer)
    return found
