"""A small HTTP/1.1 client on one kept-alive connection, without delays of its own.

A request leaves in one piece: http.client sends head and body apart, which costs a packet.
"""

import json
import socket
import time

from .processes import Unmeasured


class Client:
    def __init__(self, port):
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        #: When the last request was sent, by `time.perf_counter`.
        self.sent_at = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def call(self, method, path, body=None, headers=()):
        """(status, parsed body or None)."""
        content = b"" if body is None else json.dumps(body).encode()
        head = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        head += [f"{name}: {value}" for name, value in dict(headers).items()]
        if method != "GET":
            head.append(f"Content-Length: {len(content)}")
        if body is not None:
            head.append("Content-Type: application/json")
        self.sent_at = time.perf_counter()
        self.socket.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + content)
        return self._answer()

    def expect(self, status, method, path, body=None, headers=()):
        """The parsed body of an answer that has one of the wanted statuses."""
        found, answer = self.call(method, path, body, headers)
        if found not in status:
            raise Unmeasured(f"{method} {path} answered {found}: {json.dumps(answer)[:400]}")
        return answer

    def _answer(self):
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, rest = received.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip()
                  for name, _, value in (line.partition(":") for line in lines[1:])}
        status = int(lines[0].split()[1])
        length = int(fields.get("content-length", 0))
        while len(rest) < length:
            rest += self._more()
        return status, json.loads(rest) if rest else None

    def _more(self):
        chunk = self.socket.recv(65536)
        if not chunk:
            raise Unmeasured(f"the server on port {self.port} closed the connection")
        return chunk
