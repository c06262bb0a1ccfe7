"""Tokens, configuration, starting and stopping."""

import hashlib
import json
import signal

from program import free_port
from rollouts import plan, problem, reaches
from waiting import until


def token(name, role, secret, **more):
    return {
        "name": name, "role": role, "sha256": hashlib.sha256(secret.encode()).hexdigest(), **more}


TOKENS = [
    token("eve", "viewer", "look"),
    token("ci", "operator", "run"),
    token("ann", "admin", "all"),
    token("old", "admin", "past", expires="2020-01-01T00:00:00.000Z"),
]


def configured(programs, **more):
    file = programs.directory / "configuration.json"
    file.write_text(json.dumps({"tokens": TOKENS, **more}))
    return file


def test_roles_allow_what_they_say_and_no_more(programs):
    service = programs.serve("--config", configured(programs))
    as_ = {secret: service.client.having(Authorization=f"Bearer {secret}")
           for secret in ("look", "run", "all", "past", "wrong")}
    for open_path in ("/healthz", "/readyz", "/openapi.json", "/"):
        assert service.client.get(open_path).status == 200, open_path
    assert service.client.ask("OPTIONS", "/v1/rollouts").status in (200, 204)
    for path in ("/v1/rollouts", "/v1/events", "/v1/gateways", "/metrics", "/v1/rollouts/x",
                 "/nowhere"):
        for client in (service.client, as_["past"], as_["wrong"],
                       service.client.having(Authorization="Basic bG9vaw==")):
            refused = client.get(path)
            problem(refused, 401, "unauthenticated")
            assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert as_["look"].get("/v1/rollouts").status == 200
    assert as_["look"].get("/metrics").status == 200

    problem(as_["look"].post("/v1/rollouts", plan("mine")), 403, "forbidden")
    assert as_["look"].post("/v1/rollouts?dry_run=true", plan("mine")).status == 200
    problem(as_["run"].post("/v1/rollouts", plan("mine", adopt=True)), 403, "forbidden")
    assert as_["run"].post("/v1/rollouts", plan("mine"), wait=10).status == 201
    reaches(as_["look"], "mine", "holding")
    for verb in ("step", "pause", "abort"):
        problem(as_["look"].post(f"/v1/rollouts/mine/{verb}"), 403, "forbidden")
    problem(as_["look"].ask("PATCH", "/v1/rollouts/mine", {"labels": {}}), 403, "forbidden")
    problem(as_["run"].ask("PATCH", "/v1/rollouts/mine", {"adopt": True}), 403, "forbidden")
    problem(as_["look"].ask("DELETE", "/v1/rollouts/mine"), 403, "forbidden")
    problem(as_["run"].ask("DELETE", "/v1/rollouts/mine?abandon=true"), 403, "forbidden")
    assert as_["run"].post("/v1/rollouts/mine/pause", {"reason": "tea"}).status == 200
    last = as_["look"].get("/v1/rollouts/mine/events").json["items"][-1]
    assert (last["type"], last["actor"], last["reason"]) == ("paused", "ci", "tea")
    assert as_["all"].ask("DELETE", "/v1/rollouts/mine?abandon=true").status == 204
    assert as_["look"].get("/v1/rollouts/mine").status == 404


def test_keys_belong_to_their_actor(programs):
    service = programs.serve("--config", configured(programs))
    for secret, name in (("run", "of-ci"), ("all", "of-ann")):
        answer = service.client.having(Authorization=f"Bearer {secret}").post(
            "/v1/rollouts", plan(name), wait=0, headers={"Idempotency-Key": "same"})
        assert answer.status == 201 and answer.json["name"] == name, answer


def test_sighup_reads_the_tokens_again_and_keeps_them_when_the_file_is_bad(programs):
    file = configured(programs)
    service = programs.serve("--config", file)
    new = service.client.having(Authorization="Bearer fresh")
    old = service.client.having(Authorization="Bearer look")
    assert (new.get("/v1/rollouts").status, old.get("/v1/rollouts").status) == (401, 200)

    file.write_text(json.dumps({"tokens": [token("eve", "viewer", "fresh")]}))
    service.process.child.send_signal(signal.SIGHUP)
    until(lambda: new.get("/v1/rollouts").status == 200, "the new token is taken")
    assert old.get("/v1/rollouts").status == 401

    file.write_text('{"tokens": [')
    said = len(service.process.errors())
    service.process.child.send_signal(signal.SIGHUP)
    until(lambda: "SIGHUP" in service.process.errors()[said:], "the bad file is reported")
    assert new.get("/v1/rollouts").status == 200

    # Without a token everybody could do everything: not by a slip of the pen.
    assert service.process.terminate() == 0


def refused(programs, *arguments, environment=None):
    """Runs `serve`, which must refuse; returns what it said."""
    process = programs.run(
        "serve", "--data", programs.directory / "never", *arguments, environment=environment)
    assert process.wait(30) not in (0, None), process.story()
    assert process.child.returncode > 0, f"died of a signal: {process.story()}"
    assert not process.find("^listening on"), process.story()
    return process.errors() + "\n".join(process.lines)


def test_without_tokens_nothing_but_loopback_is_listened_on(programs):
    for address in ("0.0.0.0:0", "[::]:0"):
        said = refused(programs, "--sandbox", "--listen", address)
        assert "loopback" in said and "token" in said, said
    service = programs.serve("--config", configured(programs), listen="0.0.0.0:0")
    assert service.process.terminate() == 0


