//! One request to a model, from its sending to the head of its reply.

use std::cell::Cell;
use std::sync::{Arc, Weak};

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::trace::SpanId;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::activity::Turn;
use crate::activity::exchange::{self, complete_request};
use crate::content::contained;
use crate::http::endpoints::{Found, Place};
use crate::http::headers;
use crate::http::held::Held;
use crate::http::one_call;
use crate::http::reply::Reply;
use crate::http::settings::Settings;
use crate::providers::{Reading, Request, WireFormat, read};
use crate::span::{Carrier, Count, FailedCall, Open, Shared};

/// What is seen of a request's body before it is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body<'a> {
    Whole(&'a [u8]),
    /// It comes in pieces.
    Later,
    /// It is too large, or cannot be looked at.
    NotRead,
}

/// A request that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sending<'a> {
    pub(crate) place: Place<'a>,
    pub(crate) found: Found<'a>,
    /// What the request names as the span that sends it.
    pub(crate) traceparent: Option<&'a HeaderValue>,
}

thread_local! {
    /// The turn whose request is sent by the code that runs on this thread.
    static INSIDE: Cell<Option<SpanId>> = const { Cell::new(None) };
}

/// The turn is left when this is dropped, in a panic too.
struct Inside(Option<SpanId>);

impl Inside {
    fn new(open: &dyn Open) -> Self {
        let id = open.about().context.span_id();
        Self(INSIDE.try_with(|inside| inside.replace(Some(id))).ok().flatten())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = INSIDE.try_with(|inside| inside.set(self.0));
    }
}

impl Sending<'_> {
    /// Whether it is the very request that is under way for the turn, which a second middleware sees: it is sent by the
    /// same code, or has the turn's `traceparent` already. Any other is a call of its own, beside that one.
    fn is_of(&self, open: &dyn Open) -> bool {
        let id = open.about().context.span_id();
        let named = || self.traceparent.and_then(|parent| parent.to_str().ok()?.split('-').nth(2));
        INSIDE.try_with(Cell::get).ok().flatten() == Some(id) || named() == Some(id.to_string().as_str())
    }
}

/// What is asked of whom, for as long as the call takes.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) provider: Arc<str>,
    pub(crate) format: WireFormat,
    model: Option<String>,
    /// The URL says that the reply is streamed.
    pub(crate) is_streamed: bool,
    /// Longest body that is read.
    pub(crate) limit: usize,
}

impl Asked {
    fn new(found: &Found<'_>, limit: usize) -> Self {
        let model = found.model.map(|model| percent_decode_str(model).decode_utf8_lossy().into_owned());
        let (provider, format, is_streamed) = (Arc::from(found.provider), found.format, found.is_streamed);
        Self { provider, format, model, is_streamed, limit }
    }

    /// The request, with what the URL says; without a body only that.
    pub(crate) fn request(&self, body: Value) -> Request<'static> {
        let mut request = Request::from_owned(self.format, body).to_provider(self.provider.to_string());
        if let Some(model) = &self.model {
            request = request.for_model(model);
        }
        if self.is_streamed { request.streaming() } else { request }
    }

    /// The request in `body`.
    fn read(&self, body: Body<'_>, shared: &Shared) -> Request<'static> {
        let value = match body {
            Body::Whole(bytes) => read_body(bytes, shared, "request"),
            Body::Later => None,
            Body::NotRead => {
                shared.count(Count::BodyNotRead, "request");
                None
            }
        };
        self.request(value.unwrap_or_default())
    }
}

/// The JSON in a body, as much of it as is wanted; what is none is counted.
pub(crate) fn read_body(bytes: &[u8], shared: &Shared, what: &str) -> Option<Value> {
    let reading = if shared.settings.content.is_off() { Reading::Facts } else { Reading::Everything };
    match contained(|| read(bytes, reading)) {
        Some(Ok(value)) => return Some(value),
        Some(Err(_)) => shared.count(Count::BodyNotRead, what),
        None => shared.count(Count::CallUnseen, what),
    }
    None
}

/// See the module's documentation. Dropped without a reply, the call was given up.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// The turn, for later attempts too.
    pub(crate) held: Arc<Held>,
    asked: Asked,
    number: u32,
}

