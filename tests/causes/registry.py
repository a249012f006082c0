"""A registry that has no image, and says so as registries do: not found, or not for you."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 5999
_UNKNOWN = {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}
_DENIED = {"code": "UNAUTHORIZED", "message": "authentication required"}


class _Handler(BaseHTTPRequestHandler):
    # what speaks TLS gets an answer that shows that HTTP is spoken here, and tries again without
    default_request_version = "HTTP/1.1"

    def do_GET(self) -> None:
        denied = "/private/" in self.path
        body = json.dumps({"errors": [_DENIED if denied else _UNKNOWN]}).encode()
        self.send_response(200 if self.path == "/v2/" else 401 if denied else 404)
        if denied:
            self.send_header("WWW-Authenticate", 'Basic realm="registry"')
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running() -> Iterator[None]:
    """The registry on localhost, for the time of a `with`."""
    server = ThreadingHTTPServer(("127.0.0.1", PORT), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
