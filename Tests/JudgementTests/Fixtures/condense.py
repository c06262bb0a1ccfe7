#!/usr/bin/env python3
"""Condenses recorded telemetry to the counts that a trial takes, one block a line.

usage: condense.py FILE.jsonl.gz > NAME.json

An independent reading of Kong's log records, kept to check the judgement without the parser
of the service. Stable is port 9401, the canary 9402 or 9499, as in the recordings.
Each line: [received_ms, stable, canary], and each version
[attempts, failures, hidden failures, first tries, [milliseconds…], [scores…]].
"""
import gzip
import json
import sys

STABLE, CANARY = {9401}, {9402, 9499}


def main():
    seen = set()
    with gzip.open(sys.argv[1], "rt") as file:
        for line in file:
            post = json.loads(line)
            records = post["body"] if isinstance(post["body"], list) else [post["body"]]
            versions = [[0, 0, 0, 0, [], []], [0, 0, 0, 0, [], []]]
            for record in records:
                if record["request"].get("id") in seen:
                    continue
                seen.add(record["request"].get("id"))
                status = record["response"]["status"]
                tries = record["tries"]
                for index, attempt in enumerate(tries):
                    port = attempt["port"]
                    if port not in STABLE | CANARY:
                        continue
                    version = versions[port in CANARY]
                    is_last = index == len(tries) - 1
                    failed = attempt.get("state") == "failed" or (is_last and status >= 500)
                    version[0] += 1
                    version[1] += failed
                    version[2] += failed and not is_last
                    version[3] += index == 0
                    if is_last and not failed:
                        version[4].append(int(record["latencies"]["proxy"]))
                        if record.get("score") is not None:
                            version[5].append(float(record["score"]))
            print(json.dumps([post["received_ms"], *versions], separators=(",", ":")))


main()
