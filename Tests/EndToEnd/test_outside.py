"""What stands beside Kong: a Prometheus that is asked, logs that records are handed on to, and
senders who mean harm."""

import contextlib
import http.server
import json
import socket
import threading
import urllib.parse

import pytest

from judged import ERRORS, analysed, analysis, begin, endpoint, load, plugins, record
from rollouts import CANARY, STABLE, plan, reaches, rollout
from waiting import until


class Listener:
    """An HTTP server that keeps what it was sent and answers what it was told to."""

    def __init__(self, answer):
        self.received = []
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                listener.received.append((self.path, dict(self.headers), body))
                text = json.dumps(answer()).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@contextlib.contextmanager
def listening(answer=dict):
    listener = Listener(answer)
    thread = threading.Thread(target=listener.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.server.shutdown()
        listener.server.server_close()
        thread.join(5)


@pytest.fixture
def prometheus():
    """Answers every query with `value`."""
    state = {"value": "0.001"}

    def answer():
        return {"status": "success", "data": {
            "resultType": "vector", "result": [{"metric": {}, "value": [1, state["value"]]}]}}
    with listening(answer) as listener:
        listener.state = state
        yield listener


def test_prometheus_is_asked_and_its_failures_stop_a_rollout(programs, tmp_path, prometheus):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({
        "prometheus": [{"name": "main", "url": prometheus.url, "bearer": "open-sesame"}]}))
    service = programs.serve("--config", config)
    check = {"metric": "prometheus", "query": 'errors{version="{{canary}}"}', "interval": "1s",
             "max": 0.01, "failure_limit": 1}
    begin(service, "asked", analysis={"checks": [check]})
    until(lambda: len(prometheus.received) >= 2, "it is asked again and again")
    path, headers, body = prometheus.received[0]
    assert path == "/api/v1/query" and headers["authorization"] == "Bearer open-sesame"
    assert urllib.parse.parse_qs(body.decode())["query"] == ['errors{version="v7"}']
    assert rollout(service.client, "asked")["phase"] == "holding"
    prometheus.state["value"] = "0.5"
    aborted = reaches(service.client, "asked", "aborted", 30)
    evidence = aborted["cause"]["evidence"]
    assert (evidence["metric"], evidence["limit"]) == ("prometheus", "failure_limit"), evidence
    assert evidence["threshold"] == 1, evidence


def test_a_prometheus_that_nobody_configured_cannot_be_asked(programs):
    service = programs.serve()
    check = {"metric": "prometheus", "query": "up", "interval": "1s", "max": 1}
    refused = service.client.post(
        "/v1/rollouts", plan("no", analysis={"checks": [check]}))
    assert refused.status == 422, refused
    assert refused.json["errors"][0]["pointer"].startswith("/analysis/checks/0"), refused.json


def test_records_go_on_to_the_log_whose_place_ours_took(programs):
    with listening() as other:
        service = programs.serve()
        begin(service, "first", steps=(20,), analysis={"enabled": False})
        made = service.admin.ask("POST", "/services/first-service/plugins", {
            "name": "http-log", "config": {"http_endpoint": f"{other.url}/logs",
                                           "headers": {"x-team": "risk"}}})
        assert made.status == 201, made
        service.client.post("/v1/rollouts/first/abort", wait=20)
        reaches(service.client, "first", "aborted")
        again = plan("second", (20,), service={"name": "first-service"},
                     upstream={"name": "first-upstream"}, route={"name": "first-route"},
                     analysis=ERRORS)
        refused = service.client.post("/v1/rollouts", again, wait=20)
        assert refused.status == 409, refused
        assert any("http-log" in json.dumps(d) or "plugins/" in d["entity"]
                   for d in refused.json["differences"]), refused.json
        taken = service.client.post("/v1/rollouts", {**again, "adopt": True}, wait=20)
        assert taken.status == 201, taken
        reaches(service.client, "second", "holding")
        with load(service, "first"):
            analysed(
                service, "second", lambda a: a["step"] and a["step"]["canary"]["attempts"] >= 10)
        until(lambda: len(other.received) >= 10, "the operator's log gets records")
        path, headers, body = other.received[-1]
        assert path == "/logs" and {k.lower(): v for k, v in headers.items()}["x-team"] == "risk"
        # One record a body, whole, as the operator's own plugin sent them.
        handed = json.loads(body)
        assert isinstance(handed, dict) and handed["service"]["name"] == "first-service", handed


def test_hostile_senders_cost_no_rollout_its_judgement(programs):
    service = programs.serve()
    begin(service, "calm", steps=(20,), analysis=ERRORS)
    path, secret = endpoint(service, "calm")
    before = memory(service)
    wrong = service.client.ask("POST", path.replace(secret, "0" * 32), [record(1, STABLE)])
    assert wrong.status == 404, wrong
    broken = b'[{"request": {"id": "' + b"\\" * (8 << 20)
    for body in (broken[: 8 << 20], b"[" * (1 << 20), b"{" * 100_000, b'[{"tries": 1e999'):
        assert service.client.ask("POST", path, body).status == 204
    assert b" 413 " in announced(service, path, (8 << 20) + 1)
    for start in range(0, 100_000, 2_000):
        foreign = [record(start + n, f"10.{n % 250}.{start % 250}.{n // 250}:{1 + n}")
                   for n in range(2_000)]
        assert service.client.ask("POST", path, foreign).status == 204
    honest = [record(10_000_000 + n, CANARY if n % 5 == 0 else STABLE) for n in range(500)]
    assert service.client.ask("POST", path, honest).status == 204
    seen = analysed(service, "calm", lambda a: a["step"]["canary"]["attempts"] >= 100)
    assert seen["step"]["stable"]["attempts"] == 400, seen["step"]
    assert seen["telemetry"]["foreign_attempts"] >= 90_000, seen["telemetry"]
    assert seen["telemetry"]["malformed_records"] >= 4, seen["telemetry"]
    assert memory(service) - before < 96 << 20
    assert analysis(service, "calm")["alarm"] is None


def announced(service, path, length):
    """What is answered to a body of that length before any of it was sent."""
    host, port = service.client.host.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: k\r\nContent-Type: application/json\r\n"
            f"Content-Length: {length}\r\n\r\n".encode())
        return connection.recv(4096).split(b"\r\n")[0]


def memory(service):
    """Bytes that the process holds now."""
    with open(f"/proc/{service.process.child.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def test_our_log_is_put_back_when_somebody_takes_it_out(programs):
    service = programs.serve()
    begin(service, "meddled", steps=(20,), analysis=ERRORS)
    mine = plugins(service)["meddled"]["id"]
    assert service.admin.ask("DELETE", f"/plugins/{mine}").status == 204
    until(lambda: "meddled" in plugins(service), "the log is put back", 40)
    assert rollout(service.client, "meddled")["phase"] == "holding"
