"""A full disk: writes are refused, reads go on, an abort still gets through."""

import contextlib
import errno
import os
import subprocess
import time

from rollouts import plan, reaches, rollout
from waiting import until

SIZE = 8 << 20  # bytes of the disk
NAMES = ("first", "second", "third")
LONG = "x" * 900
LABELS = {f"l{i}": "x" * 60 for i in range(20)}


class CannotMount(Exception):
    """Not root, or not allowed to."""


@contextlib.contextmanager
def small_disk(directory):
    directory.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(directory)],
        capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        raise CannotMount(mounted.stderr.strip())
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=False)


def fill(path):
    """Writes until nothing more fits; returns how much did."""
    written = 0
    with open(path, "ab", buffering=0) as file:
        for piece in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    written += file.write(b"x" * piece)
            except OSError as error:
                assert error.errno == errno.ENOSPC, error
    return written


def disk_full(programs):
    try:
        with small_disk(programs.directory / "disk") as disk:
            return _run(programs, disk)
    except CannotMount as error:
        return {"skipped: a disk cannot be mounted here": str(error)}


def _run(programs, disk):
    sandbox = programs.sandbox(state=100)
    data, filler = disk / "data", disk / "filler"

    def serve():
        return programs.serve(
            "--log-level", "warning", data=data, kong=[sandbox.admin.address])

    service = serve()
    client = service.client
    for name in NAMES:
        answer = client.post("/v1/rollouts", plan(name, [50], progress_deadline=None), wait=5)
        assert answer.status == 201, answer
        reaches(client, name, "holding")
    fill(filler)

    # What was made room for before may still be written to, and no more.
    done = 0
    while (answer := _label(client, "first", done)).status == 200:
        done += 1
        assert done < 20_000, "the disk never gets full"
    refused = answer
    # What is left is too little for that one; smaller ones fill it up.
    for number in range(1000):
        answer = client.ask("PATCH", "/v1/rollouts/third", {"labels": {"n": str(number)}})
        if answer.status == 503:
            break
    assert answer.status == 503, answer
    assert refused.status == 503 and refused.json["type"].endswith("unavailable"), refused
    before = {name: rollout(client, name) for name in NAMES}
    assert before["first"]["labels"]["count"].startswith(f"{done - 1}-"), before["first"]["labels"]

    refusals = _all_refused(client)
    slowest = _reads_go_on(client, before)

    aborted = client.post("/v1/rollouts/first/abort", {"reason": "from the reserve"}, wait=5)
    assert aborted.status in (200, 202), aborted
    reaches(client, "first", "aborted")
    # At 0, or drained and taken out already.
    assert sandbox.weights("first-upstream").get("canary-version.example.com:80", 0) == 0
    _all_refused(client)

    service.process.kill()
    service = serve()
    client = service.client
    assert rollout(client, "first")["phase"] == "aborted"
    for name in NAMES[1:]:
        assert rollout(client, name) == _settled(client, name, before[name])
    answer = client.post("/v1/rollouts/second/abort", {"reason": "after a restart"}, wait=5)
    assert answer.status in (200, 202), answer
    reaches(client, "second", "aborted")

    os.remove(filler)
    begin = time.monotonic()
    until(lambda: _label(client, "third", 0).status == 200, "writing works again", 20)
    again = time.monotonic() - begin
    assert client.post("/v1/rollouts", plan("fourth", [20]), wait=5).status == 201
    reaches(client, "fourth", "holding")
    assert client.post("/v1/rollouts/third/promote", wait=5).status in (200, 202)
    reaches(client, "third", "promoted")
    service.process.kill()
    service = serve()
    assert rollout(service.client, "third")["phase"] == "promoted"
    assert rollout(service.client, "fourth")["phase"] == "holding"
    assert service.process.terminate() == 0
    return {
        "disk, MiB": SIZE >> 20,
        "changes until it was full": done,
        "writes refused with 503": 2 * refusals + 1,
        "slowest read meanwhile, ms": round(1000 * slowest),
        "aborts while full": 2,
        "writing again after room was made, ms": round(1000 * again),
    }


def _label(client, name, number):
    value = f"{number}-".ljust(60, "x")
    labels = {"count": value, **{f"l{i}": value for i in range(20)}}
    return client.ask("PATCH", f"/v1/rollouts/{name}", {"labels": labels})


def _all_refused(client):
    """Every kind of write but an abort."""
    asked = (
        _label(client, "second", 1),
        client.post("/v1/rollouts", plan("another", labels=LABELS)),
        client.post("/v1/rollouts/second/pause", {"reason": LONG}),
        client.post(
            "/v1/rollouts/second/promote", {"reason": LONG}, headers={"Idempotency-Key": "p"}),
    )
    for answer in asked:
        assert answer.status == 503 and answer.json["type"].endswith("unavailable"), answer
    return len(asked)


def _reads_go_on(client, before):
    slowest = 0.0
    for _ in range(20):
        for path in ("/healthz", "/v1/rollouts", "/v1/events", "/metrics"):
            begin = time.monotonic()
            answer = client.get(path)
            assert answer.status == 200, answer
            slowest = max(slowest, time.monotonic() - begin)
    for name, known in before.items():
        assert rollout(client, name)["revision"] == known["revision"], name
    assert client.get("/v1/rollouts/another").status == 404
    return slowest


def _settled(client, name, before):
    """The rollout once it is confirmed again after a restart; its revision is as before."""
    found = until(lambda: rollout(client, name), f"{name} is there", 10)
    assert found["revision"] == before["revision"], (found, before)
    return found
