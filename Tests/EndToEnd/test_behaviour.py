"""Steps, holds, deadlines, drift and links, as the interface promises them."""

import http.server
import ssl
import subprocess
import threading
import time
import urllib.request

from program import free_port
from rollouts import CANARY, STABLE, history, may, percent, plan, problem, reaches, rollout
from waiting import until


def test_holds_are_met_by_time_through_a_restart_and_the_last_step_promotes(programs):
    sandbox = programs.sandbox(state=200)
    service = programs.serve(kong=[sandbox.admin.address])
    steps = [{"percent": 10, "hold": {}}, {"percent": 40, "hold": {"for": "4s"}},
             {"percent": 70, "hold": {"for": "1s"}}]
    assert service.client.post("/v1/rollouts", plan("timed", steps), wait=0).status == 201
    until(lambda: (
        (s := rollout(service.client, "timed"))["phase"] == "holding"
        and s["step"]["index"] == 1), "it holds at 40 %")
    held = time.monotonic()
    assert rollout(service.client, "timed")["step"]["waiting_for"] == ["time"]
    service.process.kill()
    service = programs.serve(kong=[sandbox.admin.address])
    reaches(service.client, "timed", "promoted", within=20)
    assert time.monotonic() - held >= 4.5, "the hold was cut short"
    shares = [e["data"].get("asked_percent") for e in history(service.client, "timed")]
    assert [s for i, s in enumerate(shares) if i == 0 or s != shares[i - 1]] == [
        0, 10, 40, 70, 100]
    weights = sandbox.weights("timed-upstream")
    assert weights.get(STABLE, 0) == 0 and weights[CANARY] > 0, weights


def test_a_share_outside_the_plan_and_steps_back_are_taken(programs):
    client = programs.serve().client
    assert client.post("/v1/rollouts", plan("free", [10, 50]), wait=10).status == 201
    reaches(client, "free", "holding")
    answer = client.post("/v1/rollouts/free/step", {"percent": 33.33}, wait=10)
    assert answer.status == 200, answer
    assert answer.json["step"]["index"] == 0 and answer.json["step"]["percent"] == 33.33, answer
    assert answer.json["steps"] == [
        {"percent": 10, "hold": {"approval": True}}, {"percent": 50, "hold": {"approval": True}}]
    assert abs(answer.json["traffic"]["applied_percent"] - 33.33) <= 0.05, answer
    same = client.post("/v1/rollouts/free/step", {"percent": 33.33}, wait=10)
    assert same.status == 200 and same.json["revision"] == answer.json["revision"], same
    bare = client.post("/v1/rollouts/free/step", wait=10)
    assert bare.json["step"]["index"] == 1 and bare.json["step"]["percent"] == 50, bare
    back = client.post("/v1/rollouts/free/step", {"to": 0}, wait=10)
    assert back.status == 200 and back.json["traffic"]["asked_percent"] == 10, back
    below = client.post("/v1/rollouts/free/step", {"percent": 5}, wait=10)
    assert below.json["step"]["index"] is None, below
    client.post("/v1/rollouts/free/step", {"to": 1}, wait=10)
    last = client.post("/v1/rollouts/free/step", wait=10)
    assert last.status == 200 and last.json["phase"] == "promoted", last


def test_paused_keeps_its_share_and_takes_only_what_it_says(programs):
    service = programs.serve()
    client = service.client
    assert client.post("/v1/rollouts", plan("tea"), wait=10).status == 201
    reaches(client, "tea", "holding")
    paused = client.post("/v1/rollouts/tea/pause", {"reason": "tea"})
    assert paused.status == 200 and paused.json["phase"] == "paused", paused
    assert set(paused.json["actions"]) == {"resume", "promote", "abort"}, paused
    assert paused.json["traffic"]["asked_percent"] == 5
    again = client.post("/v1/rollouts/tea/pause")
    assert again.status == 200 and again.json["revision"] == paused.json["revision"]
    refused = problem(client.post("/v1/rollouts/tea/step"), 409, "illegal-now")
    assert refused["phase"] == "paused" and set(refused["actions"]) == set(
        paused.json["actions"])
    resumed = client.post("/v1/rollouts/tea/resume", wait=10)
    assert resumed.status == 200 and resumed.json["phase"] == "holding", resumed


def test_what_takes_too_long_is_paused_by_its_deadline(programs):
    sandbox = programs.sandbox(state=200)
    client = programs.serve(kong=[sandbox.admin.address]).client
    assert client.post(
        "/v1/rollouts", plan("late", [20, 50], progress_deadline="3s"), wait=10).status == 201
    reaches(client, "late", "holding")
    # The node is reached, but its balancer stays behind: that counts against the deadline.
    sandbox.admin.ask("PATCH", "/sandbox/nodes/0", {"missed_rebuilds": 100})
    assert client.post("/v1/rollouts/late/step", wait=0).status == 202
    state = reaches(client, "late", "paused", within=15)
    assert state["cause"]["by"] == "deadline", state
    condition = next(c for c in state["conditions"] if c["type"] == "progressing")
    assert (condition["status"], condition["reason"]) == ("false", "DeadlineExceeded"), condition
    sandbox.admin.ask("PATCH", "/sandbox/nodes/0", {"missed_rebuilds": 0})
    aborted = client.post("/v1/rollouts/late/abort", wait=30)
    assert aborted.status == 200 and aborted.json["phase"] == "aborted", aborted
    assert percent(sandbox.served("late-upstream")) == 0


