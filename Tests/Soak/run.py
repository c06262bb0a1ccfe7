#!/usr/bin/env python3
"""Mixed load for long; memory and descriptors must stay flat, and nothing may fail unasked.

    run.py PROGRAM [--minutes 15] [--seed N] [--restart-every 60]

Kong goes away for some seconds again and again (the stand-in stays, its port is closed), and the
journal is compacted as it grows. It begins with as much history and as many remembered answers as
are kept at most. The first quarter is for warming up; the slopes are those of
straight lines through the rest. Needs nothing but Python.
"""

import argparse
import pathlib
import sys
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "EndToEnd")]

from program import Programs  # noqa: E402

from load import Clumsy, Filler, Follower, Operator, Reader, Run  # noqa: E402
from relay import Relay  # noqa: E402

WORKERS = ((Operator, 8), (Reader, 3), (Clumsy, 1), (Follower, 4))
AWAY = 3.0  # seconds that Kong stays away
# What may grow: MiB an hour beside what warming up took, and files an hour.
MEMORY_SLOPE, FILES_SLOPE = 64.0, 12.0


def held(pid):
    """MiB and open files."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    memory = next(int(l.split()[1]) for l in text.splitlines() if l.startswith("VmRSS")) / 1024
    return memory, len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def slope(points):
    """Of the straight line with the least squares through (seconds, value), an hour; with the
    standard error of it."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    rise = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    rest = sum((y - mean_y - rise * (x - mean_x)) ** 2 for x, y in points)
    error = (rest / max(1, count - 2) / spread) ** 0.5
    return 3600 * rise, 3600 * error


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--restart-every", type=float, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        programs = Programs(asked.program.resolve(), directory)
        try:
            faults = soak(programs, asked)
        finally:
            programs.end()
    for fault in faults:
        print(f"FAILED: {fault}")
    sys.exit(1 if faults else 0)


def soak(programs, asked):
    sandbox = programs.sandbox(state=50)
    relay = Relay(("127.0.0.1", urllib.parse.urlsplit(sandbox.admin.address).port))
    service = programs.serve("--log-level", "error", kong=[f"http://127.0.0.1:{relay.port}"])
    pid, data = service.process.child.pid, programs.directory / "data"
    run = Run(service.client.port, sandbox.admin, asked.seed)
    fill(run)
    workers = [kind(run, number) for kind, count in WORKERS for number in range(count)]
    for worker in workers:
        worker.start()
    begin = time.monotonic()
    end = begin + asked.minutes * 60
    samples, restarts, compactions, known = [], 0, 0, 0
    away_at, back_at = begin + asked.restart_every, None
    print(f"{'minute':>7} {'MiB':>7} {'files':>6} {'journal MiB':>12} {'rollouts':>9} {'unasked':>8}")
    shown = begin
    while (now := time.monotonic()) < end:
        assert service.process.is_alive, service.process.story()
        memory, files = held(pid)
        samples.append((now - begin, memory, files))
        size = (data / "snapshot.json").stat().st_mtime_ns if (
            data / "snapshot.json").exists() else 0
        compactions += size != known
        known = size
        if back_at is None and now >= away_at and end - now > AWAY + 15:
            relay.go()
            back_at, restarts = now + AWAY, restarts + 1
        elif back_at is not None and now >= back_at:
            relay.come_back()
            back_at, away_at = None, now + asked.restart_every
        if now >= shown:
            shown += max(30.0, asked.minutes * 60 / 20)
            ended = sum(w.done for w in workers if isinstance(w, Operator))
            print(f"{(now - begin) / 60:>7.1f} {memory:>7.1f} {files:>6} "
                  f"{used(data) / 1048576:>12.1f} {ended:>9} {sum(run.notes.values()):>8}",
                  flush=True)
        run.over.wait(0.5)
    run.over.set()
    for worker in workers:
        worker.join(90)
    return report(run, workers, samples, restarts, compactions, service)


def fill(run):
    """To begin with what is kept at most, so that what grows later grows without end."""
    begin = time.monotonic()
    fillers = [Filler(run, number) for number in range(8)]
    for filler in fillers:
        filler.start()
    for filler in fillers:
        filler.join(600)
    print(f"filled in {time.monotonic() - begin:.0f} s: history and remembered answers")


def used(data):
    """Bytes of the journal without the room made ahead."""
    journal = data / "journal.jsonl"
    return journal.stat().st_size if journal.exists() else 0


def report(run, workers, samples, restarts, compactions, service):
    warm = samples[len(samples) // 4:]
    memory, memory_error = slope([(t, m) for t, m, _ in warm])
    files, files_error = slope([(t, f) for t, _, f in warm])
    requests = sum(run.statuses.values())
    ended = sum(w.done for w in workers if isinstance(w, Operator))
    print(f"requests {requests} {dict(sorted(run.statuses.items()))}, rollouts begun and ended "
          f"{ended}, Kong away {restarts} times, compactions {compactions}")
    print(f"memory: {warm[0][1]:.1f} MiB after warming up, {warm[-1][1]:.1f} at the end, "
          f"slope {memory:+.1f} ± {2 * memory_error:.1f} MiB an hour")
    print(f"files: {warm[0][2]} after warming up, {warm[-1][2]} at the end, "
          f"slope {files:+.1f} ± {2 * files_error:.1f} an hour")
    faults = [f"{count} × {what}" for what, count in run.notes.most_common(20)]
    # A slope counts only where it stands out from its error, and not in a run that is all warming up.
    if samples[-1][0] < 290:
        print("too short for the slopes to count: at least five minutes")
        memory = files = 0.0
    if memory - 2 * memory_error > MEMORY_SLOPE:
        faults.append(f"memory grows by {memory:.0f} MiB an hour")
    if files - 2 * files_error > FILES_SLOPE:
        faults.append(f"open files grow by {files:.0f} an hour")
    code = service.process.terminate(15)
    if code != 0:
        faults.append(f"it ended with {code}")
    return faults


if __name__ == "__main__":
    main()