def test_without_a_gateway_both_ways_are_named(programs):
    said = refused(programs, "--listen", "127.0.0.1:0")
    assert "--kong" in said and "--sandbox" in said, said


def test_settings_that_are_wrong_are_refused_with_their_place(programs):
    file = programs.directory / "bad.json"
    here = ("--listen", "127.0.0.1:0")
    for content, words in (
        ({"listn": "127.0.0.1:1"}, ["listn"]),
        ({"tokens": [{**TOKENS[0], "sha256": "abc"}]}, ["tokens/0", "sha256"]),
        ({"tokens": [{**TOKENS[0], "role": "god"}]}, ["tokens/0", "viewer", "operator", "admin"]),
        ({"defaults": {"steps": [50, 20]}}, ["steps"]),
        ({"grace": "-5m"}, ["grace"]),
        ({"gateways": [{"name": "a"}]}, ["gateways/0/admin"]),
    ):
        file.write_text(json.dumps(content))
        said = refused(programs, "--sandbox", *here, "--config", file)
        assert all(word in said for word in words), (content, said)
    file.write_text('{"listen": "127.0.0.1:0", "listen": "127.0.0.1:1"}')
    assert "bad.json" in refused(programs, "--sandbox", "--config", file)
    assert "nowhere.json" in refused(programs, "--sandbox", "--config", "/nowhere.json")
    said = refused(programs, "--sandbox", *here, environment={"KONG_ROLLOUTS_LISTN": "x"})
    assert "KONG_ROLLOUTS_LISTN" in said
    assert refused(programs, "--sandbox", "--kong", "http://127.0.0.1:1")
    assert refused(programs, "--sandbox", "--listen", "somewhere")


def test_print_config_shows_the_result_with_secrets_hidden(programs):
    file = programs.directory / "configuration.json"
    file.write_text(json.dumps({
        "listen": "127.0.0.1:1", "tokens": TOKENS, "log_level": "error",
        "gateways": [{
            "name": "main", "admin": ["http://127.0.0.1:2"], "token": "kong-secret",
            "bearer": "konnect-secret", "headers": {"X-Key": "header-secret"}}]}))
    process = programs.run(
        "serve", "--print-config", "--config", file, "--listen", "127.0.0.1:3",
        environment={"KONG_ROLLOUTS_LISTEN": "127.0.0.1:4", "KONG_ROLLOUTS_LOG_LEVEL": "debug"})
    assert process.wait(30) == 0, process.story()
    text = "\n".join(process.lines)
    shown = json.loads(text)
    # The flag wins over the environment, the environment over the file.
    assert (shown["listen"], shown["log_level"]) == ("127.0.0.1:3", "debug"), shown
    assert shown["gateways"][0]["admin"] == ["http://127.0.0.1:2"], shown
    assert [t["name"] for t in shown["tokens"]] == ["eve", "ci", "ann", "old"], shown
    for secret in ("kong-secret", "konnect-secret", "header-secret", TOKENS[0]["sha256"]):
        assert secret not in text and secret not in process.errors()


def test_a_second_server_on_the_same_data_refuses_to_start(programs):
    first = programs.serve()
    second = programs.run(
        "serve", "--sandbox", "--listen", "127.0.0.1:0", "--data", programs.directory / "data")
    assert second.wait(30) not in (0, None), second.story()
    assert second.child.returncode > 0, second.story()
    assert str(programs.directory / "data") in second.errors() + "\n".join(second.lines)
    assert first.client.get("/readyz").status == 200


def test_sigterm_answers_what_is_waiting_and_ends_with_0(programs):
    import threading
    service = programs.serve(kong=[f"http://127.0.0.1:{free_port()}"])
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(
        service.client.post("/v1/rollouts", plan("waiting"), wait=60)))
    waiting.start()
    until(lambda: service.client.get("/v1/rollouts/waiting").status == 200, "it is saved")
    code = service.process.terminate(within=30)
    waiting.join(10)
    assert code == 0, service.process.story()
    assert answers and answers[0].status in (201, 503), answers
    service = programs.serve(kong=[f"http://127.0.0.1:{free_port()}"])
    assert service.client.get("/v1/rollouts/waiting").json["phase"] == "pending"


def test_sigterm_ends_an_idle_server_and_its_streams_at_once(programs):
    import http.client
    service = programs.serve()
    stream = http.client.HTTPConnection(service.client.host, timeout=30)
    stream.request("GET", "/v1/events", headers={"Accept": "text/event-stream"})
    answer = stream.getresponse()
    assert answer.status == 200
    assert service.process.terminate(within=15) == 0, service.process.story()
    rest = answer.read()
    assert rest.startswith(b"retry: 2000"), rest
    stream.close()


def test_a_unix_socket_is_served(programs):
    import socket
    path = programs.directory / "rollouts.sock"
    programs.run(
        "serve", "--sandbox", "--listen", f"unix:{path}", "--data", programs.directory / "data"
    ).printed("^listening on")
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(10)
        wire.connect(str(path))
        wire.sendall(b"GET /readyz HTTP/1.1\r\nHost: rollouts\r\nConnection: close\r\n\r\n")
        said = b""
        while part := wire.recv(4096):
            said += part
    assert said.startswith(b"HTTP/1.1 200"), said
