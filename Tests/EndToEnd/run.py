#!/usr/bin/env python3
"""Runs the end-to-end tests against the real program.

    run.py PROGRAM [PYTEST ARGUMENT …]

PROGRAM is the built kong-rollouts. WITHOUT_SCHEMATHESIS=1 leaves out the generated requests,
which take the longest. The exit code is pytest's.
"""

import os
import pathlib
import subprocess
import sys


def main(arguments):
    if not arguments:
        sys.exit(__doc__)
    program = pathlib.Path(arguments[0]).resolve()
    if not os.access(program, os.X_OK):
        sys.exit(f"{program} is no program; build it first: make build")
    here = pathlib.Path(__file__).resolve().parent
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--durations=5", *arguments[1:]],
        cwd=here,
        env={**os.environ, "PROGRAM_UNDER_TEST": str(program), "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
