"""The truth of the traffic: what Kong tells, what is made of it, and what follows."""

import hashlib
import http.client
import json

import pytest

from judged import (
    ERRORS, analysed, analysis, begin, endpoint, load, model, plugins, record)
from program import free_port
from rollouts import CANARY, STABLE, history, percent, plan, problem, reaches, rollout
from waiting import until

STANDARD = {
    "enabled": True, "alpha": 0.01, "after": "0s", "on_unhealthy": "abort", "no_data": "hold",
    "no_data_after": "5m", "require": "no_alarm", "min_requests": 300, "score": None,
    "checks": [{"metric": "error_rate", "max_increase": 0.01},
               {"metric": "latency", "quantile": 0.95, "max_ratio": 1.25}],
}
ACCURACY = {
    "metric": "measurement", "name": "accuracy", "range": [0, 1], "better": "higher"}


@pytest.fixture
def service(programs):
    return programs.serve()


def weights(service, name):
    rows = service.admin.get(f"/upstreams/{name}-upstream/targets").json["data"]
    return {row["target"]: row["weight"] for row in rows}


def test_a_rollout_is_judged_by_default_and_kong_tells_of_it(service):
    begin(service, "watched")
    assert rollout(service.client, "watched")["analysis"] == STANDARD
    path, secret = endpoint(service, "watched")
    config = plugins(service)["watched"]["config"]
    assert config["http_endpoint"].startswith(service.address), config
    assert config["method"] == "POST" and config["queue"]["max_batch_size"] == 200, config
    with load(service, "watched"):
        seen = analysed(
            service, "watched", lambda a: a["step"] and a["step"]["canary"]["attempts"] >= 20)
        shown = until(
            lambda: rollout(service.client, "watched")["traffic"]["observed"], "a share is seen")
    assert 0 <= shown["low"] <= shown["percent"] <= shown["high"] <= 100, shown
    assert shown["requests"] > 0 and seen["telemetry"]["records"] > 0
    assert seen["telemetry"]["malformed_records"] == seen["telemetry"]["foreign_attempts"] == 0
    condition = next(
        c for c in rollout(service.client, "watched")["conditions"]
        if c["type"] == "telemetry_arriving")
    assert condition["status"] == "true", condition
    for path in ("/v1/rollouts/watched", "/v1/rollouts", "/v1/events", "/metrics",
                 "/v1/rollouts/watched/plan", "/v1/rollouts/watched/analysis"):
        assert secret not in service.client.get(path).body.decode(), path
    assert secret not in service.process.errors()


def test_a_canary_that_turns_bad_is_taken_back_with_the_evidence(service):
    begin(service, "bad", analysis=ERRORS)
    with load(service, "bad", rate=200) as traffic:
        analysed(service, "bad", lambda a: a["step"] and a["step"]["canary"]["attempts"] >= 100)
        model(service, "canary", error_rate=0.3)
        aborted = reaches(service.client, "bad", "aborted", 40)
        assert percent(weights(service, "bad")) == 0
        count = len(traffic.replies)
        traffic.flows(50)
        assert all(r.note == 200 for r in traffic.replies[count + 20:])
    cause = aborted["cause"]
    assert (cause["by"], cause["reason"]) == ("judge", "unhealthy"), cause
    evidence = cause["evidence"]
    assert evidence["check"] == evidence["metric"] == "error_rate", evidence
    assert evidence["limit"] == "max_increase" and evidence["threshold"] == 0.01, evidence
    assert evidence["e_value"] >= evidence["needed"] > 1, evidence
    assert evidence["canary"] > evidence["stable"] + 0.01, evidence
    assert evidence["canary_count"] > 0 and evidence["from"] < evidence["to"], evidence
    kept = [e for e in history(service.client, "bad") if e["data"].get("cause")]
    assert kept[0]["actor"] == "judge" and kept[0]["data"]["cause"]["evidence"] == evidence
    after = analysis(service, "bad")
    assert after["verdict"] == "unhealthy" and after["alarm"] == evidence, after
    until(lambda: "bad" not in plugins(service), "the plugins are taken out", 20)


