"""The programs measured beside ours: built, or started on a scratch directory, on loopback."""

import contextlib
import glob
import json
import os
import pwd
import signal
import tempfile
import urllib.request

from .processes import Unmeasured, checked, free_port, listens, need, running

PEERS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers")


def build_minimal(scratch):
    program = os.path.join(scratch, "minimal")
    source = os.path.join(PEERS, "minimal.c")
    if not os.path.exists("/usr/include/microhttpd.h"):
        raise Unmeasured("microhttpd.h is missing: apt-get install libmicrohttpd-dev")
    checked([need("cc", "gcc"), "-O2", "-o", program, source, "-lmicrohttpd"], 60)
    return program


def build_hummingbird():
    """Builds once, some minutes; later runs find it done."""
    package = os.path.join(PEERS, "hummingbird-hello")
    program = os.path.join(package, ".build", "release", "Hello")
    source = os.path.join(package, "Sources", "Hello", "Hello.swift")
    if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
        print("building the Hummingbird peer (once, some minutes) …", flush=True)
        checked(
            ["nice", "-n", "10", need("swift", "(Swift 6.3, from swift.org)"), "build", "-c",
             "release", "-j", "2", "--package-path", package], 1800)
    return program


@contextlib.contextmanager
def answering(program, size, core, scratch):
    """A peer that answers every GET with a body of `size` bytes; yields (process, url)."""
    port = free_port()
    log = os.path.join(scratch, os.path.basename(program) + ".log")
    with running([program, str(port), str(size)], log, listens(port), core) as process:
        yield process, f"http://127.0.0.1:{port}/"


@contextlib.contextmanager
def etcd(scratch):
    """One member, everything default but its places; yields (process, url, version)."""
    program = need("etcd", "etcd-server")
    client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    command = [
        program, "--data-dir", os.path.join(scratch, "etcd"), "--log-level", "error",
        "--listen-client-urls", client, "--advertise-client-urls", client,
        "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
        "--initial-cluster", f"default={peer}"]

    def healthy():
        try:
            with urllib.request.urlopen(client + "/health", timeout=1) as answer:
                return json.load(answer).get("health") == "true"
        except (OSError, ValueError):
            return False

    version = checked([program, "--version"], 10).split()[2]
    with running(command, os.path.join(scratch, "etcd.log"), healthy) as process:
        yield process, client, version


@contextlib.contextmanager
def postgres(scratch):
    """A throwaway cluster as `initdb` makes it, reached by unix socket alone.

    Yields (the environment that programs need to reach it, version).
    """
    bins = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if not bins:
        raise Unmeasured("PostgreSQL is missing: apt-get install postgresql")
    data = os.path.join(scratch, "postgres")
    os.mkdir(data)
    # A unix socket's path has 107 bytes at most, too few for some checkouts.
    with tempfile.TemporaryDirectory(prefix="bench-pg-") as sockets:
        owner = _unprivileged(data, sockets, scratch)
        checked(
            [f"{bins[-1]}/initdb", "-D", data, "-U", "bench", "-A", "trust"], 60,
            cwd="/", **owner)
        environment = {
            **os.environ, "PGHOST": sockets, "PGUSER": "bench", "PGDATABASE": "postgres"}
        command = [f"{bins[-1]}/postgres", "-D", data, "-k", sockets, "-h", ""]
        ready = lambda: os.path.exists(os.path.join(sockets, ".s.PGSQL.5432.lock")) and _answers(
            f"{bins[-1]}/pg_isready", environment)
        with running(command, os.path.join(scratch, "postgres.log"), ready,
                     stop=signal.SIGINT, cwd="/", **owner):
            statement = "CREATE TABLE document (id bigserial PRIMARY KEY, body text NOT NULL)"
            checked([need("psql", "postgresql"), "-qc", statement], 10, env=environment)
            yield environment, checked([f"{bins[-1]}/postgres", "--version"], 10).split()[2]


def _answers(program, environment):
    try:
        checked([program, "-q"], 5, env=environment)
        return True
    except Unmeasured:
        return False


def _unprivileged(data, sockets, scratch):
    """What makes PostgreSQL run as somebody it accepts: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    account = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    for directory in (data, sockets):
        os.chown(directory, account.pw_uid, account.pw_gid)
    os.chmod(scratch, 0o755)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
