//! A place in a trace, to carry along with queued or durable work, a request or a process start.

mod baggage;
mod w3c;
mod wire;

use std::env;
use std::fmt;
use std::panic::catch_unwind;
use std::str::FromStr;
use std::sync::Arc;

use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;
use opentelemetry::propagation::{Extractor, Injector};
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceFlags};
use serde::{Deserialize, Serialize};

use crate::span::carrier::baggage::Entries;
use crate::span::carrier::wire::Wire;

pub use w3c::{CarrierError, CarrierErrorKind};

/// A validated W3C `traceparent` with its `tracestate`: a place in a trace that can be stored and sent.
///
/// A bad `traceparent` is refused; a bad `tracestate` alone is dropped, as the W3C recommendation asks: it may have 512
/// characters and 32 members, each key once. Baggage goes along only by the keys that
/// [`with_baggage`](Self::with_baggage) names.
///
/// | to and from | with |
/// |---|---|
/// | HTTP headers, gRPC metadata | [`extract`](Self::extract), [`inject`](Self::inject) or [`from_headers`](Self::from_headers), [`headers`](Self::headers) |
/// | a process that is started | [`from_env`](Self::from_env), [`envs`](Self::envs) |
/// | a queue, a database | serde: `{"traceparent": "…", "tracestate": "…", "baggage": "…"}`, the latter two only if there are any |
/// | a run that is to be resumed | the same, of [`checkpoint`](crate::activity::Guard::checkpoint), with `run_id` and `run_segment` |
/// | `_meta` of an MCP request | serde with `#[serde(flatten)]`, or [`from_headers`](Self::from_headers) and [`headers`](Self::headers) |
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
///
/// In the parameters of an MCP request, beside what else `_meta` holds; a bad `traceparent` counts as none:
///
/// ```
/// # use tracing_genai::Carrier;
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Meta {
///     #[serde(flatten)]
///     trace: Option<Carrier>,
///     #[serde(rename = "progressToken")]
///     progress_token: Option<u64>,
/// }
///
/// let text = r#"{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","progressToken":7}"#;
/// let meta: Meta = serde_json::from_str(text)?;
/// assert_eq!(meta.trace.as_ref().map(Carrier::span_id).as_deref(), Some("b7ad6b7169203331"));
/// assert_eq!(serde_json::to_string(&meta)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire<'_>", into = "Wire<'static>")]
pub struct Carrier {
    span: SpanContext,
    /// What travels on.
    baggage: Entries,
    /// What came along and waits for [`Carrier::with_baggage`] to name it.
    received: Entries,
    /// Of a checkpoint only.
    run: Option<RunMark>,
}

/// Which run a checkpoint is of, and how often that was resumed before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RunMark {
    pub(crate) id: Arc<str>,
    pub(crate) segment: i64,
}

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
const BAGGAGE: &str = "baggage";

/// Ways in.
impl Carrier {
    /// From the values of the two headers.
    ///
    /// # Errors
    /// If `traceparent` is not valid.
    pub fn new(traceparent: &str, tracestate: Option<&str>) -> Result<Self, CarrierError> {
        let state = tracestate.map(w3c::tracestate).unwrap_or_default();
        w3c::traceparent(traceparent, state).map(Self::of)
    }

    /// From anything that looks up a header (or an MCP `_meta` entry, or a queue attribute) by its lower-case name;
    /// `Ok(None)` if there is no `traceparent`.
    ///
    /// ```
    /// # use tracing_genai::Carrier;
    /// let meta = serde_json::json!({"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"});
    /// let carrier = Carrier::from_headers(|name| meta.get(name)?.as_str())?;
    /// assert!(carrier.is_some());
    /// # Ok::<(), tracing_genai::CarrierError>(())
    /// ```
    ///
    /// # Errors
    /// If there is a `traceparent`, and it is not valid.
    pub fn from_headers<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Result<Option<Self>, CarrierError> {
        let Some(traceparent) = header(TRACEPARENT) else { return Ok(None) };
        let carrier = Self::new(traceparent, header(TRACESTATE))?;
        Ok(Some(carrier.receiving(header(BAGGAGE))))
    }

    /// [`from_headers`](Self::from_headers) for what OpenTelemetry's propagators read: a `HashMap<String, String>`, or
    /// `opentelemetry_http::HeaderExtractor(&headers)`. Headers that come in several lines are put together.
    ///
    /// # Errors
    /// If there is a `traceparent`, and it is not valid or not the only one.
    pub fn extract(from: &dyn Extractor) -> Result<Option<Self>, CarrierError> {
        let line = |name: &str| from.get_all(name).filter(|lines| !lines.is_empty()).map(|lines| lines.join(","));
        let Some(traceparent) = line(TRACEPARENT) else { return Ok(None) };
        let carrier = Self::new(&traceparent, line(TRACESTATE).as_deref())?;
        Ok(Some(carrier.receiving(line(BAGGAGE).as_deref())))
    }

    /// From the variables `TRACEPARENT`, `TRACESTATE` and `BAGGAGE` of this process: the place its starter gave it.
    /// `Ok(None)` if the first is unset or empty.
    ///
    /// # Errors
    /// If there is a `TRACEPARENT`, and it is not valid.
    pub fn from_env() -> Result<Option<Self>, CarrierError> {
        let variable = |name| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let Some(traceparent) = variable("TRACEPARENT").filter(|value| !value.is_empty()) else { return Ok(None) };
        let carrier = Self::new(&traceparent, variable("TRACESTATE").as_deref())?;
        Ok(Some(carrier.receiving(variable("BAGGAGE").as_deref())))
    }

