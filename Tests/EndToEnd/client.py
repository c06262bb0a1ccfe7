"""HTTP/1.1 calls, each on a connection of its own, with answers that can be looked into."""

import http.client
import json
import urllib.parse


class Answer:
    def __init__(self, method, path, status, headers, body):
        self.method, self.path = method, path
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.method} {self.path} -> {self.status} {self.body[:1500]!r}"


class Client:
    """A server by its address; `headers` go with every request."""

    def __init__(self, address, headers=None):
        self.address = address.rstrip("/")
        self.host = urllib.parse.urlsplit(self.address).netloc
        self.headers = headers or {}

    @property
    def port(self):
        return int(self.host.rsplit(":", 1)[1])

    def having(self, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self.address, {**self.headers, **named})

    def ask(self, method, path, body=None, headers=None, timeout=75.0):
        """`body`: bytes as they are, anything else as JSON."""
        sent = dict(self.headers)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        sent.update(headers or {})
        connection = http.client.HTTPConnection(self.host, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            return Answer(method, path, answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body=None, wait=None, **options):
        """`wait`: seconds for `Prefer: wait=`."""
        headers = dict(options.pop("headers", None) or {})
        if wait is not None:
            headers["Prefer"] = f"wait={wait}"
        return self.ask("POST", path, body, headers=headers, **options)
