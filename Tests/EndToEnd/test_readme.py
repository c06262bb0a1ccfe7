"""The README's commands do what it says."""

import os
import re
import shlex
import stat
import subprocess

from client import Client
from program import Service, free_port, is_free
from rollouts import reaches, rollout
from waiting import until

CURL = """#!/bin/sh
# Runs curl and notes the status of its answer.
exec {curl} -w '%{{stderr}}STATUS %{{http_code}} %{{method}} %{{url_effective}}\\n' "$@"
"""


def blocks(text):
    return re.findall(r"^```sh\n(.*?)^```$", text, flags=re.M | re.S)


def recipe(makefile, target):
    """The program's arguments in a target of the Makefile."""
    line = re.search(rf"^{target}:.*\n\t(\S*kong-rollouts .*)$", makefile, flags=re.M)
    assert line, f"make {target} does not run the program"
    return shlex.split(line[1])[1:]


def test_make_demo_and_make_run_are_commands_of_the_program(root):
    makefile = (root / "Makefile").read_text()
    assert recipe(makefile, "demo") == ["demo"]
    assert recipe(makefile, "run")[:2] == ["serve", "--sandbox"]
    for line in "".join(blocks((root / "README.md").read_text())).splitlines():
        if line.startswith("make "):
            target = line.split()[1]
            assert re.search(rf"^{target}:", makefile, flags=re.M), f"no make {target}"


def test_the_commands_of_the_readme_work_and_split_80_to_20(programs, root, tmp_path):
    text = (root / "README.md").read_text()
    listen, proxy = 8080, 8000
    if not (is_free(listen) and is_free(proxy)):
        listen, proxy = free_port(), free_port()

    def moved(line):
        """The line as it stands, or with other ports where the README's are taken."""
        return line.replace("127.0.0.1:8080", f"127.0.0.1:{listen}").replace(
            "127.0.0.1:8000", f"127.0.0.1:{proxy}")

    arguments = [moved(a) for a in recipe((root / "Makefile").read_text(), "run")]
    arguments[arguments.index("--data") + 1] = str(tmp_path / "data")
    if "--listen" not in arguments:
        arguments += ["--listen", f"127.0.0.1:{listen}"]
    service = Service(programs.run(*arguments))
    assert service.address == f"http://127.0.0.1:{listen}"

    directory = tmp_path / "bin"
    directory.mkdir()
    curl = directory / "curl"
    found = subprocess.run(["which", "curl"], capture_output=True, text=True, check=True)
    curl.write_text(CURL.format(curl=found.stdout.strip()))
    curl.chmod(curl.stat().st_mode | stat.S_IXUSR)
    calls, shares = [], []
    for block in blocks(text):
        if "curl" not in block:
            continue
        if calls and rollout(service.client, "fraud-v7")["phase"] not in ("aborting", "aborted"):
            # "A moment later it holds": the moment is over when Kong's new route is live.
            reaches(service.client, "fraud-v7", "holding")
            until(
                lambda: Client(f"http://127.0.0.1:{proxy}").get("/predict").status == 200,
                "the route is live")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", moved(block)], capture_output=True, text=True,
            timeout=60, cwd=tmp_path, check=False,
            env={**os.environ, "PATH": f"{directory}:{os.environ['PATH']}"})
        assert done.returncode == 0, (block, done.stdout, done.stderr)
        statuses = re.findall(r"^STATUS (\d+) (.*)$", done.stderr, flags=re.M)
        assert len(statuses) == len(re.findall(r"^curl ", block, flags=re.M)), done.stderr
        for status, call in statuses:
            assert status.startswith("2"), (call, status, done.stdout)
        calls += statuses
        if "/predict\n" in block:
            models = [
                Client(f"http://127.0.0.1:{proxy}").get("/predict").headers["x-model"]
                for _ in range(500)]
            shares.append(100 * models.count("canary") / len(models))
            assert set(models) == {"stable", "canary"}
    assert len(calls) >= 5
    assert shares and abs(shares[0] - 20) <= 1, shares
    reaches(service.client, "fraud-v7", "aborted")
    assert {
        Client(f"http://127.0.0.1:{proxy}").get("/predict").headers["x-model"]
        for _ in range(100)} == {"stable"}
