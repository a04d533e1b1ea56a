"""The other end of an HTTP gateway: takes what the server delivers, and tells the tests."""

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DELIVERY_SECONDS = 20
CODE = re.compile(r"\b\d{4,10}\b")


class Sink:
    """Records each delivery by its message id.

    `GET /message/{id}` (or `newest`) waits for one, for clients that are not Python, and `GET /code/{id}` for
    its code.
    """

    def __init__(self, refuses: Callable[[dict], bool] = lambda message: False):
        self.refuses = refuses
        self.messages: dict[str, dict] = {}
        self.changed = threading.Condition()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def message(self, message_id: str) -> dict:
        """The delivery `{"to", "text", "channel", "message_id", "sender"}`, waited for."""
        self.wait(lambda: message_id in self.messages)
        return self.messages[message_id]

    def newest(self) -> dict:
        """The delivery that came last, waited for if there is none."""
        self.wait(lambda: bool(self.messages))
        return list(self.messages.values())[-1]

    def wait(self, done: Callable[[], bool], seconds: float = DELIVERY_SECONDS) -> None:
        """Returns when `done` holds, else raises TimeoutError."""
        with self.changed:
            if not self.changed.wait_for(done, timeout=seconds):
                raise TimeoutError(f"nothing of that kind was delivered within {seconds} s")

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def _handler(sink):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                message = json.loads(body)
                with sink.changed:
                    sink.messages.pop(message["message_id"], None)  # what comes again is the newest again
                    sink.messages[message["message_id"]] = message
                    sink.changed.notify_all()
                # A refusing gateway may well quote the request, code and all.
                self.answer(500 if sink.refuses(message) else 200, body)

            def do_GET(self):
                wanted, name = self.path.split("/")[-2:]
                try:
                    message = sink.newest() if name == "newest" else sink.message(name)
                except TimeoutError:
                    self.answer(404, b"{}")
                    return
                body = CODE.search(message["text"])[0] if wanted == "code" else json.dumps(message)
                self.answer(200, body.encode())

            def answer(self, status: int, body: bytes):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
