"""Row: GET of one rollout, beside a minimal C program and Hummingbird's hello.

One server core (0), wrk on the other (1), rounds interleaved; servers at rest cost nothing.
"""

import contextlib
import http.client
from statistics import median

from . import peers, service, wrk
from .report import Row, spread

SERVER, LOAD = 0, 1


def measure(program, scratch, rounds, seconds):
    with contextlib.ExitStack() as stack:
        ours, port = stack.enter_context(service.serving(program, scratch, core=SERVER))
        service.create(port, 1)
        path = "/v1/rollouts/bench-0"
        size = _size(port, path)
        c, c_url = stack.enter_context(
            peers.answering(peers.build_minimal(scratch), size, SERVER, scratch))
        bird, bird_url = stack.enter_context(
            peers.answering(peers.build_hummingbird(), size, SERVER, scratch))
        servers = {
            "ours": (f"http://127.0.0.1:{port}{path}", ours.pid),
            "C": (c_url, c.pid), "Hummingbird": (bird_url, bird.pid)}
        for url, pid in servers.values():
            wrk.load(url, pid, 1, LOAD)
        taken = {name: [] for name in servers}
        for _ in range(rounds):
            for name, (url, pid) in servers.items():
                taken[name].append(wrk.load(url, pid, seconds, LOAD))
    what = f"`GET` one rollout ({size} bytes), one core"
    failed = sum(one.failed for one in taken["ours"])
    note = f"{failed} failed" if failed else ""
    return [
        _row(what, "minimal C libmicrohttpd", 0.85, taken["ours"], taken["C"], note),
        _row(what, "Hummingbird 2.28.1 hello", 3.5, taken["ours"], taken["Hummingbird"], note)]


def _row(what, peer, bar, ours, theirs, note):
    """Judged by answers for each second of processor time, which wrk's own limit and other work
    on the machine move least; what came over the wire is told beside it."""
    core = lambda rounds: f"{median(one.per_core_second for one in rounds):,.0f}/core-s"
    rates = [median(one.rate for one in rounds) for rounds in (ours, theirs)]
    ratios = [mine.per_core_second / other.per_core_second for mine, other in zip(ours, theirs)]
    return Row(
        what, peer, core(ours), core(theirs), median(ratios), at_least=bar, spread=spread(ratios),
        note=", ".join(filter(None, [f"{rates[0]:,.0f}/s beside {rates[1]:,.0f}/s", note])))


def _size(port, path):
    """Bytes of the body that every server is to send."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    size = len(connection.getresponse().read())
    connection.close()
    return size
