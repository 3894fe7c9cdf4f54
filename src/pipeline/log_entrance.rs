//! The SDK's way into the queues for log records, and the gate before them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord};

use crate::content::contained;
use crate::span::Shared;
use crate::span::log_gate::{Log, admit, is_inside};

use super::delivery::{Delivery, flush_all};
use super::record::{Place, Record, rebuilt};

/// The waiting time of `force_flush` of the SDK, which has no parameter for it.
const SDK_FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Takes the log events of the conventions that an observer of spans writes, as they are. The route is there before the
/// first span.
#[derive(Debug)]
pub(crate) struct Written(pub(crate) Arc<OnceLock<Arc<Delivery>>>);

impl LogProcessor for Written {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        let Some(route) = self.0.get() else { return };
        route.push_record(Record { record: record.clone(), scope: Arc::new(scope.clone()), place: Place::Event });
    }

    fn force_flush(&self) -> OTelSdkResult {
        flushed(self.0.get().map_or(&[], std::slice::from_ref))
    }

    /// The pipeline ends its routes itself.
    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Takes log events of the application, with what they may say: see [`gated`].
#[derive(Debug)]
pub(crate) struct Bridged {
    pub(crate) routes: Vec<Arc<Delivery>>,
    pub(crate) shared: Arc<Shared>,
}

impl LogProcessor for Bridged {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        // What panics in here would do so inside of somebody's log line.
        let Some((record, place)) = contained(|| gated(&self.shared, record)) else { return };
        let scope = Arc::new(scope.clone());
        for route in &self.routes {
            route.push_record(Record { record: record.clone(), scope: Arc::clone(&scope), place });
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        flushed(&self.routes)
    }

    /// The pipeline ends its routes itself.
    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// What of a log event of the application may leave, see [`admit`], and whether it lies inside of a GenAI span.
fn gated(shared: &Shared, record: &SdkLogRecord) -> (SdkLogRecord, Place) {
    let span = record.trace_context().map(|place| place.span_id);
    let place = match span.is_some_and(|span| is_inside(shared, span)) {
        true => Place::Inside,
        false => Place::Outside,
    };
    let log = Log { body: record.body().cloned(), attributes: record.attributes_iter().cloned().collect() };
    let Log { body, attributes } = admit(shared, span, log);
    (rebuilt(record, body, attributes), place)
}

fn flushed(routes: &[Arc<Delivery>]) -> OTelSdkResult {
    flush_all(routes, SDK_FLUSH_TIMEOUT).map_err(|error| OTelSdkError::InternalFailure(error.to_string()))
}
