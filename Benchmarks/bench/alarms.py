"""Row: false aborts where both versions are alike, over simulated rollouts judged at every batch.

Printed by `judgement-study`, whose seeds are fixed: the figure is the same in every run. The part
`policy` plays the default policy with `score_drift`, the part `false-alarms` a single check over
72 worlds.
"""

import os
import re

from .processes import Unmeasured, checked
from .report import Row, spread

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STUDY = os.path.join(ROOT, ".build", "release", "judgement-study")
ALPHA = 1.0  # percent


def measure(_program, _scratch):
    if not os.access(STUDY, os.X_OK):
        raise Unmeasured(f"{STUDY} is missing: make bench builds it")
    return [
        _row("A/A: false aborts, the default policy with `score_drift`, judged at every batch",
             _printed("policy"), "largest of 3 splits, 300 rollouts each"),
        _row("A/A: false alarms of `error_rate` alone", _printed("false-alarms"),
             "largest of 72 worlds, 1,000 rollouts each")]


def _row(what, parts, note):
    return Row(what, "alpha", f"{max(parts):.2f} %", f"{ALPHA:g} %", max(parts), at_most=ALPHA,
               unit="%", spread=spread(parts), note=note)


def _printed(part):
    """The percentages in the part's first table, without the columns that name a world."""
    text = checked([STUDY, part], 120)
    table = text.split("## ")[1]
    named = {"policy": 1, "false-alarms": 2}[part]
    parts = []
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) > named:
            parts += [float(found[1]) for cell in cells[named:]
                      if (found := re.fullmatch(r"([\d.]+) %", cell))]
    if not parts:
        raise Unmeasured(f"judgement-study {part} printed no table")
    return parts
