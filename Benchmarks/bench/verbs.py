"""Row: durable verbs at 64 clients, beside etcd's put and PostgreSQL's one-row commits.

All of them on both cores, which the load generator shares, with their data on one disk.
"""

import contextlib
import os
import re
from statistics import median

from . import peers, service, wrk
from .processes import Unmeasured, checked, need
from .report import Row, spread

#: Bytes of a peer's value or row: less than what our journal keeps for a verb, in their favour.
VALUE = 512
#: Enough that a verb is answered long before the same rollout's turn comes again.
ROLLOUTS = 256


def measure(program, scratch, rounds, seconds):
    with contextlib.ExitStack() as stack:
        ours, port = stack.enter_context(service.serving(program, scratch))
        service.create(port, ROLLOUTS)
        etcd, client, etcd_version = stack.enter_context(peers.etcd(scratch))
        database, postgres_version = stack.enter_context(peers.postgres(scratch))

        def verbs():
            return wrk.load(f"http://127.0.0.1:{port}/", ours.pid, seconds,
                            script="verbs.lua", arguments=(ROLLOUTS,))

        def puts():
            return wrk.load(client, etcd.pid, seconds, script="put.lua", arguments=(1000, VALUE))

        taken = [(_kept(port, verbs), puts(), _inserts(database, seconds)) for _ in range(rounds)]
    mine = [kept for (kept, _), _, _ in taken]
    saved = sum(part for (_, part), _, _ in taken) / len(taken)
    failed = sum(one.failed for one in mine)
    note = f"{saved:.2f} saved for each answer" + (f", {failed} failed" if failed else "")
    what = "durable `pause`, `resume`, 64 clients"
    rate = median(one.rate for one in mine)
    puts_rate = median(put.rate for _, put, _ in taken)
    inserts_rate = median(insert for _, _, insert in taken)
    to_puts = [kept.rate / put.rate for (kept, _), put, _ in taken]
    to_inserts = [kept.rate / insert for (kept, _), _, insert in taken]
    return [
        Row(what, f"etcd {etcd_version} put, JSON gateway", f"{rate:,.0f}/s", f"{puts_rate:,.0f}/s",
            median(to_puts), at_least=1.5, spread=spread(to_puts), note=note),
        Row(what, f"PostgreSQL {postgres_version} one-row commit", f"{rate:,.0f}/s",
            f"{inserts_rate:,.0f}/s", median(to_inserts), at_least=1, spread=spread(to_inserts),
            note=note)]


def _kept(port, verbs):
    """A round, and how many events it saved for each of its answers: 1, or it was no work."""
    service.resume_all(port, ROLLOUTS)
    before = service.revisions(port, ROLLOUTS)
    done = verbs()
    return done, (service.revisions(port, ROLLOUTS) - before) / done.answers


def _inserts(database, seconds):
    script = os.path.join(wrk.LOADS, "insert.sql")
    text = checked(
        [need("pgbench", "postgresql"), "-n", "-c64", "-j2", f"-T{seconds}",
         "-D", f"bytes={VALUE}", "-f", script], seconds + 15, env=database)
    rate = re.search(r"tps = ([\d.]+)", text)
    if not rate:
        raise Unmeasured(f"pgbench gave no rate: {text[-300:]}")
    return float(rate[1])
