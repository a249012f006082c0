"""A registry that has no image, and says so as registries do: not found, not for you, too many."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 5999
_UNKNOWN = {"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}
_DENIED = {"code": "UNAUTHORIZED", "message": "authentication required"}
_TOO_MANY = {"code": "TOOMANYREQUESTS", "message": "pull rate limit"}
_STRANGE = {"code": "DIGEST_INVALID", "message": "no manifest"}
_OF_FOLDERS = {"private": (401, _DENIED), "busy": (429, _TOO_MANY), "odd": (200, _STRANGE)}


class _Handler(BaseHTTPRequestHandler):
    # what speaks TLS gets an answer that shows that HTTP is spoken here, and tries again without
    default_request_version = "HTTP/1.1"

    def do_GET(self) -> None:
        folder = self.path.split("/")[2] if self.path.count("/") > 2 else ""
        code, error = _OF_FOLDERS.get(folder, (404, _UNKNOWN))
        body = json.dumps({"errors": [error]}).encode()
        self.send_response(200 if self.path == "/v2/" else code)
        if error is _DENIED:
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
