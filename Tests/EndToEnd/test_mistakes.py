"""Bad input gets a problem that says what, where and what is allowed, and nothing changes."""

import json
import re
import socket

import pytest

from rollouts import CANARY, STABLE, plan, problem, reaches

HELD = "is-there"


@pytest.fixture(scope="module")
def service(shared_programs):
    service = shared_programs.serve()
    created = service.client.post("/v1/rollouts", plan(HELD), wait=10)
    assert created.status == 201, created
    reaches(service.client, HELD, "holding")
    return service


def kept(client):
    """All rollouts without what is only observed, and the whole history."""
    items = client.get("/v1/rollouts").json["items"]
    for item in items:
        del item["conditions"], item["traffic"]
    return items, client.get("/v1/events").json["items"]


@pytest.fixture
def client(service):
    """Whatever a test sends, nothing may have changed after it."""
    before = kept(service.client)
    yield service.client
    assert kept(service.client) == before
    assert service.client.get("/healthz").status == 200


def without(name):
    left = plan("bad")
    del left[name]
    return left


INVALID = {
    # what is wrong: (the request, every place that must be named)
    "no name": (without("name"), ["/name"]),
    "no canary": (without("canary"), ["/canary/targets"]),
    "no route": (without("route"), ["/route"]),
    "name with a slash": (plan("bad", name="a/b"), ["/name"]),
    "name in capitals": (plan("bad", name="Fraud"), ["/name"]),
    "name too long": (plan("bad", name="n" * 64), ["/name"]),
    "name of a wrong type": (plan("bad", name=7), ["/name"]),
    "an array": ([], [""]),
    "a number": (12, [""]),
    "null": (None, [""]),
    "an unknown member": (plan("bad", cannary={}), ["/cannary"]),
    "an unknown member within": (
        plan("bad", canary={"targets": [CANARY], "wieght": 20}), ["/canary/wieght"]),
    "weights of 120": (plan("bad", [20, 120]), ["/steps/1"]),
    "a share of 120 in an object": (plan("bad", [{"percent": 120}]), ["/steps/0/percent"]),
    "a share of 0": (plan("bad", [0, 50]), ["/steps/0"]),
    "a share below 0": (plan("bad", [-5]), ["/steps/0"]),
    "a share with three decimals": (plan("bad", [0.125]), ["/steps/0"]),
    "steps that fall": (plan("bad", [50, 20]), ["/steps/1"]),
    "steps that stay": (plan("bad", [20, 20]), ["/steps/1"]),
    "no steps": (plan("bad", []), ["/steps"]),
    "51 steps": (plan("bad", list(range(1, 52))), ["/steps"]),
    "steps as text": (plan("bad", steps="5, 20"), ["/steps"]),
    "a step as text": (plan("bad", ["20"]), ["/steps/0"]),
    "a share that is true": (plan("bad", [True]), ["/steps/0"]),
    "a hold of -5m": (
        plan("bad", [{"percent": 5, "hold": {"for": "-5m"}}]), ["/steps/0/hold/for"]),
    "a drain of -5m": (plan("bad", drain="-5m"), ["/drain"]),
    "a deadline of -5m": (plan("bad", progress_deadline="-5m"), ["/progress_deadline"]),
    "a duration without a unit": (plan("bad", drain="60"), ["/drain"]),
    "a duration as a number": (plan("bad", drain=60), ["/drain"]),
    "a duration beyond 720 h": (plan("bad", drain="721h"), ["/drain"]),
    "a duration in days": (plan("bad", drain="2d"), ["/drain"]),
    "an unknown hold": (
        plan("bad", [{"percent": 5, "hold": {"until": "noon"}}]), ["/steps/0/hold/until"]),
    "a verdict that is none": (
        plan("bad", [{"percent": 5, "hold": {"verdict": "unhealthy"}}]),
        ["/steps/0/hold/verdict"]),
    "a target without a port": (
        plan("bad", canary={"targets": ["canary.example.com"]}), ["/canary/targets/0"]),
    "a target with port 70000": (
        plan("bad", canary={"targets": ["canary.example.com:70000"]}), ["/canary/targets/0"]),
    "a target with a scheme": (
        plan("bad", canary={"targets": ["http://canary.example.com:80"]}),
        ["/canary/targets/0"]),
    "no targets": (plan("bad", canary={"targets": []}), ["/canary/targets"]),
    "101 targets": (
        plan("bad", canary={"targets": [f"c{i}.example.com:80" for i in range(101)]}),
        ["/canary/targets"]),
    "equal labels of versions": (
        plan("bad", canary={"version": "v6", "targets": [CANARY]}), ["/canary/version"]),
    "33 labels": (plan("bad", labels={f"l{i}": "x" for i in range(33)}), ["/labels"]),
    "a label that is a number": (plan("bad", labels={"team": 7}), ["/labels/team"]),
    "a label too long": (plan("bad", labels={"team": "x" * 64}), ["/labels/team"]),
    "start of another kind": (plan("bad", start="now"), ["/start"]),
    "adopt as text": (plan("bad", adopt="yes"), ["/adopt"]),
    "an unknown gateway": (plan("bad", gateway="elsewhere"), ["/gateway"]),
    "an analysis without a check": (plan("bad", analysis={"checks": []}), ["/analysis/checks"]),
    "an analysis by nothing known": (
        plan("bad", analysis={"checks": [{"metric": "luck"}], "alpha": 2}),
        ["/analysis/checks/0/metric", "/analysis/alpha"]),
    "a route path without a slash": (
        plan("bad", route={"paths": ["predict"]}), ["/route/paths/0"]),
    "an empty route": (plan("bad", route={}), ["/route"]),
    "a protocol of another kind": (
        plan("bad", service={"name": "s", "protocol": "grpc"}), ["/service/protocol"]),
    "a member with ~ and /": (plan("bad", **{"a/b~c": 1}), ["/a~1b~0c"]),
    "several faults at once": (
        plan("bad", [50, 20], name="A", drain="-1s", adopt=1),
        ["/steps/1", "/name", "/drain", "/adopt"]),
}


