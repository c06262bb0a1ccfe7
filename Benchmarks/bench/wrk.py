"""One round of wrk, read as numbers."""

import os
import re
from dataclasses import dataclass

from .processes import Unmeasured, checked, cpu_seconds, need, pinned

LOADS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "loads")


@dataclass
class Round:
    """Answers a second, and answers for each second of processor time the server took."""

    rate: float
    per_core_second: float
    #: Answers that were errors (above 399) and sockets that failed.
    failed: int
    answers: int


def load(url, pid, seconds, core=None, script=None, arguments=(), connections=64):
    """Kept-alive connections of one wrk thread against the server that is process `pid`."""
    command = [need("wrk", "wrk"), "-t1", f"-c{connections}", f"-d{seconds}s"]
    if script:
        command += ["-s", os.path.join(LOADS, script)]
    command += [url, *(["--", *map(str, arguments)] if arguments else [])]
    before = cpu_seconds(pid)
    text = checked(pinned(core, command), seconds + 15)
    spent = cpu_seconds(pid) - before
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    total = re.search(r"(\d+) requests in", text)
    if not rate or not total or not int(total[1]):
        raise Unmeasured(f"wrk had no answers from {url}: {text[-300:]}")
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    failed = (int(bad[1]) if bad else 0) + (sum(map(int, broken.groups())) if broken else 0)
    return Round(float(rate[1]), int(total[1]) / max(spent, 0.01), failed, int(total[1]))