def test_failures_that_kong_hides_are_seen(service):
    begin(service, "dead", analysis=ERRORS)
    with load(service, "dead") as traffic:
        analysed(service, "dead", lambda a: a["step"] and a["step"]["canary"]["attempts"] >= 40)
        model(service, "canary", up=False)
        aborted = reaches(service.client, "dead", "aborted", 40)
    assert aborted["cause"]["evidence"]["check"] == "error_rate", aborted["cause"]
    assert traffic.statuses() == {200}, traffic.statuses()


@pytest.mark.parametrize(("reaction", "phase"), [("pause", "paused"), ("report", "holding")])
def test_a_reaction_may_be_milder(service, reaction, phase):
    begin(service, "mild", analysis={**ERRORS, "on_unhealthy": reaction})
    model(service, "canary", error_rate=0.5)
    with load(service, "mild"):
        seen = analysed(service, "mild", lambda a: a["verdict"] == "unhealthy")
        found = reaches(service.client, "mild", phase)
        judged = until(
            lambda: [e for e in history(service.client, "mild") if e["actor"] == "judge"],
            "history tells of it")
    assert percent(weights(service, "mild")) == 20
    assert seen["alarm"]["check"] == "error_rate", seen["alarm"]
    assert judged[0]["data"]["cause"]["reason"] == "unhealthy", judged
    if phase == "paused":
        assert found["cause"]["by"] == "judge" and "resume" in found["actions"]
        assert service.client.post("/v1/rollouts/mild/resume", wait=10).status in (200, 202)


def test_healthy_traffic_opens_the_gate(service):
    steps = [{"percent": 20, "hold": {"verdict": "healthy"}}, 50]
    created = service.client.post("/v1/rollouts", plan(
        "good", steps, analysis={**ERRORS, "min_requests": 100}), wait=20)
    assert created.status == 201, created
    waiting = reaches(service.client, "good", "holding")
    assert waiting["step"]["waiting_for"] == ["verdict"], waiting["step"]
    first = analysis(service, "good")
    assert first["verdict"] == "inconclusive" and first["missing_requests"] in (None, 100)
    with load(service, "good"):
        seen = analysed(
            service, "good",
            lambda a: a["missing_requests"] is not None and 0 < a["missing_requests"] < 100
            and a["missing_seconds"] is not None)
        assert seen["verdict"] == "inconclusive" and "too_few_requests" in seen["reasons"], seen
        until(
            lambda: rollout(service.client, "good")["step"]["index"] == 1, "it goes on by itself",
            40)


@pytest.mark.parametrize(("silence", "phase"), [("pause", "paused"), ("abort", "aborted")])
def test_silence_may_stop_a_rollout(service, silence, phase):
    created = service.client.post("/v1/rollouts", plan(
        "quiet", [20, 50],
        analysis={**ERRORS, "no_data": silence, "no_data_after": "1s"}), wait=20)
    assert created.status == 201, created
    stopped = reaches(service.client, "quiet", phase, 30)
    assert (stopped["cause"]["by"], stopped["cause"]["reason"]) == ("judge", "no_data"), stopped


def test_without_an_address_for_kong_nothing_is_judged(programs):
    sandbox = programs.sandbox()
    service = programs.serve(kong=[sandbox.admin.address])
    created = service.client.post("/v1/rollouts", plan("unseen"), wait=20)
    assert created.status == 201 and created.json["analysis"] == {**STANDARD, "enabled": False}
    asked = service.client.post("/v1/rollouts", plan("asked", analysis={"enabled": True}))
    found = problem(asked, 422, "invalid", ("pointer", "/analysis"))
    assert "--public-url" in found["errors"][0]["detail"], found
    problem(service.client.ask("PATCH", "/v1/rollouts/unseen", {"analysis": {"enabled": True}}),
            422, "invalid", ("pointer", "/analysis"))
    assert analysis(service, "unseen")["reasons"] == ["disabled"]
    assert sandbox.admin.get("/plugins").json["data"] == []


