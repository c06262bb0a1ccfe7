"""What operators look at: liveness, readiness, metrics, gateways."""

import re

from rollouts import plan, reaches

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(\{{{LABEL}(?:,{LABEL})*\}})? (-?[0-9.eE+-]+|NaN|[+-]Inf)")
SUFFIXES = {"summary": ("_sum", "_count"), "histogram": ("_sum", "_count", "_bucket")}


def parsed(text):
    """Samples by name and labels; fails on what is not Prometheus' text format."""
    assert text.endswith("\n")
    types, helped, samples = {}, set(), {}
    for line in text.splitlines():
        if help_ := re.fullmatch(rf"# HELP ({NAME}) (.+)", line):
            assert help_[1] not in helped, line
            helped.add(help_[1])
        elif type_ := re.fullmatch(
                rf"# TYPE ({NAME}) (counter|gauge|summary|histogram|untyped)", line):
            assert type_[1] not in types, line
            types[type_[1]] = type_[2]
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, f"not in the format: {line!r}"
            owner = next(
                (n for n, kind in types.items()
                 if sample[1] in (n, *(n + s for s in SUFFIXES.get(kind, ())))), None)
            assert owner in helped, f"no TYPE and HELP before {line!r}"
            key = sample[1] + (sample[2] or "")
            assert key not in samples, f"twice: {key}"
            samples[key] = float(sample[3])
    return samples


def metrics(client):
    answer = client.get("/metrics")
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"].startswith("text/plain"), answer.headers.items()
    return parsed(answer.body.decode())


def test_metrics_are_prometheus_text_and_count_requests_and_rollouts(programs):
    client = programs.serve().client
    before = metrics(client)
    for _ in range(7):
        assert client.get("/v1/rollouts").status == 200
    for _ in range(3):
        assert client.get("/v1/rollouts/nobody").status == 404
    after = metrics(client)
    good = 'kong_rollouts_http_requests_total{method="GET",status="2xx"}'
    bad = 'kong_rollouts_http_requests_total{method="GET",status="4xx"}'
    # The first look is counted too, after it was answered.
    assert after[good] - before[good] == 8
    assert after[bad] - before[bad] == 3
    assert after["kong_rollouts_http_request_seconds_count"] \
        - before["kong_rollouts_http_request_seconds_count"] == 11

    assert after['kong_rollouts_rollouts{phase="holding"}'] == 0
    assert client.post("/v1/rollouts", plan("seen", [20]), wait=10).status == 201
    reaches(client, "seen", "holding")
    now = metrics(client)
    assert now['kong_rollouts_rollouts{phase="holding"}'] == 1
    assert now['kong_rollouts_asked_percent{rollout="seen"}'] == 20
    assert abs(now['kong_rollouts_applied_percent{rollout="seen"}'] - 20) <= 0.05
    assert now['kong_rollouts_events_total{type="created"}'] == 1


def test_alive_and_ready_are_told_and_the_index_shows_the_way(programs):
    client = programs.serve().client
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert answer.status == 200 and answer.json["status"], answer
    index = client.get("/")
    assert index.status == 200, index
    for member in ("rollouts", "events", "gateways", "contract"):
        assert client.get(index.json[member]).status == 200, member


def test_the_embedded_stand_in_says_what_it_is_at_every_start(programs):
    for _ in range(2):
        service = programs.serve()
        assert service.process.find("^SANDBOX: .*not Kong")
        assert service.process.terminate() == 0


def test_gateways_are_shown_as_they_are(programs):
    sandbox = programs.sandbox(admins=2)
    client = programs.serve(kong=[admin.address for admin in sandbox.admins]).client
    (gateway,) = client.get("/v1/gateways").json["items"]
    assert gateway["reachable"] and gateway["version"] == "3.9.1", gateway
    assert gateway["database_mode"] == "postgres", gateway
    assert [n["address"] for n in gateway["nodes"]] == [a.address for a in sandbox.admins]
    assert all(n["reachable"] and n["workers"] == 1 for n in gateway["nodes"]), gateway


def test_a_dbless_gateway_is_refused_at_create(programs):
    sandbox = programs.sandbox("--dbless")
    client = programs.serve(kong=[sandbox.admin.address]).client
    (gateway,) = client.get("/v1/gateways").json["items"]
    assert gateway["database_mode"] == "off", gateway
    answer = client.post("/v1/rollouts", plan("nowhere"), wait=5)
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "/gateway", answer
    assert client.get("/v1/rollouts").json["items"] == []
