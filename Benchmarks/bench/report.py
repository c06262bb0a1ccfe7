"""The table, the machine it was measured on, and the place in README.md where both go."""

import datetime
import os
import platform
import re
from dataclasses import dataclass

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass
class Row:
    """One figure beside its bar. `measured` is a ratio unless `unit` says otherwise."""

    what: str
    peer: str
    ours: str
    theirs: str
    measured: float
    at_least: float | None = None
    at_most: float | None = None
    unit: str = "×"
    #: How far single rounds or runs were apart, in the unit of `measured`.
    spread: str = ""
    note: str = ""

    @property
    def met(self):
        if self.at_least is not None:
            return self.measured >= self.at_least
        return self.measured <= self.at_most

    def cells(self):
        bar = f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"
        return [
            self.what, self.peer, self.ours, self.theirs, f"{self.measured:.2f} {self.unit}",
            self.spread, f"{bar} {self.unit}", "yes" if self.met else "**no**", self.note]


@dataclass
class Missing:
    """A row that could not be measured, and why."""

    what: str
    why: str

    def cells(self):
        reason = " ".join(self.why.split()).replace("|", "/")
        return [self.what, "", "", "", "not measured", "", "", "", reason]


def spread(values, decimals=2):
    """The smallest and the largest."""
    return f"{min(values):,.{decimals}f} … {max(values):,.{decimals}f}"


def table(rows):
    head = ["what", "beside", "ours", "theirs", "measured", "spread", "bar", "met", "more"]
    lines = [head, ["---"] * len(head), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine(load):
    """One line. `load` is the load average before the run: what else was going on."""
    with open("/proc/cpuinfo") as info:
        found = re.search(r"model name\s*:\s*(.+)", info.read())
    now = datetime.datetime.now(datetime.timezone.utc)
    busy = " **The machine was busy with other work: measure again.**" if load > 1 else ""
    return (
        f"{now:%Y-%m-%d %H:%M} UTC · {found[1] if found else platform.machine()}, "
        f"{os.cpu_count()} cores, {platform.system()} {platform.release()} · "
        f"load average before the run {load:.2f}.{busy}")


def write(path, text):
    """Replaces what is between the marker lines of the file."""
    with open(path, encoding="utf-8") as file:
        whole = file.read()
    before, begin, rest = whole.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path} has no lines {BEGIN} and {END}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n{text}\n{END}{after}")