def test_a_patch_changes_what_it_names(service):
    begin(service, "merged", analysis={**ERRORS, "alpha": 0.05})

    def patched(change):
        answer = service.client.ask("PATCH", "/v1/rollouts/merged", {"analysis": change})
        assert answer.status == 200, answer
        return answer.json["analysis"]
    assert patched({"alpha": 0.1}) == {**STANDARD, "alpha": 0.1, **ERRORS}
    assert patched({"alpha": None})["alpha"] == 0.01
    scored = patched({"score": {"header": "X-Model-Score"}})
    assert scored["score"] == {"header": "x-model-score"}
    assert scored["checks"] == [*ERRORS["checks"], {"metric": "score_drift", "max_distance": 0.1}]
    assert patched(scored) == scored
    assert patched({"score": None})["checks"] == ERRORS["checks"]
    assert patched(None) == STANDARD
    assert patched({"enabled": False}) == {**STANDARD, "enabled": False}
    until(lambda: "merged" not in plugins(service), "the plugins are taken out", 20)
    for wrong, place in [
        ({"alpha": 7}, "/analysis/alpha"), ({"checks": []}, "/analysis/checks"),
        ({"speed": 1}, "/analysis/speed"), ([], "/analysis"),
        ({"checks": [{"metric": "latency", "quantile": 95}]}, "/analysis/checks/0/quantile"),
        ({"checks": [{"metric": "prometheus", "query": "up", "max": 1}]},
         "/analysis/checks/0/metric"),
    ]:
        answer = service.client.ask("PATCH", "/v1/rollouts/merged", {"analysis": wrong})
        problem(answer, 422, "invalid", ("pointer", place))


def test_records_need_the_rollout_s_secret_and_nothing_else(programs):
    file = programs.directory / "configuration.json"
    digest = hashlib.sha256(b"all").hexdigest()
    file.write_text(json.dumps({"tokens": [{"name": "ann", "role": "admin", "sha256": digest}]}))
    service = programs.serve("--config", file)
    anonymous = service.client
    service.client = anonymous.having(Authorization="Bearer all")
    begin(service, "posted", analysis=ERRORS)
    path, secret = endpoint(service, "posted")

    def post(body, to=path, **headers):
        return anonymous.ask("POST", to, body, headers={"Host": "rollouts.example", **headers})

    def counts():
        return analysis(service, "posted")["telemetry"]
    records = [record(n, CANARY if n % 5 == 0 else STABLE) for n in range(50)]
    for body in (
        records, records, record(99, STABLE), b"", b"no JSON", b'[{"request": 7}, 8, [], {}]',
        b"[" * 10_000, [record(100, "elsewhere.example:80")],
    ):
        answer = post(body)
        assert (answer.status, answer.body) == (204, b""), answer
    assert post(json.dumps(records).encode(), **{"Content-Type": "text/plain"}).status == 204
    found = counts()
    assert found["records"] >= 51 and found["duplicate_records"] >= 50, found
    assert found["malformed_records"] > 0 and found["foreign_attempts"] == 1, found
    seen = analysis(service, "posted")
    assert seen["total"]["canary"]["attempts"] == 10 and seen["total"]["stable"]["attempts"] == 41
    answers = [post(records, to) for to in (
        path[:-1] + ("0" if secret[-1] != "0" else "1"), path + "0", path.replace("posted", "nobody"),
        f"/v1/telemetry/kong/posted/{'0' * 32}", "/v1/telemetry/kong/posted")]
    for answer in answers:
        problem(answer, 404, "not-found")
        assert answer.json["detail"] == answers[0].json["detail"], answer
    assert counts() == found
    # Refused by its head: nobody has to send the body first.
    connection = http.client.HTTPConnection(anonymous.host, timeout=20)
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", str((8 << 20) + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    assert post(b" " * (8 << 20)).status == 204
    assert anonymous.get(path).status == 405
    assert service.client.post("/v1/rollouts/posted/abort", wait=10).status in (200, 202)
    reaches(service.client, "posted", "aborted")
    assert post(records).status == 204
    assert secret not in service.process.errors()


