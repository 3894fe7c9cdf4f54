//! Log requests into [`ReceivedLog`]s.
use std::sync::Arc;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::logs::v1::LogRecord;

use super::{Batch, SPAN_ID_BYTES, TRACE_ID_BYTES, attributes, id, value};
use crate::collector::log::ReceivedLog;
use crate::collector::origin::{ReceivedResource, ReceivedScope};

/// Reads every log record of `request`; none is ever rejected.
pub(in crate::collector) fn logs(request: ExportLogsServiceRequest) -> Batch<ReceivedLog> {
    let mut batch = Batch::default();
    for message in request.resource_logs {
        let resource = Arc::new(super::resource(message.resource, message.schema_url));
        for message in message.scope_logs {
            let scope = Arc::new(super::scope(message.scope, message.schema_url));
            batch.items.extend(message.log_records.into_iter().map(|record| read(record, &resource, &scope)));
        }
    }
    batch
}

/// An id that is invalid counts as absent, as `logs.proto` asks of receivers: such a record belongs to no trace.
fn read(message: LogRecord, resource: &Arc<ReceivedResource>, scope: &Arc<ReceivedScope>) -> ReceivedLog {
    ReceivedLog {
        time_unix_nanos: message.time_unix_nano,
        observed_unix_nanos: message.observed_time_unix_nano,
        severity_number: message.severity_number,
        severity_text: message.severity_text,
        event_name: message.event_name,
        body: message.body.map(|body| value(Some(body))),
        attributes: attributes(message.attributes),
        trace_id: id(&message.trace_id, TRACE_ID_BYTES),
        span_id: id(&message.span_id, SPAN_ID_BYTES),
        flags: message.flags,
        resource: Arc::clone(resource),
        scope: Arc::clone(scope),
        dropped_attributes: message.dropped_attributes_count,
    }
}
