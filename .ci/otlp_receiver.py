"""An OTLP/gRPC receiver that shares no code with the crate: one line of JSON for every span that arrives.

Usage: python otlp_receiver.py PORT FILE, with `grpcio` and `opentelemetry-proto`. Writes "ready" to standard output.
Attributes stay a list of {"key", "type", "value"}, so that duplicates and types can be seen.
"""

import json
import sys
from concurrent import futures

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as services


def plain(value):
    """An AnyValue as (type, value)."""
    kind = value.WhichOneof("value") or "empty"
    if kind == "array_value":
        return kind, [plain(item)[1] for item in value.array_value.values]
    if kind == "kvlist_value":
        return kind, attributes(value.kvlist_value.values)
    if kind == "bytes_value":
        return kind, value.bytes_value.hex()
    return kind, getattr(value, kind, None)


def attributes(pairs):
    found = []
    for pair in pairs:
        kind, value = plain(pair.value)
        found.append({"key": pair.key, "type": kind, "value": value})
    return found


def line(span, resource):
    return {
        "name": span.name,
        "trace": span.trace_id.hex(),
        "span": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "kind": span.kind,
        "status": span.status.code,
        "attributes": attributes(span.attributes),
        "events": [{"name": event.name, "attributes": attributes(event.attributes)} for event in span.events],
        "resource": attributes(resource.attributes),
    }


class Receiver(services.TraceServiceServicer):
    def __init__(self, file):
        self.file = file

    def Export(self, request, context):
        for group in request.resource_spans:
            for scope in group.scope_spans:
                for span in scope.spans:
                    self.file.write(json.dumps(line(span, group.resource)) + "\n")
        self.file.flush()
        return messages.ExportTraceServiceResponse()


def main():
    port, path = sys.argv[1:]
    with open(path, "a", encoding="utf-8") as file:
        # One worker: requests are written one after the other.
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
        services.add_TraceServiceServicer_to_server(Receiver(file), server)
        if server.add_insecure_port(f"127.0.0.1:{port}") == 0:
            sys.exit(f"port {port} is taken")
        server.start()
        print("ready", flush=True)
        server.wait_for_termination()


if __name__ == "__main__":
    main()
