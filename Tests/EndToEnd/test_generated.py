"""Generated requests: schemathesis with all its checks, on a live stand-in.

The longest of the tests; WITHOUT_SCHEMATHESIS=1 leaves it out while something else is at hand.
"""

import os
import subprocess
import sys

import pytest


@pytest.mark.skipif(
    os.environ.get("WITHOUT_SCHEMATHESIS") == "1", reason="WITHOUT_SCHEMATHESIS=1")
def test_schemathesis_finds_no_failure(programs, root):
    service = programs.serve("--log-level", "error")
    done = subprocess.run(
        [root / "Tests" / "EndToEnd" / "schemathesis" / "run", service.client.address,
         sys.prefix],
        capture_output=True, text=True, timeout=300, check=False)
    assert service.process.is_alive, service.process.story()
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-3000:]
    assert service.client.get("/readyz").status == 200
