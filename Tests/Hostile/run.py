#!/usr/bin/env python3
"""Attacks the real program and asks it for /healthz from another address meanwhile.

    run.py PROGRAM [--scale 1.0] [--seconds 8] [--only ATTACK]

`--scale 0.05` is the short form. Needs nothing but Python; the limit of open files must allow
about twice the connections.
"""

import argparse
import asyncio
import logging
import pathlib
import resource
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "EndToEnd")]

from program import Programs  # noqa: E402
from rollouts import plan, reaches  # noqa: E402
from waiting import until  # noqa: E402

import attacks  # noqa: E402
from prober import Prober  # noqa: E402

MEDIAN = 50.0  # milliseconds that /healthz may take
MEMORY = 512  # MiB that the service may hold at most, whatever is done to it
LOST = 0.02  # the part of questions that may be refused or unanswered


def memory(pid):
    """MiB held now, and at most so far."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return tuple(int(fields[f].split()[0]) / 1024 for f in ("VmRSS", "VmHWM"))


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def rows(port, client, asked):
    def scaled(count):
        return max(4, round(count * asked.scale))
    seconds = asked.seconds
    return {
        "nothing": attacks.Attack(port, 0, seconds),
        "slow heads": attacks.SlowHeads(port, scaled(1000), seconds),
        "slow bodies": attacks.SlowBodies(port, scaled(1000), seconds),
        "slow readers": attacks.SlowReaders(port, scaled(500), seconds),
        "idle": attacks.Idle(port, scaled(5000), seconds),
        "event streams": attacks.Streams(port, scaled(2000), 20 + seconds, client, "watched"),
        "cut at every byte": attacks.CutOff(port, 1, seconds),
        "pipelining": attacks.Pipelines(port, scaled(20), seconds),
        "oversized": attacks.Oversized(port, scaled(20), seconds),
    }


async def attack(row):
    if row.count == 0:
        await asyncio.sleep(row.seconds)
    else:
        await row.run()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--only")
    asked = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of every cut connection
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as directory:
        programs = Programs(asked.program.resolve(), directory)
        try:
            faults = run(programs, asked)
        finally:
            programs.end()
    for fault in faults:
        print(f"FAILED: {fault}")
    sys.exit(1 if faults else 0)


def run(programs, asked):
    sandbox = programs.sandbox(state=100)
    service = programs.serve("--log-level", "warning", kong=[sandbox.admin.address])
    client, pid = service.client, service.process.child.pid
    assert client.post("/v1/rollouts", plan("watched", [50]), wait=5).status == 201
    reaches(client, "watched", "holding")
    before, files = memory(pid)[0], descriptors(pid)
    print(f"{'attack':<18} {'open':>6} {'refused':>7} {'ended':>7} {'asked':>6} {'lost':>5} "
          f"{'median ms':>9} {'p99 ms':>8} {'worst ms':>8} {'MiB':>6} {'files':>6}")
    faults = []
    for name, row in rows(client.port, client, asked).items():
        if asked.only not in (None, name):
            continue
        with Prober(client.port) as prober:
            asyncio.run(attack(row))
            held, open_files = memory(pid)[0], descriptors(pid)
        assert service.process.is_alive, service.process.story()
        total = len(prober.times) + prober.lost
        print(f"{name:<18} {row.open:>6} {row.refused:>7} {row.ended:>7} {total:>6} "
              f"{prober.lost:>5} {prober.at(0.5):>9.1f} {prober.at(0.99):>8.1f} "
              f"{prober.at(1):>8.1f} {held:>6.0f} {open_files:>6}", flush=True)
        for note, value in row.notes.items():
            print(f"    {note}: {value}")
        if prober.at(0.5) > MEDIAN:
            faults.append(f"{name}: /healthz took {prober.at(0.5):.0f} ms at the median")
        if prober.lost > max(1, LOST * total):
            faults.append(f"{name}: {prober.lost} of {total} questions had no answer")
        if row.notes.get("readers that got all") != row.notes.get("readers"):
            faults.append(f"{name}: events were lost: {row.notes}")
        if "wrong" in row.notes:
            faults.append(f"{name}: {row.notes['wrong']}")
    most = memory(pid)[1]
    if most > MEMORY:
        faults.append(f"{most:.0f} MiB were held, more than {MEMORY}")
    try:
        until(lambda: descriptors(pid) <= files + 16, "connections are closed", 90)
    except AssertionError as error:
        faults.append(f"{error}: {descriptors(pid)} files, {files} before")
    answer = client.post("/v1/rollouts/watched/abort", wait=5)
    if answer.status not in (200, 202):
        faults.append(f"an abort afterwards: {answer}")
    print(f"memory: {before:.0f} MiB before, {most:.0f} at most (bound {MEMORY}), "
          f"{memory(pid)[0]:.0f} after; files {files} before, {descriptors(pid)} after")
    return faults


if __name__ == "__main__":
    main()
