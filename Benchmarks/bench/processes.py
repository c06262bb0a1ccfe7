"""Programs that a row starts and ends; nothing else is ever signalled."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Unmeasured(Exception):
    """Why a figure is missing: a program that is not installed, does not start, or fails."""


def need(program, package):
    """The path of an installed program, or a message that names the Debian package."""
    path = shutil.which(program)
    if path is None:
        raise Unmeasured(f"{program} is missing: apt-get install {package}")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pinned(core, command):
    """`command` kept on one core; None: on any."""
    return command if core is None else ["taskset", "-c", str(core), *command]


@contextlib.contextmanager
def running(command, log, ready, core=None, stop=signal.SIGTERM, patience=20, **options):
    """A server for the length of a `with`: started, waited for until `ready()`, ended by its pid.

    `log` takes its output; `patience` is how many seconds it may take to start.
    """
    with open(log, "ab") as output:
        process = subprocess.Popen(
            pinned(core, command), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            **options)
    try:
        wait_until(ready, patience, lambda: _not_started(command, process, log), process)
        yield process
    finally:
        _end(process, stop)


def wait_until(condition, patience, failure, process=None):
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline or (process and process.poll() is not None):
            raise failure()
        time.sleep(0.02)


def listens(port):
    def ready():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0
    return ready


def cpu_seconds(pid):
    """Processor time of all threads of a process so far."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def checked(command, patience, **options):
    """Runs a program to its end; its output, or why there is none."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=patience, **options)
    except subprocess.TimeoutExpired as slow:
        raise Unmeasured(f"{command[0]} took over {patience} s") from slow
    if done.returncode != 0:
        said = (done.stderr or done.stdout)[-400:]
        raise Unmeasured(f"{' '.join(command[:4])}… failed: {said}")
    return done.stdout


def _not_started(command, process, log):
    with open(log, "rb") as output:
        tail = output.read()[-400:].decode(errors="replace")
    state = "is not ready" if process.poll() is None else f"ended with {process.returncode}"
    return Unmeasured(f"{command[0]} {state}: {tail}")


def _end(process, stop):
    if process.poll() is None:
        process.send_signal(stop)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
