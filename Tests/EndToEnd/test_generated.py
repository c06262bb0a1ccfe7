"""Generated requests: schemathesis with all its checks, on a live stand-in.

The longest of the tests; WITHOUT_SCHEMATHESIS=1 leaves it out while something else is at hand.
"""

import os
import re
import subprocess
import sys

import pytest

from rollouts import history, plan, reaches


@pytest.mark.skipif(
    os.environ.get("WITHOUT_SCHEMATHESIS") == "1", reason="WITHOUT_SCHEMATHESIS=1")
def test_schemathesis_finds_no_failure(programs, root):
    service = programs.serve("--log-level", "error")
    # The contract's example of a name, so that generated commands find a rollout to move.
    created = service.client.post("/v1/rollouts", plan("fraud-v7"), wait=10)
    assert created.status == 201, created
    reaches(service.client, "fraud-v7", "holding")
    done = subprocess.run(
        [root / "Tests" / "EndToEnd" / "schemathesis" / "run", service.client.address,
         sys.prefix],
        capture_output=True, text=True, timeout=300, check=False)
    assert service.process.is_alive, service.process.story()
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-3000:]
    assert service.client.get("/readyz").status == 200
    # Every operation of the contract was tried.
    assert re.search(r"Selected: (\d+)/\1\n +Tested: \1\n", done.stdout), done.stdout[-3000:]
    moved = history(service.client, "fraud-v7")
    assert any(e["actor"] == "anonymous" and e["type"] != "created" for e in moved), moved