def beside(programs, sandbox, listen):
    """A service on a stand-in that outlives it."""
    service = programs.serve(
        "--public-url", f"http://{listen}", kong=[sandbox.admin.address], listen=listen)
    service.admin, service.proxy = sandbox.admin, sandbox.proxy
    return service


def test_measurements_are_kept_before_they_are_answered(programs):
    sandbox, listen = programs.sandbox(), f"127.0.0.1:{free_port()}"
    service = beside(programs, sandbox, listen)
    begin(service, "measured", analysis={"checks": [ACCURACY, *ERRORS["checks"]]})
    path = "/v1/rollouts/measured/measurements"

    def push(version, *values, **options):
        return service.client.post(
            path, {"metric": "accuracy", "version": version, "values": list(values)}, **options)
    assert push("v7", 0.9).status == 202 and push("stable", 0.8, 0.7).status == 202
    key = {"Idempotency-Key": "once"}
    for turn in range(2):
        again = push("canary", 0.9, headers=key)
        assert again.status == 202, again
        assert (again.headers["Idempotency-Replayed"] == "true") is (turn == 1), again.headers

    def check():
        found = analysis(service, "measured")["checks"][0]
        assert found["metric"] == "measurement", found
        return found
    assert check()["unpaired_values"] == 0 and check()["canary"]["count"] == 2, check()
    push("canary", 0.5)
    assert check()["unpaired_values"] == 1
    before = check()["comparison"]["e_value"]
    service.process.kill()
    service = beside(programs, sandbox, listen)
    found = until(lambda: (analysis(service, "measured")["checks"] or [None])[0], "judged again")
    assert found["unpaired_values"] == 1 and found["comparison"]["e_value"] == before, found

    bad = service.client.post(path, {"measurements": [
        {"metric": "accuracy", "version": "v7", "value": 93},
        {"metric": "acuracy", "version": "v8", "value": 0.9}]})
    problem(bad, 422, "invalid", ("pointer", "/measurements/0/value"),
            ("pointer", "/measurements/1/metric"), ("pointer", "/measurements/1/version"))
    for _ in range(12):
        if rollout(service.client, "measured")["phase"] != "holding":
            break
        push("stable", *[0.9] * 20)
        push("canary", *[0.4] * 20)
    aborted = reaches(service.client, "measured", "aborted")
    assert aborted["cause"]["evidence"]["metric"] == "measurement", aborted["cause"]
    assert "accuracy" in aborted["cause"]["evidence"]["check"], aborted["cause"]
    problem(push("canary", 0.9), 409, "illegal-now")


def test_evidence_survives_a_restart(programs):
    sandbox, listen = programs.sandbox(), f"127.0.0.1:{free_port()}"
    service = beside(programs, sandbox, listen)
    begin(service, "kept", analysis={**ERRORS, "on_unhealthy": "report"})
    path, _ = endpoint(service, "kept")
    batch = [record(n, CANARY if n % 5 == 0 else STABLE) for n in range(500)]
    assert service.client.ask("POST", path, batch).status == 204

    def evidence():
        return analysis(service, "kept")["checks"][0]["comparison"]["e_value"]

    def saved():
        journal = programs.directory / "data" / "journal.jsonl"
        return journal.read_bytes().count(b'"evidence/kept"')
    before, count = evidence(), saved()
    assert before != 1
    # Saved with every step, and once a minute.
    assert service.client.post("/v1/rollouts/kept/step", {"to": 1}, wait=10).status in (200, 202)
    until(lambda: saved() > count, "evidence is saved with the step", 20)
    service.process.kill()
    service = beside(programs, sandbox, listen)
    until(lambda: analysis(service, "kept")["checks"], "judged again")
    assert evidence() == before
    assert analysis(service, "kept")["alpha"] == 0.01
    assert endpoint(service, "kept")[0] == path
    again = service.client.ask("POST", path, [record(n, CANARY) for n in range(600, 610)])
    assert again.status == 204 and analysis(service, "kept")["telemetry"]["records"] == 10