def test_a_waiting_command_is_answered_when_another_overtakes_it(programs):
    client = programs.serve(kong=[f"http://127.0.0.1:{free_port()}"]).client
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(
        client.post("/v1/rollouts", plan("first"), wait=50)))
    waiting.start()
    until(lambda: client.get("/v1/rollouts/first").status == 200, "it is saved")
    start = time.monotonic()
    assert client.post("/v1/rollouts/first/abort", wait=5).json["phase"] == "aborted"
    waiting.join(10)
    assert answers and answers[0].status == 201 and time.monotonic() - start < 8, answers


def test_a_share_raised_behind_our_back_is_taken_back(programs):
    """Read again every 15 s."""
    sandbox = programs.sandbox(state=200)
    client = programs.serve(kong=[sandbox.admin.address]).client
    assert client.post("/v1/rollouts", plan("moved", [20]), wait=10).status == 201
    reaches(client, "moved", "holding")
    rows = sandbox.admin.get("/upstreams/moved-upstream/targets").json["data"]
    canary = next(row for row in rows if row["target"] == CANARY)
    path = f"/upstreams/moved-upstream/targets/{canary['id']}"
    assert sandbox.admin.ask("PATCH", path, {"weight": 900}).status == 200
    until(
        lambda: abs(percent(sandbox.weights("moved-upstream")) - 20) <= 0.05, "it is repaired", 30)
    assert rollout(client, "moved")["phase"] == "holding"

    # A share that somebody lowered is left alone, and the rollout stops.
    assert sandbox.admin.ask("PATCH", path, {"weight": 0}).status == 200
    state = reaches(client, "moved", "paused", within=30)
    assert state["cause"]["reason"] == "lowered_in_kong", state
    assert percent(sandbox.weights("moved-upstream")) == 0
    resumed = client.post("/v1/rollouts/moved/resume", wait=20)
    assert resumed.status == 200 and resumed.json["phase"] == "holding", resumed
    assert abs(percent(sandbox.weights("moved-upstream")) - 20) <= 0.05


def test_what_is_not_ours_is_never_deleted_and_what_we_made_goes_after_the_drain(programs):
    sandbox = programs.sandbox(state=200)
    client = programs.serve(kong=[sandbox.admin.address]).client
    assert client.post("/v1/rollouts", plan("ours", [50], drain="1s"), wait=10).status == 201
    reaches(client, "ours", "holding")
    tags = {
        kind: sandbox.admin.get(f"/{kind}").json["data"][0]["tags"]
        for kind in ("services", "routes", "upstreams")}
    assert all(set(t) >= {"kong-rollouts", "rollout:ours"} for t in tags.values()), tags
    assert client.post("/v1/rollouts/ours/abort", wait=20).json["phase"] == "aborted"
    until(lambda: CANARY not in sandbox.weights("ours-upstream"), "our target is gone", 40)
    assert STABLE in sandbox.weights("ours-upstream")
    until(lambda: any(e["type"] == "drained" for e in history(client, "ours")), "drained", 20)
    assert sandbox.admin.get("/services/ours-service").status == 200
    assert client.ask("DELETE", "/v1/rollouts/ours").status == 204


def test_links_stand_below_the_public_url(programs):
    service = programs.serve("--public-url", "https://rollouts.example/kong/")
    created = service.client.post("/v1/rollouts", plan("linked"), wait=0)
    assert created.status == 201
    assert created.headers["Location"] == "https://rollouts.example/kong/v1/rollouts/linked"
    assert service.client.post("/v1/rollouts", plan("linked-too"), wait=0).status == 201
    page = service.client.get("/v1/rollouts?limit=1")
    assert page.headers["Link"].startswith("<https://rollouts.example/kong/v1/rollouts?")


def test_the_url_of_a_rollout_is_where_clients_call_it(programs):
    service = programs.serve()
    assert service.client.post("/v1/rollouts", plan("called"), wait=10).status == 201
    url = may(service.client, "called", "step")["url"]
    assert url == f"{service.proxy.address}/called"


def test_tls_is_served_with_a_certificate_and_key(programs):
    here = programs.directory
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", here / "key.pem", "-out", here / "cert.pem"],
        capture_output=True, check=False)
    assert made.returncode == 0, made.stderr
    file = here / "tls.json"
    file.write_text(
        f'{{"tls": {{"certificate": "{here}/cert.pem", "key": "{here}/key.pem"}}}}')
    service = programs.serve("--config", file)
    assert service.address.startswith("https://"), service.address
    trust = ssl.create_default_context(cafile=str(here / "cert.pem"))
    with urllib.request.urlopen(service.address + "/readyz", context=trust, timeout=10) as answer:
        assert answer.status == 200


class Recorder(http.server.BaseHTTPRequestHandler):
    """An Admin API that notes who asks and knows nothing."""

    seen = []

    def do_GET(self):
        self.seen.append(dict(self.headers))
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_kong_gets_its_token_and_nobody_else_sees_it(programs):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    service = programs.serve(
        kong=[f"http://127.0.0.1:{server.server_port}"],
        environment={"KONG_ROLLOUTS_KONG_TOKEN": "very-secret"})
    assert service.client.post("/v1/rollouts", plan("quiet"), wait=0).status == 201
    until(lambda: Recorder.seen, "Kong is asked")
    server.shutdown()
    server.server_close()
    assert all(h.get("Kong-Admin-Token") == "very-secret" for h in Recorder.seen), Recorder.seen
    for path in ("/v1/gateways", "/v1/rollouts/quiet", "/v1/rollouts/quiet/plan", "/v1/events",
                 "/metrics"):
        assert "very-secret" not in service.client.get(path).body.decode(), path
    assert "very-secret" not in service.process.errors() + "\n".join(service.process.lines)
