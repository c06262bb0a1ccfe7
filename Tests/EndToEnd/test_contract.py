"""The program is what openapi/openapi.yaml says, and the examples there are true."""

import re
import subprocess
import sys

import jsonschema
import pytest
import yaml

from rollouts import CANARY, STABLE


@pytest.fixture(scope="module")
def document(root):
    return yaml.safe_load((root / "openapi" / "openapi.yaml").read_text())


@pytest.fixture(scope="module")
def service(shared_programs):
    return shared_programs.serve()


def resolved(document, value):
    while isinstance(value, dict) and "$ref" in value:
        found = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def test_openapi_json_is_the_contract(service, document):
    answer = service.client.get("/openapi.json")
    assert answer.status == 200 and answer.headers.get_content_type() == "application/json"
    assert answer.json == document


def test_every_example_fits_its_schema(document):
    count = 0
    for template, item in document["paths"].items():
        for method, operation in item.items():
            if not isinstance(operation, dict):
                continue
            bodies = [("request", operation.get("requestBody", {}))]
            bodies += [(s, resolved(document, r)) for s, r in operation["responses"].items()]
            for status, body in bodies:
                for media, content in resolved(document, body).get("content", {}).items():
                    # Local references are looked up from the schema's own root.
                    schema = {**content["schema"], "components": document["components"]}
                    check = jsonschema.Draft202012Validator(schema)
                    examples = [
                        resolved(document, e)["value"]
                        for e in content.get("examples", {}).values()]
                    examples += [content["example"]] if "example" in content else []
                    assert examples, f"{method} {template} {status} {media} has no example"
                    for example in examples:
                        count += 1
                        faults = [f"{e.json_path}: {e.message}" for e in check.iter_errors(example)]
                        assert not faults, (method, template, status, faults)
    assert count > 50


def test_every_operation_has_a_call_in_the_collection(document, root):
    text = "".join(p.read_text() for p in (root / "openapi" / "requests").glob("*.http"))
    for template, item in document["paths"].items():
        path = re.sub(r"\{(\w+)\}", r"{{\1}}", template)
        for method in item.keys() & {"get", "post", "patch", "delete"}:
            assert f"\n{method.upper()} {{{{base}}}}{path}" in text, (method, template)


def test_the_request_collection_and_the_examples_run(service, root):
    done = subprocess.run(
        [sys.executable, root / "Tests" / "EndToEnd" / "collection" / "run.py",
         service.client.address, f"stable={STABLE}", f"canary={CANARY}"],
        capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "0 failed" in done.stdout, done.stdout[-2000:]


def test_head_and_options_are_answered_everywhere(service, document):
    for template, item in document["paths"].items():
        path = template.replace("{name}", "nobody").replace("{secret}", "0" * 32)
        options = service.client.ask("OPTIONS", path)
        assert options.status in (200, 204), options
        for method in item.keys() & {"get", "post", "patch", "delete"}:
            assert method.upper() in options.headers["Allow"], (template, options.headers["Allow"])
        if "get" in item:
            get, head = service.client.get(path), service.client.ask("HEAD", path)
            assert (head.status, head.body) == (get.status, b""), (get, head)
            assert head.headers.get_content_type() == get.headers.get_content_type()
