//! Spans that have ended, on their way out.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use crate::span::LastGate;

use super::adapter::Adapter;
use super::delivery::{Delivery, flush_all, stop_all};
use super::gate;
use super::item::{Item, LARGEST_BATCH};
use super::limits::cut_values;
use super::weight::{shrink, strip_content, weight};

/// The waiting time of `force_flush` of the SDK, which has no parameter for it.
const SDK_FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// A span that waits for its export.
#[derive(Debug)]
pub(crate) struct EndedSpan {
    span: SpanData,
    /// What the tracer that made it says of it.
    mark: Option<LastGate>,
}

/// What every span goes through on the export thread.
pub(crate) struct SpanGate {
    /// For spans that no tracer of ours has marked.
    pub(crate) unmarked: LastGate,
    pub(crate) adapter: Arc<Adapter>,
    /// Characters of one string value; `None` is no limit.
    pub(crate) value_length: Option<usize>,
}

impl Item for EndedSpan {
    type Ready = SpanData;
    type Gate = SpanGate;

    fn weight(&self) -> usize {
        weight(&self.span)
    }

    fn strip(&mut self) -> u64 {
        strip_content(&mut self.span)
    }

    fn admit(self, gate: &SpanGate) -> Option<(SpanData, u64)> {
        let Self { span, mark } = self;
        let of_span = mark.as_ref().unwrap_or(&gate.unmarked);
        let mut span = gate::guarded(span, |span| {
            gate::pass(of_span, span);
            gate.adapter.span(of_span, span);
        })?;
        let stripped = shrink(&mut span, LARGEST_BATCH);
        cut_values(std::slice::from_mut(&mut span), gate.value_length);
        Some((span, stripped))
    }

    fn ready_weight(span: &SpanData) -> usize {
        weight(span)
    }
}

/// The SDK's way into the queues of all routes that export spans.
#[derive(Debug)]
pub(crate) struct Entrance {
    pub(crate) spans: Vec<Arc<Delivery>>,
    /// Those without spans too: a flush is one of the whole, and so is the end.
    pub(crate) all: Vec<Arc<Delivery>>,
}

impl SpanProcessor for Entrance {
    fn on_start(&self, _span: &mut Span, _cx: &Context) {}

    fn on_end(&self, span: SpanData) {
        // A sampler's "record only" keeps the span in the process (SDK specification, "Sampling").
        if !span.span_context.is_sampled() {
            return;
        }
        let Some((last, others)) = self.spans.split_last() else { return };
        let mark = LastGate::of(span.span_context.span_id());
        for other in others {
            other.push_span(EndedSpan { span: span.clone(), mark: mark.clone() });
        }
        last.push_span(EndedSpan { span, mark });
    }

    fn force_flush(&self) -> OTelSdkResult {
        let flushed = flush_all(&self.all, SDK_FLUSH_TIMEOUT);
        flushed.map_err(|error| OTelSdkError::InternalFailure(error.to_string()))
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        match stop_all(&self.all, timeout) {
            true => Ok(()),
            false => Err(OTelSdkError::Timeout(timeout)),
        }
    }
}
