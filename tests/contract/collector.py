"""An OpenTelemetry collector: takes OTLP over HTTP, decoded by the messages that OpenTelemetry publishes."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

EXPORT_SECONDS = 20


class Collector:
    """Keeps every span, and every byte that came."""

    def __init__(self):
        self.spans: list[Span] = []
        self.services: set[str] = set()
        self.bytes = b""
        self.changed = threading.Condition()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def span(self, name: str, **wanted: object) -> Span:
        """The first span of that name with these attributes, waited for."""
        found: list[Span] = []

        def there() -> bool:
            found[:] = [span for span in self.spans if span.name == name and wanted.items() <= attributes(span).items()]
            return bool(found)

        with self.changed:
            if not self.changed.wait_for(there, timeout=EXPORT_SECONDS):
                raise TimeoutError(f"no span {name} {wanted} came within {EXPORT_SECONDS} s")
        return found[0]

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def _handler(collector):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                good = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
                if good:
                    with collector.changed:
                        collector.keep(body)
                        collector.changed.notify_all()
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200 if good else 404)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        return Handler

    def keep(self, body: bytes) -> None:
        self.bytes += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services |= {
                field.value.string_value for field in resource.resource.attributes if field.key == "service.name"
            }
            for scope in resource.scope_spans:
                self.spans += scope.spans


def attributes(span: Span) -> dict[str, object]:
    """Name and value."""
    return {field.key: getattr(field.value, field.value.WhichOneof("value")) for field in span.attributes}