    /// The span that `context` holds; `None` if it holds none.
    pub fn from_context(context: &Context) -> Option<Self> {
        let carrier = Self::from_span_context(context.span().span_context())?;
        Some(Self { received: Entries::of(context.baggage()), ..carrier })
    }

    /// The span that is current on this thread, to OpenTelemetry.
    pub fn current() -> Option<Self> {
        // It panics on a thread whose thread-locals are gone.
        catch_unwind(|| Context::map_current(Self::from_context)).ok().flatten()
    }

    pub(crate) fn from_span_context(context: &SpanContext) -> Option<Self> {
        context.is_valid().then(|| Self::of(context.clone()))
    }

    pub(crate) fn of_run(self, run: Option<RunMark>) -> Self {
        Self { run, ..self }
    }

    pub(crate) fn run(&self) -> Option<&RunMark> {
        self.run.as_ref()
    }

    pub(crate) fn span_context(&self) -> &SpanContext {
        &self.span
    }

    fn of(span: SpanContext) -> Self {
        Self { span, baggage: Entries::default(), received: Entries::default(), run: None }
    }

    pub(crate) fn receiving(self, baggage: Option<&str>) -> Self {
        Self { received: baggage.map(Entries::parse).unwrap_or_default(), ..self }
    }
}

/// Baggage.
impl Carrier {
    /// Takes along the entries of these keys, of the baggage that came with the headers, the variables, the text or
    /// the context this carrier is from. Bad entries are left out alone, and so is what goes beyond the 64 entries and
    /// 8192 bytes of the W3C recommendation; properties of entries are not kept. By default none is taken along:
    /// baggage is whatever anybody put into it.
    ///
    /// ```
    /// # use tracing_genai::Carrier;
    /// let text = r#"{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ///                "baggage": "session.id=s-1,token=secret"}"#;
    /// let carrier: Carrier = serde_json::from_str(text)?;
    /// assert_eq!(carrier.baggage(), None);
    /// assert_eq!(carrier.with_baggage(["session.id"]).baggage().as_deref(), Some("session.id=s-1"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn with_baggage<K: AsRef<str>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        for key in keys {
            let key = key.as_ref();
            if let Some(value) = self.received.get(key) {
                self.baggage.insert(key, value);
            }
        }
        self
    }

    /// Takes along an entry of your own. An empty value, or a key that is no token of RFC 7230, is left out.
    #[must_use]
    pub fn with_baggage_entry(mut self, key: &str, value: &str) -> Self {
        self.baggage.insert(key, value);
        self
    }

    /// Value of the `baggage` header; `None` if nothing is taken along.
    pub fn baggage(&self) -> Option<String> {
        self.baggage.header()
    }
}

/// Ways out.
impl Carrier {
    /// Value of the `traceparent` header.
    pub fn traceparent(&self) -> String {
        let flags = self.span.trace_flags() & TraceFlags::SAMPLED;
        format!("00-{}-{}-{:02x}", self.span.trace_id(), self.span.span_id(), flags.to_u8())
    }

    /// Value of the `tracestate` header; `None` if it is empty.
    pub fn tracestate(&self) -> Option<String> {
        Some(self.span.trace_state().header()).filter(|state| !state.is_empty())
    }

    /// Names and values of the headers to send.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.members().map(|(name, _, value)| (name, value))
    }

    /// Names and values of the variables for a process to start:
    ///
    /// ```no_run
    /// # use tracing_genai::Carrier;
    /// use std::process::Command;
    ///
    /// let mut command = Command::new("sub-agent");
    /// if let Some(place) = Carrier::current() {
    ///     command.envs(place.envs());
    /// }
    /// command.spawn()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn envs(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.members().map(|(_, name, value)| (name, value))
    }

    /// Writes the headers into what OpenTelemetry's propagators write to: a `HashMap<String, String>`, or
    /// `opentelemetry_http::HeaderInjector(&mut headers)`.
    pub fn inject(&self, into: &mut dyn Injector) {
        self.headers().for_each(|(name, value)| into.set(name, value));
    }

    /// Name of the header, name of the variable, value.
    fn members(&self) -> impl Iterator<Item = (&'static str, &'static str, String)> {
        let state = self.tracestate().map(|state| (TRACESTATE, "TRACESTATE", state));
        let baggage = self.baggage().map(|baggage| (BAGGAGE, "BAGGAGE", baggage));
        std::iter::once((TRACEPARENT, "TRACEPARENT", self.traceparent())).chain(state).chain(baggage)
    }

    /// The trace id as 32 hex digits.
    pub fn trace_id(&self) -> String {
        self.span.trace_id().to_string()
    }

    /// The span id as 16 hex digits.
    pub fn span_id(&self) -> String {
        self.span.span_id().to_string()
    }

    /// An OpenTelemetry context to start spans in: the carried span is their remote parent, the baggage taken along is
    /// theirs too.
    pub fn context(&self) -> Context {
        let (id, span, flags) = (self.span.trace_id(), self.span.span_id(), self.span.trace_flags());
        let remote = SpanContext::new(id, span, flags, true, self.span.trace_state().clone());
        let context = Context::new().with_remote_span_context(remote);
        let mut baggage = self.baggage.pairs().peekable();
        if baggage.peek().is_some() { context.with_baggage(baggage) } else { context }
    }
}

/// Without the values of baggage, which may say who a user is.
impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carrier")
            .field("traceparent", &self.traceparent())
            .field("tracestate", &self.tracestate())
            .field("baggage", &self.baggage.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl FromStr for Carrier {
    type Err = CarrierError;

    fn from_str(traceparent: &str) -> Result<Self, Self::Err> {
        Self::new(traceparent, None)
    }
}

#[cfg(test)]
mod tests;
