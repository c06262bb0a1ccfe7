"""A gateway is as far as its worst node."""

import time

from rollouts import CANARY, is_served, percent, plan, reaches, rollout
from waiting import until

POLL = 6.0  # seconds after which a node hears of what was written through another


def two_nodes(programs):
    sandbox = programs.sandbox("--poll", int(POLL * 1000), admins=2, state=200)
    service = programs.serve(kong=[admin.address for admin in sandbox.admins])
    return sandbox, service


def test_both_nodes_hear_of_a_share_from_us_and_serve_it_when_it_is_confirmed(programs):
    sandbox, service = two_nodes(programs)
    created = service.client.post("/v1/rollouts", plan("pair", [20, 50, 80]), wait=0)
    assert created.status == 201, created
    reaches(service.client, "pair", "holding", within=40)
    for index, share in ((1, 50), (2, 80), (0, 20)):
        start = time.monotonic()
        answer = service.client.post("/v1/rollouts/pair/step", {"to": index}, wait=20)
        took = time.monotonic() - start
        assert answer.status == 200 and answer.json["phase"] == "holding", answer
        for node in (0, 1):
            assert abs(percent(sandbox.served("pair-upstream", node)) - share) <= 0.05, node
            assert abs(percent(sandbox.weights("pair-upstream", node)) - share) <= 0.05, node
        assert took < POLL / 2, "the second node heard of it by its own poll"
    for proxy in sandbox.proxies:
        is_served(proxy, "/pair")
        models = [proxy.get("/pair").headers["x-model"] for _ in range(100)]
        assert abs(models.count("canary") - 20) <= 4, models.count("canary")


def test_nothing_is_confirmed_while_one_node_serves_its_old_weights(programs):
    sandbox, service = two_nodes(programs)
    created = service.client.post("/v1/rollouts", plan("stuck", [20, 50]), wait=0)
    assert created.status == 201, created
    reaches(service.client, "stuck", "holding", within=40)
    old = sandbox.served("stuck-upstream", node=1)
    assert abs(percent(old) - 20) <= 0.05
    missed = sandbox.admin.ask("PATCH", "/sandbox/nodes/1", {"missed_rebuilds": 2})
    assert missed.status == 200, missed
    assert service.client.post("/v1/rollouts/stuck/step", {"to": 1}, wait=0).status == 202

    seen = {"stuck": 0}

    def healed():
        state = rollout(service.client, "stuck")
        # Read after the phase: what is confirmed must be served already.
        share = percent(sandbox.served("stuck-upstream", node=1))
        if state["phase"] == "holding":
            assert abs(share - 50) <= 0.05, (state, share)
            return True
        assert state["phase"] == "shifting", state
        if abs(share - 20) <= 0.05 and abs(percent(sandbox.weights("stuck-upstream")) - 50) < 0.05:
            seen["stuck"] += 1
        return False
    until(healed, lambda: f"confirmed; {rollout(service.client, 'stuck')}", 40)
    assert seen["stuck"] > 0, "the node was never seen behind: nothing was tried"
    assert sandbox.weights("stuck-upstream")[CANARY] > 0
