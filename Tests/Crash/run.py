#!/usr/bin/env python3
"""Kills, stops and starves the real program, and compares what is left with what was promised.

    run.py PROGRAM [--rounds 200] [--stops 20] [--seed N] [--only kills|stops|disk]

Needs nothing but Python. A failure names its seed; the moments of kills repeat with it, the
timing of threads does not.
"""

import argparse
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "EndToEnd")]

from program import Programs  # noqa: E402

from diskfull import disk_full  # noqa: E402
from kills import kills, stops  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--stops", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--only", choices=("kills", "stops", "disk"))
    asked = parser.parse_args()
    parts = {
        "disk": disk_full,
        "stops": lambda programs: stops(programs, asked.stops, asked.seed),
        "kills": lambda programs: kills(programs, asked.rounds, asked.seed),
    }
    print(f"seed {asked.seed}")
    for name, part in parts.items():
        if asked.only in (None, name):
            begin = time.monotonic()
            with tempfile.TemporaryDirectory() as directory:
                programs = Programs(asked.program.resolve(), directory)
                try:
                    figures = part(programs)
                finally:
                    programs.end()
            for what, figure in figures.items():
                print(f"  {what:<44} {figure}")
            print(f"{name}: passed in {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
