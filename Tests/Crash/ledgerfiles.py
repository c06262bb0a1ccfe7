"""Reads a ledger's directory without any code of the program: what a crash really left there.

Lines are `{"c":"<CRC-32C>","s":…,"b":…,"t":…,"k":…,"r":…,"d":…,"e":…,"a":…}`; `c` sums all bytes
after its own closing quote. Only the last lines of the journal may be torn.
"""

import json


def _table():
    rows = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        rows.append(value)
    return rows


TABLE = _table()
SUMMED = len(b'{"c":"00000000"')


def crc32c(data):
    total = 0xFFFFFFFF
    for byte in data:
        total = TABLE[(total ^ byte) & 255] ^ total >> 8
    return total ^ 0xFFFFFFFF


class LedgerFiles:
    """What the directory says, read further at every look."""

    def __init__(self, directory):
        self.directory = directory
        self._forget()

    def _forget(self):
        self.documents = {}  # name -> document of the last whole line; None: deleted
        self.events = {}  # name -> its events in order, each with its sequence as "id"
        self.sequence = 0
        self.torn = 0  # bytes after the last whole line
        self._head, self._offset = None, 0

    def read(self):
        """With the server dead. Reads what was appended, or everything after a compaction."""
        journal = (self.directory / "journal.jsonl").read_bytes()
        end = journal.index(b"\n") + 1
        if journal[:end] != self._head or self._offset > len(journal):
            self._forget()
            self._head, self._offset = journal[:end], end
            self._snapshot()
        place = self._offset
        while (stop := journal.find(b"\n", place)) >= 0:
            line = self._line(journal[place:stop])
            if line is None or line["s"] != self.sequence + 1 and not self._is_known(line):
                break
            self._apply(line)
            place = stop + 1
        self._offset = place
        self.torn = len(journal[place:].rstrip(b"\0"))

    def _is_known(self, line):
        return line["s"] <= self.sequence

    def _snapshot(self):
        """The files before the journal; both were synced whole."""
        for name in ("snapshot.json", "journal.old.jsonl"):
            path = self.directory / name
            if not path.exists():
                continue
            first, *lines = path.read_bytes().rstrip(b"\0").split(b"\n")
            head = json.loads(first)
            for raw in filter(None, lines):
                line = self._line(raw)
                assert line is not None, f"{name} holds a damaged line"
                if name != "snapshot.json" and self._is_known(line):
                    continue
                self._apply(line, rising=name != "snapshot.json")
            self.sequence = max(self.sequence, head["after"])

    @staticmethod
    def _line(raw):
        if len(raw) < SUMMED or not raw.startswith(b'{"c":"'):
            return None
        if raw[6:14] != b"%08x" % crc32c(raw[SUMMED:]):
            return None
        return json.loads(raw)

    def _apply(self, line, rising=True):
        if rising:
            if self._is_known(line):
                return
            self.sequence = line["s"]
        key = line.get("k", "")
        name = key.split("/", 1)[-1]
        if "d" in line:
            self.documents[name] = line["d"]
        if "e" in line:
            self.events.setdefault(name, []).append({"id": line["s"], **line["e"]})

    def live(self):
        return {name: d for name, d in self.documents.items() if d is not None}

    def most(self, name):
        """The largest share that may be in Kong: asked, or asked since the last confirmation."""
        allowed = 0.0
        for event in self.events.get(name, []):
            asked = event["data"].get("asked_percent", 0.0)
            is_confirmed = event["type"] in ("confirmed", "aborted", "promoted")
            allowed = asked if is_confirmed else max(allowed, asked)
        return allowed
