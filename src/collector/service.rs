//! The three services of OTLP: their messages, and what becomes of them in any protocol.
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use serde::de::DeserializeOwned;

use super::decode;
use super::store::Store;

/// A service of OTLP.
pub(super) trait Service: 'static {
    /// Name of the request's message.
    const REQUEST: &'static str;
    /// Where an answer in JSON counts what was rejected.
    const REJECTED: &'static str;
    /// What the sender of something rejected is told.
    const REASON: &'static str;

    type Request: Message + Default + DeserializeOwned;
    type Response: Message + Default;

    /// Puts what is valid into the store and gives how much was not.
    fn take(request: Self::Request, store: &Store) -> u64;

    /// The answer to a request of which `rejected` items are invalid.
    fn answer(rejected: u64) -> Self::Response;
}

pub(super) struct Traces;
pub(super) struct Metrics;
pub(super) struct Logs;

impl Service for Traces {
    const REQUEST: &'static str = "ExportTraceServiceRequest";
    const REJECTED: &'static str = "rejectedSpans";
    const REASON: &'static str = "spans with an invalid id: a trace id has 16 bytes, a span id and a parent span id 8, \
                                  and none is all zero";

    type Request = ExportTraceServiceRequest;
    type Response = ExportTraceServiceResponse;

    fn take(request: Self::Request, store: &Store) -> u64 {
        let batch = decode::spans(request);
        let rejected = batch.rejected;
        store.insert_spans(batch);
        rejected
    }

    fn answer(rejected: u64) -> Self::Response {
        let partial_success = told::<Self>(rejected)
            .map(|(rejected_spans, error_message)| ExportTracePartialSuccess { rejected_spans, error_message });
        ExportTraceServiceResponse { partial_success }
    }
}

impl Service for Metrics {
    const REQUEST: &'static str = "ExportMetricsServiceRequest";
    const REJECTED: &'static str = "rejectedDataPoints";
    const REASON: &'static str = "metrics without data, data points without a value, or histograms whose bounds do not ascend or \
                                  do not fit the number of buckets";

    type Request = ExportMetricsServiceRequest;
    type Response = ExportMetricsServiceResponse;

    fn take(request: Self::Request, store: &Store) -> u64 {
        let batch = decode::metrics(request);
        let rejected = batch.rejected;
        store.insert_metrics(batch);
        rejected
    }

    fn answer(rejected: u64) -> Self::Response {
        let partial_success = told::<Self>(rejected).map(|(rejected_data_points, error_message)| {
            ExportMetricsPartialSuccess { rejected_data_points, error_message }
        });
        ExportMetricsServiceResponse { partial_success }
    }
}

impl Service for Logs {
    const REQUEST: &'static str = "ExportLogsServiceRequest";
    const REJECTED: &'static str = "rejectedLogRecords";
    const REASON: &'static str = "";

    type Request = ExportLogsServiceRequest;
    type Response = ExportLogsServiceResponse;

    fn take(request: Self::Request, store: &Store) -> u64 {
        let batch = decode::logs(request);
        let rejected = batch.rejected;
        store.insert_logs(batch);
        rejected
    }

    fn answer(rejected: u64) -> Self::Response {
        let partial_success = told::<Self>(rejected).map(|(rejected_log_records, error_message)| {
            ExportLogsPartialSuccess { rejected_log_records, error_message }
        });
        ExportLogsServiceResponse { partial_success }
    }
}

/// The fields of `partial_success`; `None` if nothing was rejected.
pub(super) fn told<S: Service + ?Sized>(rejected: u64) -> Option<(i64, String)> {
    (rejected > 0).then(|| (i64::try_from(rejected).unwrap_or(i64::MAX), S::REASON.to_owned()))
}
