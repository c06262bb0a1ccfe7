#!/usr/bin/env python3
"""Executes the request collection and the contract's own examples against a running server.

    run.py URL [NAME=VALUE …]

Each answer is held to the contract: status, headers, content type, schema. NAME=VALUE replaces
the collection's variables (stable and canary: targets of that server). Exit code 0: all as
expected. Standard library only; with PyYAML, /openapi.json is compared with its source too.
"""

import http.client
import json
import pathlib
import re
import sys
import time
import urllib.parse
import uuid

from contract import Contract

ROOT = pathlib.Path(__file__).resolve().parents[3]
PATIENCE = 20.0  # seconds that `until` waits
PAUSE = 0.1  # seconds between two looks


class Server:
    def __init__(self, url):
        self.url = url.rstrip("/")
        self.host = urllib.parse.urlsplit(self.url).netloc

    def ask(self, method, target, headers, body):
        """(status, headers, body) of one request on a connection of its own."""
        connection = http.client.HTTPConnection(self.host, timeout=75)
        try:
            connection.request(method, target, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


class Report:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def add(self, title, faults):
        self.count += 1
        self.failed += bool(faults)
        print(("FAIL  " if faults else "ok    ") + title)
        for fault in faults[:5]:
            print("      " + fault)


class Request:
    """One request of a .http file and what its comments expect."""

    def __init__(self, title, text):
        self.title = title
        self.expected, self.until, self.saves = [], None, []
        head, _, self.body = text.strip("\n").partition("\n\n")
        lines = []
        for line in head.split("\n"):
            if not line.startswith("#"):
                lines.append(line)
                continue
            word, *rest = line[1:].split()
            if word == "expect":
                self.expected = [int(status) for status in rest]
            elif word == "until":
                self.until = (rest[0], rest[1:])
            elif word == "save":
                self.saves.append(rest)
        self.method, self.target = lines[0].split(" ", 1)
        self.headers = [line.split(": ", 1) for line in lines[1:]]


def requests_of(path):
    """The variables and the requests of a .http file."""
    start, *parts = re.split(r"^### ?", path.read_text(), flags=re.M)
    variables = dict(re.findall(r"^@(\w+) = (.*)$", start, flags=re.M))
    return variables, [Request(*part.split("\n", 1)) for part in parts]


def filled(text, variables):
    return re.sub(r"\{\{(\w+)\}\}", lambda name: variables[name[1]], text)


def run_request(server, contract, request, variables):
    target = filled(request.target, variables)[len(variables["base"]):]
    headers = {name: filled(value, variables) for name, value in request.headers}
    body = filled(request.body, variables).encode() or None
    end = time.monotonic() + PATIENCE
    while True:
        status, fields, content = server.ask(request.method, target, headers, body)
        faults = contract.faults(
            request.method, target.split("?")[0], status, fields, content)
        if status not in request.expected:
            faults.insert(0, f"{status}, not {request.expected}: {content[:600]!r}")
        if faults or request.until is None:
            break
        name, wanted = request.until
        found = json.loads(content).get(name)
        if found in wanted:
            break
        if time.monotonic() > end:
            faults.append(f"{name} is {found}, not {wanted}, after {PATIENCE} s: {content!r}")
            break
        time.sleep(PAUSE)
    for name, _, field in request.saves:
        variables[name] = fields.get(field, "")
    return faults


def run_collection(server, contract, given, report):
    # Names and paths of this run alone, so that it can be repeated on one server.
    mark = uuid.uuid4().hex[:8]
    for path in sorted((ROOT / "openapi" / "requests").glob("*.http")):
        variables, requests = requests_of(path)
        for name in ("name", "path"):
            if name in variables:
                variables[name] += "-" + mark
        variables.update(given, base=server.url)
        for request in requests:
            report.add(
                f"{path.name}: {request.title}",
                run_request(server, contract, request, variables))


def run_examples(server, contract, report):
    """Every request example of the contract must be well formed: taken, or declined for the
    phase that the rollout happens to be in."""
    for template, item in contract.document["paths"].items():
        for method, operation in item.items():
            if method not in ("get", "post", "put", "patch", "delete"):
                continue
            contents = operation.get("requestBody", {}).get("content", {None: {}})
            for media_type, content in contents.items():
                for name, example in content.get("examples", {"": {}}).items():
                    run_example(
                        server, contract, report, method.upper(), template, media_type, name,
                        content.get("schema"), example.get("value"))


def run_example(
    server, contract, report, method, template, media_type, name, schema, value
):
    target = template.replace("{name}", "fraud-v7").replace("{secret}", "0" * 32)
    headers = {"Prefer": "wait=5"}
    body = None
    faults = []
    if media_type:
        headers["Content-Type"] = media_type
        body = json.dumps(value).encode()
        faults += contract.violations(schema, value)
    status, fields, content = server.ask(method, target, headers, body)
    faults += contract.faults(method, target, status, fields, content)
    # The secret is told to nobody but Kong.
    expected = 200 <= status < 300 or status == (404 if "{secret}" in template else 409)
    if not expected:
        faults.append(f"{status}: {content[:600]!r}")
    report.add(f"example {name} of {method} {template}: {status}", faults)


def examples_of_answers(contract, report):
    """The examples of answers must fit their own schemas."""
    for template, item in contract.document["paths"].items():
        for method, operation in item.items():
            for status, response in (
                operation["responses"].items() if isinstance(operation, dict) else ()
            ):
                response = contract.resolved(response)
                for media_type, content in response.get("content", {}).items():
                    examples = [contract.resolved(e) for e in content.get("examples", {}).values()]
                    if "example" in content:
                        examples.append({"value": content["example"]})
                    faults = [] if examples else ["no example"]
                    for example in examples:
                        faults += contract.violations(content["schema"], example["value"])
                    if faults:
                        report.add(f"{method} {template} {status} {media_type}", faults)


def compare_with_source(contract, report):
    try:
        import yaml
    except ImportError:
        print("--    /openapi.json was not compared with openapi.yaml: PyYAML is not installed")
        return
    source = yaml.safe_load((ROOT / "openapi" / "openapi.yaml").read_text())
    report.add(
        "/openapi.json is openapi/openapi.yaml",
        [] if contract.document == source else ["they differ; `make openapi` writes it anew"])


def main(arguments):
    if not arguments:
        sys.exit(__doc__)
    server = Server(arguments[0])
    report = Report()
    status, _, content = server.ask("GET", "/openapi.json", {}, None)
    if status != 200:
        sys.exit(f"GET /openapi.json: {status} {content[:600]!r}")
    contract = Contract(json.loads(content))
    compare_with_source(contract, report)
    examples_of_answers(contract, report)
    run_collection(server, contract, dict(a.split("=", 1) for a in arguments[1:]), report)
    run_examples(server, contract, report)
    print(f"{report.count} requests, {report.failed} failed")
    return 1 if report.failed or not report.count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