@pytest.mark.parametrize("what", INVALID)
def test_a_value_that_cannot_be_is_422_and_is_named(client, what):
    body, places = INVALID[what]
    answer = client.post("/v1/rollouts", json.dumps(body).encode(), headers={
        "Content-Type": "application/json"})
    found = problem(answer, 422, "invalid", *(("pointer", place) for place in places))
    assert len(found["errors"]) >= len(places)


def test_a_target_in_both_versions_is_422(client):
    both = plan("bad", canary={"version": "v7", "targets": [STABLE]})
    problem(client.post("/v1/rollouts", both), 422, "invalid")


DEEP = b'{"labels":' * 80 + b"1" + b"}" * 80
MALFORMED = {
    "no JSON": b"hello",
    "nothing": b"",
    "cut off": b'{"name": "x"',
    "something behind": b'{"name": "x"} {}',
    "a comma too many": b'{"name": "x",}',
    "single quotes": b"{'name': 'x'}",
    "NaN": b'{"steps": [NaN]}',
    "a leading zero": b'{"steps": [05]}',
    "invalid UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-8 longer than needed": b'{"name": "\xc0\xaf"}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "a control character in a string": b'{"name": "a\x01b"}',
    "a byte order mark": b'\xef\xbb\xbf{"name": "x"}',
    "a member twice": b'{"name": "x", "name": "y"}',
    "a member twice by escape": b'{"name": "x", "na\\u006de": "y"}',
    "a member twice within": b'{"canary": {"targets": [], "targets": []}}',
    "nested deeper than 64": DEEP,
    "arrays deeper than 64": b"[" * 65 + b"]" * 65,
    "arrays as deep as they fit": b"[" * 500_000,
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_body_that_is_not_json_is_400(client, what):
    answer = client.post("/v1/rollouts", MALFORMED[what], headers={
        "Content-Type": "application/json"})
    problem(answer, 400, "malformed")


def test_nesting_of_64_is_still_read(client):
    body = b"[" * 64 + b"]" * 64
    answer = client.post("/v1/rollouts", body, headers={"Content-Type": "application/json"})
    problem(answer, 422, "invalid")


def test_a_body_of_a_mebibyte_and_a_half_is_413_whether_announced_or_not(client, service):
    big = json.dumps(plan("bad", labels={"team": "x" * (3 << 19)})).encode()
    head = {"Content-Type": "application/json"}
    problem(client.post("/v1/rollouts", big, headers=head), 413, "too-large")
    chunked = raw(
        service, b"POST /v1/rollouts HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"%x\r\n%s\r\n0\r\n\r\n" % (len(big), big), ends=b"}")
    assert statuses(chunked) == [413], chunked[:500]


def test_too_big_is_said_before_the_body_is_asked_for(service):
    said = raw(
        service, b"POST /v1/rollouts HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\nContent-Length: 1572864\r\n"
        b"Expect: 100-continue\r\n\r\n", ends=b"}")
    assert statuses(said) == [413], said


PATHS = {
    # (method, path, body): (status, slug, places)
    "a percent sign alone": ("GET", "/v1/rollouts/%", None, 400, "malformed"),
    "an escape of no digits": ("GET", "/v1/rollouts/%zz", None, 400, "malformed"),
    "half an escape": ("GET", "/v1/rollouts/a%4", None, 400, "malformed"),
    "an escape that is not UTF-8": ("GET", "/v1/rollouts/%ff", None, 400, "malformed"),
    "an escaped NUL": ("GET", "/v1/rollouts/is-there%00x", None, (400, 404), None),
    "a name with an escaped slash": ("GET", "/v1/rollouts/is-there%2Fplan", None, 404, "not-found"),
    "a name in capitals": ("GET", "/v1/rollouts/IS-THERE", None, 404, "not-found"),
    "a rollout that is not there": ("GET", "/v1/rollouts/nobody", None, 404, "not-found"),
    "dots": ("GET", "/v1/rollouts/../../etc/passwd", None, 404, "not-found"),
    "a path that is not there": ("GET", "/v2/rollouts", None, 404, "not-found"),
    "a slash at the end": ("GET", "/v1/rollouts/", None, 404, "not-found"),
    "a verb that is not there": ("POST", "/v1/rollouts/is-there/explode", {}, 404, "not-found"),
    "PUT": ("PUT", "/v1/rollouts/is-there", {}, 405, "method-not-allowed"),
    "DELETE of all": ("DELETE", "/v1/rollouts", None, 405, "method-not-allowed"),
    "GET of a verb": ("GET", "/v1/rollouts/is-there/abort", None, 405, "method-not-allowed"),
    "a method of nobody": ("BREW", "/v1/rollouts", None, 405, "method-not-allowed"),
    "a method in small letters": ("get", "/v1/rollouts", None, 405, "method-not-allowed"),
}


@pytest.mark.parametrize("what", PATHS)
def test_a_path_or_method_that_is_wrong_is_told(client, what):
    method, path, body, status, slug = PATHS[what]
    answer = client.ask(method, path, body)
    if slug is None:
        assert answer.status in status, answer
        assert answer.headers.get_content_type() == "application/problem+json", answer
    else:
        problem(answer, status, slug)
    if answer.status == 405:
        assert answer.headers["Allow"], answer.headers.items()


QUERIES = {
    "dry-run=true": ("POST", "/v1/rollouts?dry-run=true", "dry-run"),
    "dry_run=yes": ("POST", "/v1/rollouts?dry_run=yes", "dry_run"),
    "dry_run twice": ("POST", "/v1/rollouts?dry_run=true&dry_run=true", "dry_run"),
    "unknown on a list": ("GET", "/v1/rollouts?phases=active", "phases"),
    "unknown on one": ("GET", f"/v1/rollouts/{HELD}?verbose=1", "verbose"),
    "unknown on a verb": ("POST", f"/v1/rollouts/{HELD}/abort?force=1", "force"),
    "unknown on DELETE": ("DELETE", f"/v1/rollouts/{HELD}?abandom=true", "abandom"),
    "a phase of nobody": ("GET", "/v1/rollouts?phase=active,asleep", "phase"),
    "limit=0": ("GET", "/v1/rollouts?limit=0", "limit"),
    "limit=201": ("GET", "/v1/rollouts?limit=201", "limit"),
    "limit=1e2": ("GET", "/v1/rollouts?limit=1e2", "limit"),
    "limit twice": ("GET", "/v1/rollouts?limit=1&limit=2", "limit"),
    "a cursor of nobody": ("GET", "/v1/rollouts?cursor=here", "cursor"),
    "a label without a value": ("GET", "/v1/rollouts?label=team", "label"),
    "after=-1": ("GET", "/v1/events?after=-1", "after"),
}


@pytest.mark.parametrize("what", QUERIES)
def test_a_query_that_is_wrong_is_400_and_is_named(client, what):
    method, path, name = QUERIES[what]
    body = plan("bad") if path.startswith("/v1/rollouts?dry") else None
    problem(client.ask(method, path, body), 400, "malformed", ("parameter", name))


def test_a_query_with_a_bad_escape_is_400(client):
    problem(client.get("/v1/rollouts?service=%zz"), 400, "malformed")


def test_a_dry_run_saves_nothing(client):
    answer = client.post("/v1/rollouts?dry_run=true", plan("only-asked"))
    assert answer.status == 200 and answer.json["calls"], answer
    problem(client.get("/v1/rollouts/only-asked"), 404, "not-found")


@pytest.mark.parametrize("sent", [
    "text/plain", "application/x-www-form-urlencoded", "application/jsonx",
    "multipart/form-data; boundary=x", "application/merge-patch+json", ""])
def test_a_body_of_another_type_is_415(client, sent):
    problem(
        client.post("/v1/rollouts", json.dumps(plan("bad")).encode(), headers={
            "Content-Type": sent}),
        415, "unsupported-media-type")


def test_a_patch_of_another_type_is_415_and_says_what_is_accepted(client):
    answer = client.ask("PATCH", f"/v1/rollouts/{HELD}", b"[]", headers={
        "Content-Type": "application/json-patch+json"})
    problem(answer, 415, "unsupported-media-type")
    assert "application/merge-patch+json" in answer.headers["Accept-Patch"]


COMMANDS = {
    "to and percent": ("step", {"to": 1, "percent": 30}, 422),
    "to outside the plan": ("step", {"to": 9}, 422),
    "to below 0": ("step", {"to": -1}, 422),
    "to with a fraction": ("step", {"to": 0.5}, 422),
    "percent of 120": ("step", {"percent": 120}, 422),
    "percent of 0": ("step", {"percent": 0}, 422),
    "percent as text": ("step", {"percent": "30"}, 422),
    "an unknown member": ("step", {"too": 1}, 422),
    "a step's member on abort": ("abort", {"to": 1}, 422),
    "a reason that is a number": ("abort", {"reason": 7}, 422),
    "a reason too long": ("abort", {"reason": "x" * 1001}, 422),
    "an array": ("promote", [], 422),
    "resume of what is not paused": ("resume", {}, 409),
}


@pytest.mark.parametrize("what", COMMANDS)
def test_a_command_that_cannot_be_changes_nothing(client, what):
    verb, body, status = COMMANDS[what]
    slug = {422: "invalid", 409: "illegal-now"}[status]
    found = problem(client.post(f"/v1/rollouts/{HELD}/{verb}", body), status, slug)
    if status == 409:
        assert found["phase"] == "holding" and "step" in found["actions"], found


PATCHES = {
    "a member that is fixed": ({"drain": "5s"}, ["/drain"]),
    "another name": ({"name": "else"}, ["/name"]),
    "fewer steps than were made": ({"steps": []}, ["/steps"]),
    "adopt as text": ({"adopt": "yes"}, ["/adopt"]),
    "a deadline of -5m": ({"progress_deadline": "-5m"}, ["/progress_deadline"]),
    "an unknown member": ({"weight": 12}, ["/weight"]),
    "an array": ([], [""]),
}


@pytest.mark.parametrize("what", PATCHES)
def test_a_patch_that_cannot_be_changes_nothing(client, what):
    body, places = PATCHES[what]
    problem(
        client.ask("PATCH", f"/v1/rollouts/{HELD}", body), 422, "invalid",
        *(("pointer", place) for place in places))


def test_the_share_of_the_present_step_is_not_patched(client):
    answer = client.ask("PATCH", f"/v1/rollouts/{HELD}", {"steps": [10, 20, 50, 100]})
    problem(answer, 409, "illegal-now", ("pointer", "/steps/0/percent"))


@pytest.mark.parametrize("tag", ['"999"', '"0"', 'W/"999"', "999", '"1", "999"', '"x"'])
def test_a_stale_if_match_is_412(client, tag):
    for answer in (
        client.post(f"/v1/rollouts/{HELD}/abort", headers={"If-Match": tag}),
        client.ask("PATCH", f"/v1/rollouts/{HELD}", {"labels": {"a": "b"}}, headers={
            "If-Match": tag}),
        client.ask("DELETE", f"/v1/rollouts/{HELD}", headers={"If-Match": tag}),
    ):
        problem(answer, 412, "stale-revision")


def test_what_is_there_already_is_409_and_says_who(client):
    problem(client.post("/v1/rollouts", plan(HELD)), 409, "name-taken")
    second = plan("second", upstream={"name": f"{HELD}-upstream"})
    assert problem(client.post("/v1/rollouts", second), 409, "upstream-held")["holder"] == HELD


def test_a_rollout_that_runs_is_not_deleted(client):
    problem(client.ask("DELETE", f"/v1/rollouts/{HELD}"), 409, "illegal-now")


def test_an_origin_or_a_host_that_is_not_ours_is_403(client):
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        problem(
            client.post(f"/v1/rollouts/{HELD}/abort", headers=headers), 403, "forbidden")


def test_a_key_of_no_or_too_many_characters_is_400(client):
    for key in ("", "k" * 256, "clé"):
        answer = client.post(
            f"/v1/rollouts/{HELD}/abort", headers={"Idempotency-Key": key.encode("latin-1")})
        problem(answer, 400, "malformed", ("header", "Idempotency-Key"))


def test_headers_and_targets_beyond_their_limits_are_431_and_414(client):
    # The library's own answer stands in where the head does not fit into its memory.
    assert client.get("/v1/rollouts", headers={"X-Big": "x" * 40_000}).status == 431
    for headers in ({"X-Big": "x" * 12_000}, {f"X-{i}": "y" for i in range(150)}):
        problem(client.get("/v1/rollouts", headers=headers), 431, "too-large")
    problem(client.get("/v1/rollouts?service=" + "x" * 5000), 414, "too-large")


# Request smuggling: what another server before this one could read in another way.

VICTIM = f"POST /v1/rollouts/{HELD}/abort HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
START = b"POST /v1/rollouts HTTP/1.1\r\nHost: localhost\r\n"
TYPE = b"Content-Type: application/json\r\n"


def with_length(fields, body=VICTIM):
    return START + TYPE + fields + b"\r\n" + body


SMUGGLING = {
    "length and chunked": (
        with_length(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                    b"0\r\n\r\n" + VICTIM), {400}),
    "chunked and length": (
        with_length(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                    b"0\r\n\r\n" + VICTIM), {400}),
    "two lengths that differ": (
        with_length(b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(VICTIM)), {400}),
    "two lengths that are equal": (
        with_length(b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}" + VICTIM), {400}),
    "a list of lengths": (with_length(b"Content-Length: 5, 5\r\n"), {400}),
    "a length with a sign": (with_length(b"Content-Length: +5\r\n"), {400}),
    "a length below 0": (with_length(b"Content-Length: -1\r\n"), {400}),
    "a length in hexadecimal": (with_length(b"Content-Length: 0x5\r\n"), {400}),
    "a length beyond all numbers": (
        with_length(b"Content-Length: 99999999999999999999999\r\n"), {400, 413}),
    "chunked twice": (
        with_length(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                    b"0\r\n\r\n" + VICTIM), {400}),
    "another coding": (
        with_length(b"Transfer-Encoding: gzip\r\n"), {400, 501}),
    "identity": (with_length(b"Transfer-Encoding: identity\r\n"), {400, 501}),
    "a coding that only looks like chunked": (
        with_length(b"Transfer-Encoding: xchunked\r\n"), {400, 501}),
    "a space before the colon": (
        with_length(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + VICTIM), {400}),
    "a tab in a name": (
        with_length(b"Transfer\tEncoding: chunked\r\n", b"0\r\n\r\n" + VICTIM), {400}),
    "a folded header": (
        with_length(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n" + VICTIM), {400, 501}),
    "a folded header of another name": (
        START + b"X-Some: thing\r\n Transfer-Encoding: chunked\r\n\r\n" + VICTIM, {400}),
    "a bare carriage return in a value": (
        START + b"X-Some: thing\rTransfer-Encoding: chunked\r\n\r\n" + VICTIM, {400}),
    "two hosts": (
        b"POST /v1/rollouts HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n" + VICTIM,
        {400}),
    "no host": (b"POST /v1/rollouts HTTP/1.1\r\n\r\n" + VICTIM, {400}),
    "a host with a space": (
        b"POST /v1/rollouts HTTP/1.1\r\nHost: local host\r\n\r\n" + VICTIM, {400}),
    "chunked in HTTP/1.0": (
        b"POST /v1/rollouts HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\n" + VICTIM, {400}),
    "a chunk size that is none": (
        with_length(b"Transfer-Encoding: chunked\r\n", b"zz\r\n{}\r\n0\r\n\r\n" + VICTIM), {400}),
    "a chunk size beyond all numbers": (
        with_length(b"Transfer-Encoding: chunked\r\n",
                    b"fffffffffffffffff0\r\n{}\r\n0\r\n\r\n" + VICTIM), {400, 413}),
    "another version": (
        b"POST /v1/rollouts HTTP/3.7\r\nHost: localhost\r\n\r\n" + VICTIM, {400, 505}),
    "a version in small letters": (
        b"POST /v1/rollouts http/1.1\r\nHost: localhost\r\n\r\n" + VICTIM, {400, 505}),
    "a space in the target": (
        b"POST /v1/roll outs HTTP/1.1\r\nHost: localhost\r\n\r\n" + VICTIM, {400, 404, 505}),
    "a name that is no token": (START + b"X(y): z\r\n\r\n" + VICTIM, {400}),
}


def raw(service, request, ends=None, within=10.0):
    """Everything the server says to `request` until it closes, or until `ends`."""
    said = b""
    with socket.create_connection(("127.0.0.1", service.client.port), timeout=within) as wire:
        try:
            wire.sendall(request)
            while not (ends and said.endswith(ends)):
                part = wire.recv(65536)
                if not part:
                    break
                said += part
        except (ConnectionResetError, BrokenPipeError):
            pass
    return said


def statuses(said):
    return [int(code) for code in re.findall(rb"^HTTP/1\.[01] (\d{3})", said, flags=re.M)]


@pytest.mark.parametrize("what", SMUGGLING)
def test_a_smuggled_request_is_refused_and_the_connection_closed(client, service, what):
    """`raw` returns only once the server has closed: a time-out is a failure."""
    request, allowed = SMUGGLING[what]
    said = raw(service, request)
    found = statuses(said)
    if b"<html>" in said:
        # Some the library refuses by itself, with a page that no program can replace; version
        # 0.9.75 sends its head twice.
        assert set(found) <= allowed and len(found) in (1, 2) and said.count(b"<html>") == 1, said
        return
    assert len(found) == 1 and found[0] in allowed, (found, said)
    assert b"application/problem+json" in said and b"X-Request-Id" in said, said


NAMELESS = {
    "a NUL in a value":
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
    "bare line feeds": b"GET /healthz HTTP/1.1\nHost: localhost\n\n",
    "a line that ends the head for the library":
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n: x\r\n",
}


@pytest.mark.parametrize("what", NAMELESS)
def test_what_the_library_lets_pass_smuggles_nothing(service, what):
    """The request behind it is not served: where it begins is in doubt."""
    victim = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert statuses(raw(service, NAMELESS[what] + victim)) == [400]


def test_a_head_that_never_ends_does_not_hold_up_others(client, service):
    with socket.create_connection(("127.0.0.1", service.client.port), timeout=10) as wire:
        wire.sendall(b"POST /v1/rollouts HTTP/1.1\r\nHost: local")
        assert client.get(f"/v1/rollouts/{HELD}").status == 200
