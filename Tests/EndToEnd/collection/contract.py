"""The contract as answers are held to it. Standard library only."""

import json
import re

ANNOTATIONS = {
    "description", "example", "examples", "default", "title", "format", "summary", "deprecated",
}
TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
}


class Contract:
    """An OpenAPI 3.1 document."""

    def __init__(self, document):
        self.document = document
        self.templates = [
            (template, re.compile(re.sub(r"\{[^}]+\}", "[^/]+", re.escape(template)
                                         .replace(r"\{", "{").replace(r"\}", "}")) + "$"))
            for template in document["paths"]
        ]

    def operation(self, method, path):
        """The operation that answers `method` on `path`, or None."""
        for template, pattern in self.templates:
            if pattern.match(path):
                return self.document["paths"][template].get(method.lower())
        return None

    def resolved(self, value):
        while "$ref" in value and value["$ref"].startswith("#/"):
            target = self.document
            for part in value["$ref"][2:].split("/"):
                target = target[part]
            value = target
        return value

    def faults(self, method, path, status, headers, body):
        """What is wrong with an answer; an empty list if nothing is."""
        operation = self.operation(method, path)
        if operation is None:
            # No operation: only the form of the error can be held to the contract.
            schema = {"$ref": "#/components/schemas/Problem"}
            return self.violations(schema, json.loads(body)) if body else []
        response = operation["responses"].get(str(status))
        if response is None:
            return [f"status {status} is not in the contract"]
        response = self.resolved(response)
        found = []
        for name, header in response.get("headers", {}).items():
            header = self.resolved(header)
            if name not in headers:
                if header.get("required"):
                    found.append(f"header {name} is missing")
                continue
            text = headers[name]
            value = int(text) if header["schema"].get("type") == "integer" else text
            found += [f"header {name}: {v}" for v in self.violations(header["schema"], value)]
        content = response.get("content")
        if not content:
            return found + (["a body where none is expected"] if body else [])
        sent = headers.get("Content-Type", "").split(";")[0].strip()
        if sent not in content:
            return found + [f"content type {sent!r} is not in the contract"]
        if sent.endswith("json"):
            try:
                value = json.loads(body)
            except ValueError as error:
                return found + [f"the body is not JSON: {error}"]
            found += self.violations(content[sent]["schema"], value)
        return found

    def _violations(self, schema, value, where):
        """Yields what in `value` breaks `schema`. Knows the keywords the contract uses, no more."""
        place = where or "body"
        for keyword, rule in schema.items():
            if keyword in ANNOTATIONS:
                continue
            check = getattr(self, "_" + keyword.replace("$", ""), None)
            if check is None:
                raise NotImplementedError(f"schema keyword {keyword}")
            for violation in check(rule, value, schema, where):
                # A tuple comes from deeper down and knows its place.
                yield violation if isinstance(violation, tuple) else (place, violation)

    def violations(self, schema, value):
        """What in `value` breaks `schema`, each with its place."""
        return [f"{place}: {text}" for place, text in self._violations(schema, value, "")]

    def _ref(self, rule, value, schema, where):
        yield from self._violations(self.resolved({"$ref": rule}), value, where)

    def _type(self, rule, value, schema, where):
        names = rule if isinstance(rule, list) else [rule]
        if not any(self._is(name, value) for name in names):
            yield f"{value!r:.80} is not {' or '.join(names)}"

    @staticmethod
    def _is(name, value):
        if name in ("integer", "number"):
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                return False
            return name == "number" or value == int(value)
        return isinstance(value, TYPES[name])

    def _enum(self, rule, value, schema, where):
        if value not in rule:
            yield f"{value!r:.80} is none of {rule}"

    def _const(self, rule, value, schema, where):
        if value != rule:
            yield f"{value!r:.80} is not {rule!r}"

    def _pattern(self, rule, value, schema, where):
        if isinstance(value, str) and not re.search(rule, value):
            yield f"{value!r:.80} does not match {rule}"

    def _minLength(self, rule, value, schema, where):
        if isinstance(value, str) and len(value) < rule:
            yield f"{value!r:.80} is shorter than {rule}"

    def _maxLength(self, rule, value, schema, where):
        if isinstance(value, str) and len(value) > rule:
            yield f"{value!r:.80} is longer than {rule}"

    def _minimum(self, rule, value, schema, where):
        if self._is("number", value) and value < rule:
            yield f"{value} is below {rule}"

    def _maximum(self, rule, value, schema, where):
        if self._is("number", value) and value > rule:
            yield f"{value} is above {rule}"

    def _exclusiveMinimum(self, rule, value, schema, where):
        if self._is("number", value) and value <= rule:
            yield f"{value} is not above {rule}"

    def _exclusiveMaximum(self, rule, value, schema, where):
        if self._is("number", value) and value >= rule:
            yield f"{value} is not below {rule}"

    def _minItems(self, rule, value, schema, where):
        if isinstance(value, list) and len(value) < rule:
            yield f"fewer than {rule} elements"

    def _maxItems(self, rule, value, schema, where):
        if isinstance(value, list) and len(value) > rule:
            yield f"more than {rule} elements"

    def _uniqueItems(self, rule, value, schema, where):
        if isinstance(value, list) and any(value.count(item) > 1 for item in value):
            yield "an element is there twice"

    def _maxProperties(self, rule, value, schema, where):
        if isinstance(value, dict) and len(value) > rule:
            yield f"more than {rule} members"

    def _items(self, rule, value, schema, where):
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._violations(rule, item, f"{where}/{index}")

    def _required(self, rule, value, schema, where):
        if isinstance(value, dict):
            yield from (f"{name} is missing" for name in rule if name not in value)

    def _properties(self, rule, value, schema, where):
        if isinstance(value, dict):
            for name in rule.keys() & value.keys():
                yield from self._violations(rule[name], value[name], f"{where}/{name}")

    def _propertyNames(self, rule, value, schema, where):
        if isinstance(value, dict):
            for name in value:
                yield from self._violations(rule, name, f"{where}/{name}")

    def _additionalProperties(self, rule, value, schema, where):
        if not isinstance(value, dict):
            return
        for name in value.keys() - schema.get("properties", {}).keys():
            if rule is False:
                yield f"{name} is not known"
            elif isinstance(rule, dict):
                yield from self._violations(rule, value[name], f"{where}/{name}")

    def _anyOf(self, rule, value, schema, where):
        if not any(not list(self._violations(one, value, where)) for one in rule):
            yield f"{value!r:.80} fits none of {len(rule)} schemas"
