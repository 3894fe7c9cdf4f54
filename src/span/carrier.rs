//! A place in a trace, to carry along with queued or durable work, a request or a process start.

use std::borrow::Cow;
use std::str::FromStr;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use serde::{Deserialize, Serialize};

/// A validated W3C `traceparent` with its `tracestate`: a place in a trace that can be stored and sent.
///
/// A bad `traceparent` is refused; a bad `tracestate` alone is dropped, as the W3C recommendation asks. Baggage is not
/// carried. With serde it is `{"traceparent": "…", "tracestate": "…"}`, the latter only if there is one.
///
/// ```
/// use tracing_genai::Carrier;
///
/// let headers = [("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
/// let header = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
///
/// let carrier = Carrier::from_headers(header)?.expect("a traceparent was sent");
/// assert_eq!(carrier.traceparent(), headers[0].1);
/// # Ok::<(), tracing_genai::CarrierError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire<'_>", into = "Wire<'static>")]
pub struct Carrier(SpanContext);

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    traceparent: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tracestate: Option<Cow<'a, str>>,
}

/// Why a `traceparent` was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad traceparent {value:?}: {kind}; expected 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, in lower case")]
pub struct CarrierError {
    kind: CarrierErrorKind,
    value: String,
}

/// The kinds of [`CarrierError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CarrierErrorKind {
    /// Not four fields of hex digits of the right lengths.
    #[error("malformed")]
    Malformed,
    /// Version `ff`, or a version 00 with more than four fields.
    #[error("forbidden version")]
    Version,
    /// The trace id or the span id is all zeros.
    #[error("all-zero id")]
    ZeroId,
}

impl CarrierError {
    /// What is wrong.
    pub fn kind(&self) -> CarrierErrorKind {
        self.kind
    }
}

/// A `traceparent` is 55 characters; a later version may add some.
const MAX_TRACEPARENT: usize = 256;

impl Carrier {
    /// From the values of the two headers.
    ///
    /// # Errors
    /// If `traceparent` is not valid.
    pub fn new(traceparent: &str, tracestate: Option<&str>) -> Result<Self, CarrierError> {
        let state = tracestate.and_then(|state| TraceState::from_str(state).ok()).unwrap_or_default();
        parse(traceparent.trim(), state).map(Self).map_err(|kind| {
            let value = traceparent.chars().take(MAX_TRACEPARENT).collect();
            CarrierError { kind, value }
        })
    }

    /// From anything that looks up a header (or an MCP `_meta` entry, or a queue attribute) by its lower-case name;
    /// `Ok(None)` if there is no `traceparent`.
    ///
    /// # Errors
    /// If there is a `traceparent`, and it is not valid.
    pub fn from_headers<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Result<Option<Self>, CarrierError> {
        header("traceparent").map(|parent| Self::new(parent, header("tracestate"))).transpose()
    }

    /// The span that `context` holds; `None` if it holds none.
    pub fn from_context(context: &Context) -> Option<Self> {
        Self::from_span_context(context.span().span_context())
    }

    /// The span that is current on this thread, to OpenTelemetry.
    pub fn current() -> Option<Self> {
        Context::map_current(Self::from_context)
    }

    pub(crate) fn from_span_context(context: &SpanContext) -> Option<Self> {
        context.is_valid().then(|| Self(context.clone()))
    }

    pub(crate) fn span_context(&self) -> &SpanContext {
        &self.0
    }

    /// Value of the `traceparent` header.
    pub fn traceparent(&self) -> String {
        let flags = self.0.trace_flags() & TraceFlags::SAMPLED;
        format!("00-{}-{}-{:02x}", self.0.trace_id(), self.0.span_id(), flags.to_u8())
    }

    /// Value of the `tracestate` header; `None` if it is empty.
    pub fn tracestate(&self) -> Option<String> {
        Some(self.0.trace_state().header()).filter(|state| !state.is_empty())
    }

