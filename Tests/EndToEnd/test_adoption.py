"""What the usual examples leave behind: weights that have no effect."""

import time

from program import free_port
from rollouts import CANARY, STABLE, may, plan, problem, rollout
from traffic import Traffic, tail
from waiting import until


def leave_behind(sandbox):
    """A service that points straight at the stable host beside an upstream with weights 4:1."""
    admin = sandbox.admin
    made = [
        admin.post("/services", {
            "name": "ml-service", "host": "stable-version.example.com", "port": 80}),
        admin.post("/upstreams", {"name": "ml-upstream"}),
        admin.post("/upstreams/ml-upstream/targets", {"target": STABLE, "weight": 80}),
        admin.post("/upstreams/ml-upstream/targets", {"target": CANARY, "weight": 20}),
        admin.post("/services/ml-service/routes", {
            "name": "ml-route", "paths": ["/predict"], "methods": ["GET"]}),
    ]
    assert [answer.status for answer in made] == [201] * 5, made
    until(lambda: sandbox.proxy.get("/predict").status == 200, "the route is live")


def test_a_service_that_bypasses_its_upstream_is_refused_and_put_right_with_adopt(programs):
    sandbox = programs.sandbox(state=200)
    leave_behind(sandbox)
    service = programs.serve(kong=[sandbox.admin.address])
    wanted = plan(
        "fraud-v7", [20, 100], start="manual", service={"name": "ml-service"},
        upstream={"name": "ml-upstream"}, route={"name": "ml-route"})

    refused = problem(
        service.client.post("/v1/rollouts", wanted, wait=10), 409, "needs-adoption")
    assert {
        "entity": "services/ml-service", "field": "host", "is": "stable-version.example.com",
        "wanted": "ml-upstream",
    } in refused["differences"], refused
    assert service.client.get("/v1/rollouts").json["items"] == []
    assert sandbox.weights("ml-upstream") == {STABLE: 80, CANARY: 20}
    assert sandbox.admin.get("/services/ml-service").json["host"] == "stable-version.example.com"

    with Traffic(sandbox.proxy, "/predict") as traffic:
        created = service.client.post("/v1/rollouts", {**wanted, "adopt": True}, wait=0)
        assert created.status == 201, created
        may(service.client, "fraud-v7", "step", within=40)
        assert sandbox.admin.get("/services/ml-service").json["host"] == "ml-upstream"
        assert sandbox.weights("ml-upstream")[CANARY] == 0
        traffic.flows(300)
        assert {r.model for r in traffic.replies} == {"stable"}, traffic.failed()[:5]

        stepped = time.monotonic()
        answer = service.client.post("/v1/rollouts/fraud-v7/step", wait=20)
        confirmed = time.monotonic()
        assert answer.status == 200 and answer.json["phase"] == "holding", answer
        traffic.flows(500)
        held = traffic.sent_within(confirmed)
        canary = sum(r.model == "canary" for r in held)
        assert tail(canary, len(held), 0.2) > 1e-6, (canary, len(held))
        assert tail(len(held) - canary, len(held), 0.8) > 1e-6, (canary, len(held))

        aborted = service.client.post("/v1/rollouts/fraud-v7/abort", wait=20)
        gone = time.monotonic()
        assert aborted.status == 200 and aborted.json["phase"] == "aborted", aborted
        traffic.flows(200)
    assert traffic.failed() == []
    assert [r for r in traffic.replies if r.model == "canary" and r.done < stepped] == []
    assert {r.model for r in traffic.sent_within(gone)} == {"stable"}
    # The two targets were there before: they stay, and so does the service on its upstream.
    assert sandbox.weights("ml-upstream").keys() == {STABLE, CANARY}
    assert sandbox.admin.get("/services/ml-service").json["host"] == "ml-upstream"


def test_a_dry_run_says_what_adoption_would_write_and_writes_nothing(programs):
    sandbox = programs.sandbox(state=200)
    leave_behind(sandbox)
    service = programs.serve(kong=[sandbox.admin.address])
    wanted = plan(
        "fraud-v7", [20, 100], adopt=True, service={"name": "ml-service"},
        upstream={"name": "ml-upstream"}, route={"name": "ml-route"})
    answer = service.client.post("/v1/rollouts?dry_run=true", wanted)
    assert answer.status == 200, answer
    calls = answer.json["calls"]
    hosts = [i for i, c in enumerate(calls) if (c["body"] or {}).get("host") == "ml-upstream"]
    to_zero = [i for i, c in enumerate(calls) if (c["body"] or {}).get("weight") == 0]
    assert len(hosts) == 1 and to_zero and to_zero[0] < hosts[0], calls
    assert all(c["why"] and c["method"] in ("POST", "PATCH", "PUT") for c in calls), calls
    assert service.client.get("/v1/rollouts").json["items"] == []
    assert sandbox.weights("ml-upstream") == {STABLE: 80, CANARY: 20}
    assert service.client.get("/v1/events").json["items"] == []
    assert service.client.get("/v1/rollouts/fraud-v7").status == 404


def test_a_paused_rollout_goes_on_after_adoption_is_granted(programs):
    """Created while Kong was down, so that the refusal comes too late for a 409."""
    port = free_port()
    service = programs.serve(kong=[f"http://127.0.0.1:{port}"])
    wanted = plan(
        "late", [20], start="manual", service={"name": "ml-service"},
        upstream={"name": "ml-upstream"}, route={"name": "ml-route"})
    # While the database is away, the Admin API answers, but cannot be read.
    sandbox = programs.sandbox(port=port, state=200)
    leave_behind(sandbox)
    sandbox.admin.ask("PATCH", "/sandbox/database", {"up": False})
    created = service.client.post("/v1/rollouts", wanted, wait=0)
    assert created.status == 201 and created.json["phase"] == "pending", created
    sandbox.admin.ask("PATCH", "/sandbox/database", {"up": True})
    until(lambda: rollout(service.client, "late")["phase"] == "paused", "late is paused")
    paused = rollout(service.client, "late")
    assert any(
        d["entity"] == "services/ml-service" and d["field"] == "host"
        for d in paused["cause"]["evidence"]["differences"]), paused
    assert sandbox.weights("ml-upstream") == {STABLE: 80, CANARY: 20}, "nothing was written"
    granted = service.client.ask("PATCH", "/v1/rollouts/late", {"adopt": True})
    assert granted.status == 200, granted
    assert service.client.post("/v1/rollouts/late/resume", wait=0).status in (200, 202)
    may(service.client, "late", "step", within=40)
    assert sandbox.weights("ml-upstream")[CANARY] == 0
    assert sandbox.admin.get("/services/ml-service").json["host"] == "ml-upstream"
