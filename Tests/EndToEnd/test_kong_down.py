"""Kong need not be there when a rollout is created or aborted."""

import signal
import socket
import time

from program import free_port
from rollouts import CANARY, history, plan, reaches, rollout


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


def test_an_abort_outranks_a_step_that_hangs_in_a_kong_that_says_nothing(programs):
    sandbox = programs.sandbox(state=200)
    client = programs.serve(kong=[sandbox.admin.address]).client
    assert client.post("/v1/rollouts", plan("hung", [20, 50]), wait=10).status == 201
    reaches(client, "hung", "holding")
    # Stopped, it takes connections and answers none.
    sandbox.process.child.send_signal(signal.SIGSTOP)
    try:
        stepped = client.post("/v1/rollouts/hung/step", wait=1)
        assert stepped.status == 202 and stepped.json["phase"] == "shifting", stepped
        start = time.monotonic()
        aborted = client.post("/v1/rollouts/hung/abort", {"reason": "enough"}, wait=1)
        assert aborted.status == 202 and aborted.json["phase"] == "aborting", aborted
        for path in ("/v1/rollouts/hung", "/v1/rollouts", "/healthz", "/metrics"):
            assert client.get(path, timeout=5).status == 200
        assert time.monotonic() - start < 5
    finally:
        sandbox.process.child.send_signal(signal.SIGCONT)
    reaches(client, "hung", "aborted", within=15)
    for weights in (sandbox.weights("hung-upstream"), sandbox.served("hung-upstream")):
        assert weights.get(CANARY, 0) == 0, weights
    types = [e["type"] for e in history(client, "hung")]
    assert types.index("aborting") == types.index("stepped") + 1, types


def test_a_kong_that_says_nothing_keeps_nobody_from_creating_and_aborting(programs):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        client = programs.serve(kong=[f"http://127.0.0.1:{silent.getsockname()[1]}"]).client
        start = time.monotonic()
        for number in range(3):
            created = client.post("/v1/rollouts", plan(f"quiet-{number}"), wait=0)
            assert created.status == 201 and created.json["phase"] == "pending", created
        assert time.monotonic() - start < 20
        aborted = client.post("/v1/rollouts/quiet-1/abort", wait=10)
        assert aborted.status == 200 and aborted.json["phase"] == "aborted", aborted
