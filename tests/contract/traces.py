"""Spans of requests and hand-overs reach an OpenTelemetry collector; they hold neither codes nor recipients."""

import json
import urllib.request

from collector import Collector, attributes
from harness import DIRECT, Key, Report, Server, code_in, phone
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from sink import Sink

# The example of W3C Trace Context.
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def run(report: Report) -> None:
    collector, refused = Collector(), set()
    sink = Sink(refuses=lambda message: message["to"] in refused)
    # The log's level is no concern of the spans.
    extra = f'[trace]\notlp_endpoint = "{collector.url}"\n[log]\nlevel = "warn,verifyd::app=info"'
    with Server(sink, extra=extra) as server:
        server.start()
        server.command("app", "create", "contract")
        key = server.key()
        server.until_known(key)
        server.template(key, "code")
        with report.case("a request and its hand-over are spans, below the caller's"):
            a_send_is_seen(server, sink, collector, key)
        with report.case("a hand-over that fails says so"):
            a_failure_is_seen(server, collector, key, refused)
        with report.case("a caller that does not trace is not traced"):
            an_unsampled_caller_is_left_out(server, collector, key)
        with report.case("what is left when the server ends is sent"):
            send(server, key, phone(), "last-of-all")
            server.stop()
            collector.span("request", request_id="last-of-all")
        with report.case("no span holds a code or a recipient"):
            nothing_leaks(sink, collector)
    collector.close()
    sink.close()


def send(server: Server, key: Key, to: str, request_id: str, traceparent: str = "") -> str:
    """Sends a code; the message's id."""
    body = {"to": to, "template": {"id": "code", "params": {"name": "Ann"}}}
    request = urllib.request.Request(f"{server.url}/v1/messages", json.dumps(body).encode())
    request.add_header("Authorization", key.authorization)
    request.add_header("X-Request-Id", request_id)
    if traceparent:
        request.add_header("traceparent", traceparent)
    with DIRECT.open(request, timeout=30) as answer:
        return json.loads(answer.read())["message_id"]


def a_send_is_seen(server: Server, sink: Sink, collector: Collector, key: Key) -> None:
    message_id = send(server, key, phone(), "first", f"00-{TRACE}-{PARENT}-01")
    sink.message(message_id)
    request = collector.span("request", request_id="first")
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT), request
    assert request.kind == Span.SPAN_KIND_SERVER, request
    said = attributes(request)
    assert (said["method"], said["operation"], said["status"]) == ("POST", "sendMessage", 200), said
    assert 0 < request.end_time_unix_nano - request.start_time_unix_nano < 30e9, request
    assert collector.services == {"verifyd"}, collector.services

    hop = collector.span("hand_over", message_id=message_id)
    assert hop.kind == Span.SPAN_KIND_CLIENT and not hop.events, hop
    wanted = {"channel": "sms", "provider": "sink", "hop": 1, "attempt": 1, "outcome": "accepted"}
    assert wanted.items() <= attributes(hop).items(), hop


def a_failure_is_seen(server: Server, collector: Collector, key: Key, refused: set[str]) -> None:
    to = phone()
    refused.add(to)
    message_id = send(server, key, to, "failing")
    for attempt in (1, 2):
        collector.span("hand_over", message_id=message_id, attempt=attempt, outcome="unavailable")
    assert collector.span("request", request_id="failing").status.code == Status.STATUS_CODE_UNSET


def an_unsampled_caller_is_left_out(server: Server, collector: Collector, key: Key) -> None:
    send(server, key, phone(), "unsampled", f"00-{TRACE}-{PARENT}-00")
    send(server, key, phone(), "after")
    collector.span("request", request_id="after")
    assert not [span for span in collector.spans if attributes(span).get("request_id") == "unsampled"]


def nothing_leaks(sink: Sink, collector: Collector) -> None:
    assert len(sink.messages) >= 4, "nothing to look for"
    for message in sink.messages.values():
        for needle in (message["to"], message["to"].lstrip("+"), code_in(message["text"])):
            assert needle.encode() not in collector.bytes, "found in a span"
