"""A server that a page must never reach: what it hears is the proof."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

CANARY = "CANARI-7f3a9"


class Listener(BaseHTTPRequestHandler):
    heard: list[str] = []

    def do_GET(self) -> None:
        self.heard.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(CANARY.encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def listening() -> Iterator[str]:
    """Listen, and give the address."""
    Listener.heard = []
    httpd = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}"
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()