impl Attempt {
    /// Begins an attempt at a model call. `None` if nobody wants to know, or somebody else is at it.
    ///
    /// `earlier` holds the turn of earlier attempts, if there may be some; `body` is looked at only if it is read.
    pub(crate) fn begin<'a>(
        settings: &Settings,
        sending: &Sending<'_>,
        earlier: Option<&Arc<Held>>,
        body: impl FnOnce() -> Body<'a>,
    ) -> Option<Self> {
        contained(|| Self::started(settings, sending, earlier, body)).flatten()
    }

    fn started<'a>(
        settings: &Settings,
        sending: &Sending<'_>,
        earlier: Option<&Arc<Held>>,
        body: impl FnOnce() -> Body<'a>,
    ) -> Option<Self> {
        let asked = Asked::new(&sending.found, settings.max_body_bytes);
        if let Some(held) = Held::around(asked.format.operation()) {
            if held.open().about().calls.is_under_way() && sending.is_of(held.open()) {
                return None;
            }
            if let Some(number) = held.begin() {
                return Some(Self::around((held, number), asked, sending, body));
            }
        }
        let endpoint = sending.place.key();
        let continued = earlier.filter(|held| held.is_for(&endpoint)).map(Arc::clone);
        if let Some(held) = continued.or_else(|| one_call::earlier(&endpoint)) {
            if held.open().about().calls.is_under_way() && sending.is_of(held.open()) {
                return None;
            }
            if let Some(number) = held.begin() {
                return Some(Self { held, asked, number });
            }
        }
        let (span, shared) = Turn::prepare()?;
        let request = asked.read(body(), &shared);
        let mut turn = Turn::from_request(&request);
        if let Some(port) = sending.place.port {
            turn = turn.server(sending.place.host, port);
        }
        let turn = turn.start_in(span);
        turn.request_content(&request);
        let held = Arc::new(Held::own(turn, endpoint)?);
        let number = held.begin()?;
        one_call::keep(&held);
        Some(Self { held, asked, number })
    }

    fn around<'a>(held: (Held, u32), asked: Asked, sending: &Sending<'_>, body: impl FnOnce() -> Body<'a>) -> Self {
        let (held, number) = held;
        // From here on its drop says that the request is no longer under way, in a panic too.
        let attempt = Self { held: Arc::new(held), asked, number };
        let open = attempt.held.open();
        if number == 0 && open.is_watched() {
            complete_request(open, &attempt.asked.read(body(), &open.about().shared));
            exchange::complete_server(open, sending.place.host, sending.place.port);
        }
        attempt
    }

    /// Reads the request's body when it is there; `None` if nobody wants to know.
    pub(crate) fn later(&self) -> Option<Later> {
        let is_wanted = self.held.open().is_watched();
        is_wanted.then(|| Later { held: Arc::downgrade(&self.held), asked: self.asked.clone(), bytes: Vec::new() })
    }

    /// Writes the place of the call into the headers of the request.
    pub(crate) fn inject(&self, headers: &mut HeaderMap) {
        const NAMES: [HeaderName; 2] = [HeaderName::from_static("traceparent"), HeaderName::from_static("tracestate")];
        let own = self.held.guard().and_then(|guard| guard.carrier());
        let around = || Carrier::from_span_context(&self.held.open().about().context);
        let Some(carrier) = own.or_else(Carrier::current).or_else(around) else { return };
        // Of the span that sends: what others wrote names a span above it, and their state belongs to that.
        NAMES.iter().for_each(|name| drop(headers.remove(name)));
        for (name, value) in carrier.headers() {
            if let (Some(name), Ok(value)) = (NAMES.iter().find(|known| *known == name), HeaderValue::try_from(value)) {
                headers.insert(name.clone(), value);
            }
        }
    }

    /// Runs `work`, a part of the call, inside the turn.
    pub(crate) fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        let _inside = Inside::new(self.held.open());
        match self.held.guard() {
            Some(guard) => guard.unless_panic(|| guard.span().in_scope(work)),
            None => work(),
        }
    }

    /// There will be no reply.
    pub(crate) fn failed(self, call: FailedCall) {
        self.held.set_failed(self.number, call);
    }

    /// The head of the reply is here: what follows it takes the turn with it.
    pub(crate) fn replied(self, status: u16, headers: &HeaderMap) -> Option<Box<Reply>> {
        let reply = || {
            if self.held.is_last(self.number) && self.held.open().is_watched() {
                headers::note(self.held.open(), status, headers);
            }
            Box::new(Reply::new(Arc::clone(&self.held), (self.asked.clone(), self.number), status, headers))
        };
        let reply = contained(reply);
        if reply.is_none() {
            self.held.open().about().shared.count(Count::CallUnseen, "reply");
        }
        reply
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.held.open().about().calls.arrived();
    }
}

/// A request's body that comes in pieces, as far as it is here.
#[derive(Debug)]
pub(crate) struct Later {
    /// Weak: a turn that is over does not wait for an upload that nobody reads.
    held: Weak<Held>,
    asked: Asked,
    bytes: Vec<u8>,
}

impl Later {
    /// Takes the next bytes; `false` once they are too many.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        let fits = self.bytes.len() + bytes.len() <= self.asked.limit;
        if fits {
            self.bytes.extend_from_slice(bytes);
        } else if let Some(held) = self.held.upgrade() {
            held.open().about().shared.count(Count::BodyNotRead, "request");
        }
        fits
    }

    /// All of it is here.
    pub(crate) fn end(self) {
        let Some(held) = self.held.upgrade() else { return };
        let open = held.open();
        let shared = &open.about().shared;
        let complete = |body| complete_request(open, &self.asked.request(body));
        if let Some(body) = read_body(&self.bytes, shared, "request")
            && contained(|| complete(body)).is_none()
        {
            shared.count(Count::CallUnseen, "request");
        }
    }
}
