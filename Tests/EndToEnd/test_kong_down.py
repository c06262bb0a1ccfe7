"""Kong need not be there when a rollout is created or aborted."""

import time

from program import free_port
from rollouts import CANARY, plan, reaches, rollout


def test_what_was_asked_while_kong_was_down_is_done_when_it_comes_up(programs):
    port = free_port()
    service = programs.serve(kong=[f"http://127.0.0.1:{port}"])
    for name in ("waits", "given-up"):
        created = service.client.post("/v1/rollouts", plan(name), wait=0)
        assert created.status == 201 and created.json["phase"] == "pending", created
        assert created.headers["Location"] == f"/v1/rollouts/{name}"
        assert "gateway" in created.json["step"]["waiting_for"], created
    aborted = service.client.post(
        "/v1/rollouts/given-up/abort", {"reason": "never mind"}, wait=10)
    assert aborted.status == 200 and aborted.json["phase"] == "aborted", aborted
    gateways = service.client.get("/v1/gateways").json["items"]
    assert [g["reachable"] for g in gateways] == [False], gateways
    assert rollout(service.client, "waits")["phase"] == "pending"
    assert service.client.get("/readyz").status == 200

    sandbox = programs.sandbox(port=port, state=200)
    up = time.monotonic()
    reaches(service.client, "waits", "holding", within=5)
    assert time.monotonic() - up <= 5
    assert sandbox.weights("waits-upstream"), "the upstream was not made"
    assert rollout(service.client, "given-up")["phase"] == "aborted"
    assert sandbox.admin.get("/upstreams/given-up-upstream").status == 404
    assert sandbox.admin.get("/services/given-up-service").status == 404


def test_a_rollout_under_way_is_aborted_while_kong_is_down_and_kong_follows_later(programs):
    port = free_port()
    sandbox = programs.sandbox(port=port, state=200)
    service = programs.serve(kong=[f"http://127.0.0.1:{port}"])
    assert service.client.post("/v1/rollouts", plan("cut-off", [50]), wait=10).status == 201
    reaches(service.client, "cut-off", "holding")
    # The database goes, and with it every Admin API call; the proxy serves on.
    assert sandbox.admin.ask("PATCH", "/sandbox/database", {"up": False}).status == 200
    answer = service.client.post("/v1/rollouts/cut-off/abort", wait=1)
    assert answer.status == 202 and answer.json["phase"] == "aborting", answer
    again = service.client.post("/v1/rollouts/cut-off/abort", wait=0)
    assert again.status == 202, again
    assert again.json["revision"] == answer.json["revision"], "an abort again changes nothing"
    assert sandbox.admin.ask("PATCH", "/sandbox/database", {"up": True}).status == 200
    reaches(service.client, "cut-off", "aborted", within=8)
    for weights in (sandbox.weights("cut-off-upstream"), sandbox.served("cut-off-upstream")):
        assert weights.get(CANARY, 0) == 0, weights
        assert sum(weights.values()) > 0, weights
