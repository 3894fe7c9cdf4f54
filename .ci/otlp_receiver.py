"""An OTLP/gRPC receiver that shares no code with the crate: one line of JSON for every span, metric and log record that arrives.

Usage: python otlp_receiver.py PORT FILE, with `grpcio` and `opentelemetry-proto`. Writes "ready" to standard output.
Each line has "signal": "span", "metric" or "log".
Attributes stay a list of {"key", "type", "value"}, so that duplicates and types can be seen.
"""

import json
import sys
from concurrent import futures

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc as logs_services
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_services
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as traces_services


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


def span_line(span):
    return {
        "signal": "span",
        "name": span.name,
        "trace": span.trace_id.hex(),
        "span": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "kind": span.kind,
        "status": span.status.code,
        "attributes": attributes(span.attributes),
        "events": [{"name": event.name, "attributes": attributes(event.attributes)} for event in span.events],
    }


def metric_line(metric):
    kind = metric.WhichOneof("data")
    data = getattr(metric, kind) if kind else None
    return {
        "signal": "metric",
        "name": metric.name,
        "unit": metric.unit,
        "kind": kind,
        "points": [point_line(kind, point) for point in data.data_points] if data else [],
    }


def point_line(kind, point):
    if kind in ("sum", "gauge"):
        value = point.WhichOneof("value")
        return {"attributes": attributes(point.attributes), "type": value, "value": getattr(point, value or "flags")}
    return {"attributes": attributes(point.attributes), "count": point.count, "sum": point.sum}


def log_line(record):
    return {
        "signal": "log",
        "name": record.event_name,
        "trace": record.trace_id.hex(),
        "span": record.span_id.hex(),
        "severity": record.severity_number,
        "body": plain(record.body)[0],
        "attributes": attributes(record.attributes),
    }


class Receiver:
    """Writes what arrives."""

    def __init__(self, file):
        self.file = file

    def write(self, resource, lines):
        for line in lines:
            line["resource"] = attributes(resource.attributes)
            self.file.write(json.dumps(line) + "\n")
        self.file.flush()


class Traces(Receiver, traces_services.TraceServiceServicer):
    def Export(self, request, context):
        for group in request.resource_spans:
            for scope in group.scope_spans:
                self.write(group.resource, map(span_line, scope.spans))
        return traces.ExportTraceServiceResponse()


class Metrics(Receiver, metrics_services.MetricsServiceServicer):
    def Export(self, request, context):
        for group in request.resource_metrics:
            for scope in group.scope_metrics:
                self.write(group.resource, map(metric_line, scope.metrics))
        return metrics.ExportMetricsServiceResponse()


class Logs(Receiver, logs_services.LogsServiceServicer):
    def Export(self, request, context):
        for group in request.resource_logs:
            for scope in group.scope_logs:
                self.write(group.resource, map(log_line, scope.log_records))
        return logs.ExportLogsServiceResponse()


def main():
    port, path = sys.argv[1:]
    with open(path, "a", encoding="utf-8") as file:
        # One worker: requests are written one after the other.
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
        traces_services.add_TraceServiceServicer_to_server(Traces(file), server)
        metrics_services.add_MetricsServiceServicer_to_server(Metrics(file), server)
        logs_services.add_LogsServiceServicer_to_server(Logs(file), server)
        if server.add_insecure_port(f"127.0.0.1:{port}") == 0:
            sys.exit(f"port {port} is taken")
        server.start()
        print("ready", flush=True)
        server.wait_for_termination()


if __name__ == "__main__":
    main()
