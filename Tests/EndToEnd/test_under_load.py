"""The main job while 200 other requests a second go through the proxy."""

import time

from rollouts import is_served, may, plan, problem, reaches, rollout
from traffic import Allowance, Traffic, tail, windows_beyond

STAY = 250  # requests at each share
UNLIKELY = 1e-6


def begin(service, proxy, name, steps):
    """A rollout that waits at 0 % with its route live."""
    created = service.client.post("/v1/rollouts", plan(name, steps, start="manual"), wait=10)
    assert created.status == 201, created
    may(service.client, name, "step")
    is_served(proxy, f"/{name}")


def climb(service, name, traffic, allowance, steps):
    """Through all steps; at each the canary gets its share, no more and no less."""
    now = 0
    for index, share in enumerate(steps):
        allowance.set(max(now, share))
        answer = service.client.post(f"/v1/rollouts/{name}/step", {"to": index}, wait=20)
        confirmed = time.monotonic()
        assert answer.status == 200 and answer.json["phase"] == "holding", answer
        assert answer.json["traffic"]["asked_percent"] == share, answer
        assert abs(answer.json["traffic"]["applied_percent"] - share) <= 0.05, answer
        allowance.set(share, confirmed)
        now = share
        traffic.flows(STAY)
        held = traffic.sent_within(confirmed)
        canary = sum(r.model == "canary" for r in held)
        assert tail(canary, len(held), share / 100) > UNLIKELY, (share, canary, len(held))
        assert tail(len(held) - canary, len(held), 1 - share / 100) > UNLIKELY, (
            share, canary, len(held))


def nothing_wrong(traffic, allowance):
    assert traffic.failed() == []
    assert len(traffic.replies) > 4 * STAY
    assert windows_beyond(traffic.replies, allowance, unlikely=UNLIKELY) == []


def test_a_climb_to_promotion_fails_no_request_and_never_exceeds_what_was_asked(programs):
    service = programs.serve()
    begin(service, service.proxy, "climb", [5, 20, 50, 100])
    allowance = Allowance(0)
    with Traffic(service.proxy, "/climb") as traffic:
        climb(service, "climb", traffic, allowance, [5, 20, 50, 100])
        answer = service.client.post("/v1/rollouts/climb/promote", wait=20)
        promoted = time.monotonic()
        assert answer.status == 200 and answer.json["phase"] == "promoted", answer
        traffic.flows(STAY)
    nothing_wrong(traffic, allowance)
    assert {r.model for r in traffic.sent_within(promoted)} == {"canary"}


def test_an_abort_at_50_percent_fails_no_request_and_leaves_the_canary_nothing(programs):
    service = programs.serve()
    begin(service, service.proxy, "back", [5, 20, 50, 100])
    allowance = Allowance(0)
    with Traffic(service.proxy, "/back") as traffic:
        climb(service, "back", traffic, allowance, [5, 20, 50])
        answer = service.client.post(
            "/v1/rollouts/back/abort", {"reason": "errors doubled"}, wait=20)
        aborted = time.monotonic()
        assert answer.status == 200 and answer.json["phase"] == "aborted", answer
        assert answer.json["cause"]["message"] == "errors doubled", answer
        assert answer.json["traffic"]["asked_percent"] == 0, answer
        assert answer.json["traffic"]["applied_percent"] == 0, answer
        allowance.set(0, aborted)
        traffic.flows(500)
    nothing_wrong(traffic, allowance)
    after = traffic.sent_within(aborted)
    assert len(after) >= 500
    assert {r.model for r in after} == {"stable"}


def test_an_abort_overtakes_a_step_that_is_under_way(programs):
    service = programs.serve()
    begin(service, service.proxy, "overtaken", [20, 50])
    with Traffic(service.proxy, "/overtaken") as traffic:
        assert service.client.post("/v1/rollouts/overtaken/step", wait=0).status in (200, 202)
        answer = service.client.post("/v1/rollouts/overtaken/abort", wait=20)
        aborted = time.monotonic()
        assert answer.status == 200 and answer.json["phase"] == "aborted", answer
        traffic.flows(STAY)
    assert traffic.failed() == []
    assert {r.model for r in traffic.sent_within(aborted)} == {"stable"}
    again = service.client.post("/v1/rollouts/overtaken/step")
    assert problem(again, 409, "illegal-now")["phase"] == "aborted"
    assert again.json["actions"] == []


def test_a_promotion_is_undone_by_a_rollout_with_the_old_version_as_canary(programs):
    service = programs.serve()
    begin(service, service.proxy, "there", [50])
    with Traffic(service.proxy, "/there") as traffic:
        answer = service.client.post("/v1/rollouts/there/promote", wait=20)
        assert answer.status == 200 and answer.json["phase"] == "promoted", answer
        declined = service.client.post("/v1/rollouts/there/abort")
        problem(declined, 409, "illegal-now")
        old, new = plan("there")["stable"], plan("there")["canary"]
        answer = service.client.post("/v1/rollouts", {
            "name": "and-back", "route": {"name": "there-route"}, "stable": new, "canary": old,
            "steps": [{"percent": 100, "hold": {}}], "drain": "0s"}, wait=0)
        assert answer.status == 201, answer
        reaches(service.client, "and-back", "promoted")
        back = time.monotonic()
        traffic.flows(STAY)
    assert traffic.failed() == []
    assert {r.model for r in traffic.sent_within(back)} == {"stable"}
    assert rollout(service.client, "and-back")["upstream"]["name"] == "there-upstream"
