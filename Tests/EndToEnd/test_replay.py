"""Recorded telemetry is judged offline: `kong-rollouts replay`."""

import gzip
import json
import subprocess
from pathlib import Path

import pytest

RECORDINGS = Path(__file__).parent.parent / "TrafficIntakeTests" / "Recordings"
STABLE = "127.0.0.1:9401"


@pytest.fixture
def analysis(tmp_path):
    path = tmp_path / "analysis.json"
    path.write_text(json.dumps({"score": {"header": "x-model-score"}}))
    return path


def replay(binary, *arguments):
    return subprocess.run(
        [binary, "replay", *map(str, arguments)], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("name", "canary", "check", "attempts"),
    [
        ("errors-slim", "127.0.0.1:9402", "error_rate", 200),
        ("slow-slim", "127.0.0.1:9402", "latency p95", 300),
        ("drift-slim", "127.0.0.1:9402", "score_drift", 200),
        ("dead-slim", "127.0.0.1:9499", "error_rate", 40),
    ],
)
def test_a_bad_canary_is_found_by_the_right_check(binary, analysis, name, canary, check, attempts):
    done = replay(
        binary, RECORDINGS / f"{name}.jsonl.gz", "--analysis", analysis,
        "--stable", STABLE, "--canary", canary, "--json")
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["final"] and last["verdict"] == "unhealthy"
    assert last["check"] == check
    assert last["canary"]["attempts"] <= attempts


@pytest.mark.parametrize("name", ["same-slim", "same-full", "single-object"])
def test_a_canary_like_stable_is_never_called_bad(binary, analysis, name):
    done = replay(
        binary, RECORDINGS / f"{name}.jsonl.gz", "--analysis", analysis,
        "--stable", STABLE, "--canary", "127.0.0.1:9402", "--every", "1")
    assert done.returncode == 0, done.stderr
    assert "unhealthy" not in done.stdout


def test_a_plain_file_may_name_the_versions_itself(binary, tmp_path):
    lines = gzip.decompress((RECORDINGS / "dead-slim.jsonl.gz").read_bytes()).decode()
    path = tmp_path / "dead.jsonl"
    path.write_text(
        json.dumps({"stable": [STABLE], "canary": ["127.0.0.1:9499"]}) + "\n" + lines)
    done = replay(binary, path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("verdict: unhealthy by error_rate after 29 ")
    # Flags win: with the versions the other way round stable is the dead one.
    turned = replay(binary, path, "--stable", "127.0.0.1:9499", "--canary", STABLE)
    assert "unhealthy" not in turned.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.jsonl", "--stable", STABLE, "--canary", "b:1"], "cannot be opened"),
        ([RECORDINGS / "dead-slim.jsonl.gz"], "--stable HOST:PORT"),
        ([RECORDINGS / "dead-slim.jsonl.gz", "--stable", "nonsense", "--canary", "b:1"], "not HOST:PORT"),
    ],
)
def test_what_cannot_be_replayed_is_said(binary, arguments, said):
    done = replay(binary, *arguments)
    assert done.returncode != 0
    assert said in done.stderr


def test_a_faulty_policy_is_named_with_its_places(binary, tmp_path):
    path = tmp_path / "analysis.json"
    path.write_text(json.dumps({"alpha": 2, "checks": [{"metric": "speed"}]}))
    done = replay(
        binary, RECORDINGS / "dead-slim.jsonl.gz", "--analysis", path,
        "--stable", STABLE, "--canary", "127.0.0.1:9499")
    assert done.returncode != 0
    assert "/analysis/alpha" in done.stderr and "/analysis/checks/0" in done.stderr
