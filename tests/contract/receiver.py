"""Receivers of callbacks: one as users of the official SDK write it, and one that asks no questions."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from engagelab_otp import WebhookVerifier
from flask import Flask, request
from werkzeug.serving import make_server

USERNAME, SECRET = "shop", "a secret of the shop"
# Configuration of a server whose receivers are on this machine.
LOCAL = """
[callbacks]
dangerous_plain_http = true
dangerous_allow_networks = ["127.0.0.0/8"]
"""


@dataclass
class Request:
    """One request as it came."""

    headers: dict
    body: bytes
    status: int


@dataclass
class Receiver:
    """A Flask application with the SDK's view, and a copy of all that it was sent."""

    secret: str = SECRET
    events: list = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self):
        app = Flask("receiver")
        view = WebhookVerifier(USERNAME, self.secret).flask_view(self.events.extend)
        app.add_url_rule("/webhook", "webhook", view, methods=["POST"])
        app.after_request(self.note)
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def note(self, answer):
        with self.changed:
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.requests.append(Request(headers, request.get_data(), answer.status_code))
            self.changed.notify_all()
        return answer

    def until(self, done: Callable[[], bool]) -> None:
        with self.changed:
            if not self.changed.wait_for(done, timeout=20):
                raise TimeoutError(f"only {len(self.events)} events came")

    def count(self, status: str) -> int:
        """How many steps of that name were told."""
        return [getattr(event, "status", "") for event in list(self.events)].count(status)

    def close(self) -> None:
        self.server.shutdown()


class Listener:
    """Takes whatever it is told, at any path, and keeps the bodies."""

    def __init__(self):
        self.told: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def _handler(listener):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                listener.told.put(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler
