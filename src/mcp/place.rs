//! The place in a trace that a message carries in its `_meta`.

use rmcp::model::{MetaObject, RequestParamsMeta};
use serde_json::Value;

use crate::span::Carrier;

/// Notes in the `_meta` of a request where it is sent from, for a peer that is used as it is:
///
/// ```
/// use rmcp::RoleClient;
/// use rmcp::model::{CallToolRequestParams, CallToolResult};
/// use rmcp::service::{Peer, ServiceError};
/// use tracing_genai::mcp;
///
/// async fn weather(peer: &Peer<RoleClient>) -> Result<CallToolResult, ServiceError> {
///     peer.call_tool(mcp::here(CallToolRequestParams::new("weather"))).await
/// }
/// ```
///
/// A [`RunningClient`](super::RunningClient) does it by itself. Without a span around it does nothing, and a `traceparent` that is there
/// already stays.
#[must_use]
pub fn here<P: RequestParamsMeta>(mut params: P) -> P {
    if params.traceparent().is_none()
        && let Some(place) = Carrier::current()
    {
        write(&place, params.meta_or_default());
    }
    params
}

/// Writes the place into `_meta`. What is of another place does not stay beside it; baggage is nobody's place, and does.
pub(crate) fn write(place: &Carrier, meta: &mut MetaObject) {
    meta.remove("tracestate");
    for (name, value) in place.headers() {
        meta.insert(name.to_owned(), Value::String(value));
    }
}

/// The place that `_meta` holds; a bad one counts as none.
pub(crate) fn read(meta: &MetaObject) -> Option<Carrier> {
    // Baggage is not asked for: nobody named a key, and a peer may send a megabyte of it.
    let header = |name: &str| meta.get(name).filter(|_| name != "baggage")?.as_str();
    Carrier::from_headers(header).ok().flatten()
}
