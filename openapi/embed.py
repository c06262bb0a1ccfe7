"""Writes the contract into the program: openapi/openapi.yaml as the JSON that /openapi.json serves."""

import json
import pathlib

import yaml

root = pathlib.Path(__file__).resolve().parent.parent
contract = yaml.safe_load((root / "openapi/openapi.yaml").read_text())
text = json.dumps(contract, ensure_ascii=True, separators=(",", ":"), default=str)
assert '"##' not in text, "the raw string would end early"
(root / "Sources/kong-rollouts/OpenAPIDocument.swift").write_text(
    "/// The contract; made from openapi/openapi.yaml by `make openapi`.\n"
    "enum OpenAPIDocument {\n"
    f'    static let json = ##"{text}"##\n'
    "}\n"
)