    /// Names and values of the headers to send.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let state = self.tracestate().map(|state| ("tracestate", state));
        std::iter::once(("traceparent", self.traceparent())).chain(state)
    }

    /// The trace id as 32 hex digits.
    pub fn trace_id(&self) -> String {
        self.0.trace_id().to_string()
    }

    /// The span id as 16 hex digits.
    pub fn span_id(&self) -> String {
        self.0.span_id().to_string()
    }

    /// An OpenTelemetry context to start spans in: the carried span is their remote parent.
    pub fn context(&self) -> Context {
        let (id, span, flags) = (self.0.trace_id(), self.0.span_id(), self.0.trace_flags());
        let remote = SpanContext::new(id, span, flags, true, self.0.trace_state().clone());
        Context::new().with_remote_span_context(remote)
    }
}

impl FromStr for Carrier {
    type Err = CarrierError;

    fn from_str(traceparent: &str) -> Result<Self, Self::Err> {
        Self::new(traceparent, None)
    }
}

impl From<Carrier> for Wire<'static> {
    fn from(carrier: Carrier) -> Self {
        Self { traceparent: carrier.traceparent().into(), tracestate: carrier.tracestate().map(Cow::Owned) }
    }
}

impl TryFrom<Wire<'_>> for Carrier {
    type Error = CarrierError;

    fn try_from(wire: Wire<'_>) -> Result<Self, Self::Error> {
        Self::new(&wire.traceparent, wire.tracestate.as_deref())
    }
}

/// W3C Trace Context, section 3.2: a version we do not know is read by the rules of version 00 and may go on after
/// the flags.
fn parse(text: &str, state: TraceState) -> Result<SpanContext, CarrierErrorKind> {
    use CarrierErrorKind::{Malformed, Version, ZeroId};
    let mut fields = text.splitn(5, '-');
    let mut field = |digits: usize| fields.next().filter(|field| is_hex(field, digits)).ok_or(Malformed);
    let (version, trace, span, flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
    let more = fields.next().is_some();
    if version == "ff" || version == "00" && more {
        return Err(Version);
    }
    let trace = TraceId::from_hex(trace).map_err(|_| Malformed)?;
    let span = SpanId::from_hex(span).map_err(|_| Malformed)?;
    let flags = u8::from_str_radix(flags, 16).map_err(|_| Malformed)?;
    let context = SpanContext::new(trace, span, TraceFlags::new(flags), true, state);
    if context.is_valid() { Ok(context) } else { Err(ZeroId) }
}

fn is_hex(field: &str, digits: usize) -> bool {
    field.len() == digits && field.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_bad_traceparent_is_refused() {
        use CarrierErrorKind::{Malformed, Version, ZeroId};
        let table = [
            ("", Malformed),
            ("00", Malformed),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", Malformed),
            ("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Malformed),
            ("00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01", Malformed),
            ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", Version),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", Version),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", ZeroId),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", ZeroId),
        ];
        for (text, kind) in table {
            let error = text.parse::<Carrier>().expect_err(text);
            assert_eq!(error.kind(), kind, "{text}");
            assert!(error.to_string().contains(text));
        }
    }

    #[test]
    fn a_later_version_may_go_on_after_the_flags() {
        let carrier: Carrier = GOOD.replacen("00", "01", 1).as_str().parse().expect("valid");
        assert_eq!(carrier.traceparent(), GOOD);
        assert!(format!("{}-more", GOOD.replacen("00", "01", 1)).parse::<Carrier>().is_ok());
    }

    #[test]
    fn a_bad_tracestate_is_dropped_alone() {
        let carrier = Carrier::new(GOOD, Some("no state, =")).expect("valid");
        assert_eq!((carrier.traceparent(), carrier.tracestate()), (GOOD.to_owned(), None));
    }

    #[test]
    fn a_carrier_survives_json_and_its_context_is_remote() {
        let carrier = Carrier::new(GOOD, Some("vendor=1")).expect("valid");
        let json = serde_json::to_string(&carrier).expect("serializes");
        assert_eq!(json, format!(r#"{{"traceparent":"{GOOD}","tracestate":"vendor=1"}}"#));
        let read: Carrier = serde_json::from_str(&json).expect("reads back");
        assert_eq!(read, carrier);
        assert!(read.context().span().span_context().is_remote());
        assert!(serde_json::from_str::<Carrier>(r#"{"traceparent":"secret"}"#).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(parent in ".*", state in ".*") {
            if let Ok(carrier) = Carrier::new(&parent, Some(&state)) {
                proptest::prop_assert_eq!(carrier.traceparent().len(), 55);
            }
        }
    }
}
