//! Log records to send.
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use tracing_genai::collector::{AttributeValue, Collector};

use crate::requests::{PATIENCE, TRACE_ID, attribute, text};

const DETAILS: &str = "gen_ai.client.inference.operation.details";
const PROMPT: &str = "a line of the prompt";

pub(crate) fn record(event_name: &str) -> LogRecord {
    LogRecord { time_unix_nano: 1_000_000, event_name: event_name.to_owned(), ..LogRecord::default() }
}

pub(crate) fn logs(records: Vec<LogRecord>) -> ExportLogsServiceRequest {
    let resource = Resource { attributes: vec![attribute("service.name", text("agent"))], ..Resource::default() };
    let scope = InstrumentationScope { name: "tests".to_owned(), ..InstrumentationScope::default() };
    let scope_logs = ScopeLogs { scope: Some(scope), log_records: records, schema_url: "urn:scope".to_owned() };
    let resource_logs =
        ResourceLogs { resource: Some(resource), scope_logs: vec![scope_logs], schema_url: "urn:resource".to_owned() };
    ExportLogsServiceRequest { resource_logs: vec![resource_logs] }
}

fn messages() -> Value {
    let message = KeyValueList { values: vec![attribute("role", text("user")), attribute("content", text(PROMPT))] };
    Value::ArrayValue(ArrayValue { values: vec![AnyValue { value: Some(Value::KvlistValue(message)) }] })
}

/// A record that uses every field a record has.
pub(crate) fn full_logs() -> ExportLogsServiceRequest {
    logs(vec![LogRecord {
        observed_time_unix_nano: 2_000_000,
        severity_number: 5,
        severity_text: "DEBUG".to_owned(),
        body: Some(AnyValue { value: Some(text(PROMPT)) }),
        attributes: vec![
            attribute("gen_ai.input.messages", messages()),
            attribute("gen_ai.usage.input_tokens", Value::IntValue(i64::MAX)),
        ],
        dropped_attributes_count: 3,
        flags: 1,
        trace_id: TRACE_ID.to_vec(),
        span_id: [7; 8].to_vec(),
        ..record(DETAILS)
    }])
}

/// Exactly [`full_logs`] is held.
pub(crate) fn assert_received_logs(collector: &Collector) {
    assert!(collector.wait_until_logs(|logs| !logs.is_empty(), PATIENCE));
    let logs = collector.logs();
    assert_eq!(logs.len(), 1);
    let log = &logs[0];
    assert_eq!((log.time_unix_nanos, log.observed_unix_nanos), (1_000_000, 2_000_000));
    assert_eq!((log.severity_number, log.severity_text.as_str(), log.event_name.as_str()), (5, "DEBUG", DETAILS));
    assert_eq!(log.body, Some(AttributeValue::Str(PROMPT.to_owned())));
    assert_eq!(log.int("gen_ai.usage.input_tokens"), Some(i64::MAX));
    assert_eq!(log.attributes.len(), 2);
    assert_eq!((log.flags, log.dropped_attributes), (1, 3));
    assert_eq!((log.trace_id.clone(), log.span_id.clone()), (Some("4b".repeat(16)), Some("07".repeat(8))));
    let service = log.resource.attribute("service.name").and_then(AttributeValue::as_str);
    assert_eq!((service, log.resource.schema_url.as_str()), (Some("agent"), "urn:resource"));
    assert_eq!((log.scope.name.as_str(), log.scope.schema_url.as_str()), ("tests", "urn:scope"));
}
