#!/usr/bin/env python3
"""Holds the running program to what is written about it.

    run.py PROGRAM

Starts PROGRAM on its embedded stand-in, on free ports and with a fresh ledger for each part: the
README's curl commands, the request collection and the contract's examples, and schemathesis with
all its checks. Exit code 0: no part failed.
"""

import contextlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
URL = "URL"  # stands for the service's URL in a command
PATIENCE = 30.0  # seconds until the program listens, or a rollout has settled


@contextlib.contextmanager
def serving(program):
    """Yields the service's and the stand-in proxy's URL."""
    with tempfile.TemporaryDirectory(prefix="kong-rollouts-") as data:
        process = subprocess.Popen(
            [program, "serve", "--sandbox", "--listen", "127.0.0.1:0",
             "--sandbox-proxy", "127.0.0.1:0", "--data", data, "--log-level", "warning"],
            stdout=subprocess.PIPE, text=True)
        try:
            # A program that hangs before it listens is ended, which ends the loop below.
            watchdog = threading.Timer(PATIENCE, process.kill)
            watchdog.start()
            service = proxy = None
            while service is None:
                line = process.stdout.readline()
                if not line:
                    raise SystemExit(f"{program} ended before it listened")
                if found := re.search(r"proxy (http://\S+)", line):
                    proxy = found[1]
                if found := re.search(r"^listening on (\S+)", line):
                    service = found[1] if "://" in found[1] else "http://" + found[1]
            watchdog.cancel()
            yield service, proxy
        finally:
            process.terminate()
            try:
                code = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise SystemExit(f"{program} did not stop")
        if code != 0:
            raise SystemExit(f"{program} ended with {code}")


def readme(program):
    """Runs the README's curl commands in their order. Returns whether all were answered well."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    blocks = [block for block in blocks if block.startswith("curl")]
    if not blocks:
        print("FAIL  README.md has no curl commands")
        return False
    good = True
    with serving(program) as (service, proxy):
        for block in blocks:
            for command in re.split(r"^(?=curl )", block, flags=re.M)[1:]:
                shown = command.split("\n")[0]
                command = command.replace("http://127.0.0.1:8080", service)
                command = command.replace("http://127.0.0.1:8000", proxy)
                command = command.replace("curl -s", "curl -sS --fail-with-body", 1)
                settle(service)
                run = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
                print(("ok    " if run.returncode == 0 else "FAIL  ") + shown)
                if run.returncode != 0:
                    good = False
                    print("      " + run.stdout[:600] + run.stderr)
    return good


def settle(service):
    """Waits, as a reader does, until no rollout is on its way."""
    end = time.monotonic() + PATIENCE
    url = service + "/v1/rollouts?phase=pending,shifting,promoting,aborting"
    while time.monotonic() < end:
        with urllib.request.urlopen(url) as answer:
            if not json.load(answer)["items"]:
                return
        time.sleep(0.1)


def part(program, command):
    with serving(program) as (service, _):
        return subprocess.run([service if a == URL else a for a in command]).returncode == 0


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    program = str(pathlib.Path(arguments[0]).resolve())
    environment = pathlib.Path(sys.prefix)
    parts = {
        "README": lambda: readme(program),
        "collection": lambda: part(
            program, [sys.executable, str(HERE / "collection" / "run.py"), URL]),
        "schemathesis": lambda: part(
            program, [str(HERE / "schemathesis" / "run"), URL, str(environment)]),
    }
    failed = []
    for name, run in parts.items():
        print(f"== {name}", flush=True)
        if not run():
            failed.append(name)
    print("failed: " + ", ".join(failed) if failed else "all parts passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
