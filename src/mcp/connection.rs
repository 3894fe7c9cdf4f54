//! What one connection knows: what it runs over, which requests are open in both directions, and where they hang.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use rmcp::model::{NumberOrString, ProgressToken, ProtocolVersion, RequestId};

use crate::mcp::asked::Asked;
use crate::mcp::form;
use crate::mcp::medium::Medium;
use crate::span::{Carrier, Shared, enclosing};

/// Most requests that are held open in each direction. Beyond, the oldest is no longer waited for.
pub(crate) const MAX_OPEN: usize = 1024;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    state: Mutex<State>,
}

/// What is known of the network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Network {
    pub(crate) medium: Option<Medium>,
    /// `network.protocol.version`.
    pub(crate) version: Option<String>,
    pub(crate) server: Option<(String, u16)>,
}

#[derive(Debug, Default)]
struct State {
    network: Network,
    /// Where it was opened.
    home: Option<Carrier>,
    /// The version of the protocol that was agreed upon.
    version: Option<String>,
    tracer: Option<Arc<Shared>>,
    /// Whether its messages are seen, and not only its handlers.
    seen: bool,
    asked: HashMap<RequestId, (u64, Asked)>,
    /// Counts requests, so that the oldest is known.
    count: u64,
    answering: HashMap<RequestId, Answered>,
}

impl Connection {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn network(&self) -> Network {
        self.state().network.clone()
    }

    pub(crate) fn set_network(&self, set: impl FnOnce(&mut Network)) {
        set(&mut self.state().network);
    }

    /// Notes where it is opened: what is sent from nowhere else hangs there, as long as that is open.
    pub(crate) fn set_home(&self) {
        self.look_around();
        let home = Carrier::current();
        self.state().home = home;
    }

    /// Takes the tracer of the span that is open here, if it knows none: a connection without an opening has no earlier span.
    pub(crate) fn look_around(&self) {
        if self.tracer().is_none()
            && let Some(open) = enclosing()
        {
            self.set_tracer(&open.about().shared);
        }
    }

    /// Notes whether its messages are seen; whether they were before.
    pub(crate) fn set_seen(&self, seen: bool) -> bool {
        std::mem::replace(&mut self.state().seen, seen)
    }

    pub(crate) fn is_seen(&self) -> bool {
        self.state().seen
    }

    /// Where it was opened, if a GenAI span is open there.
    pub(crate) fn home(&self) -> Option<Carrier> {
        let home = self.state().home.clone()?;
        self.is_open(&home).then_some(home)
    }

    /// Where this is called, if a GenAI span is open there, else where the connection was opened.
    pub(crate) fn here(&self) -> Option<Carrier> {
        Carrier::current().filter(|place| self.is_open(place)).or_else(|| self.home())
    }

    fn is_open(&self, place: &Carrier) -> bool {
        let above = self.tracer().and_then(|tracer| tracer.table.above(place.span_context()));
        above.is_some_and(|span| span.is_open())
    }

    /// The context of a place to hang below: as one of this process, if it is.
    pub(crate) fn context(&self, place: &Carrier) -> Context {
        let span = place.span_context();
        let is_here = self.tracer().is_some_and(|tracer| tracer.table.above(span).is_some());
        if !is_here {
            return place.context();
        }
        let (state, flags) = (span.trace_state().clone(), span.trace_flags());
        let span = SpanContext::new(span.trace_id(), span.span_id(), flags, false, state);
        Context::new().with_remote_span_context(span)
    }

    pub(crate) fn version(&self) -> Option<String> {
        self.state().version.clone()
    }

    pub(crate) fn set_version(&self, version: &ProtocolVersion) {
        self.state().version = form::version(version);
    }

    pub(crate) fn tracer(&self) -> Option<Arc<Shared>> {
        self.state().tracer.clone()
    }

    pub(crate) fn set_tracer(&self, tracer: &Arc<Shared>) {
        let mut state = self.state();
        if state.tracer.is_none() {
            state.tracer = Some(Arc::clone(tracer));
        }
    }

    /// Holds a request that was sent, until its answer. What it pushes out ends after the lock. So does a request whose handler has given it up while it was on its way.
    pub(crate) fn hold(&self, id: RequestId, asked: Asked) {
        let mut state = self.state();
        if asked.sent_within().is_some_and(|within| state.has_answered(within)) {
            return;
        }
        let oldest = if state.asked.len() < MAX_OPEN { None } else { state.oldest() };
        let pushed_out = oldest.and_then(|id| state.asked.remove(&id));
        state.count += 1;
        let number = state.count;
        let replaced = state.asked.insert(id, (number, asked));
        drop(state);
        drop(replaced);
        pushed_out.into_iter().for_each(|(_, asked)| asked.pushed_out());
    }

    /// Takes out the request that an answer belongs to. Some servers answer `7` with `"7"`, and rmcp forgives it.
    pub(crate) fn take(&self, id: &RequestId) -> Option<Asked> {
        let mut state = self.state();
        let taken = state.asked.remove(id).or_else(|| state.asked.remove(&number(id)?));
        taken.map(|(_, asked)| asked)
    }

    /// Takes out a subscription that was asked for.
    pub(crate) fn take_subscription(&self, id: &RequestId) -> Option<Asked> {
        let mut state = self.state();
        state.asked.get(id).filter(|(_, asked)| asked.listens())?;
        state.asked.remove(id).map(|(_, asked)| asked)
    }

    /// Ends what is still open: the connection is closed.
    pub(crate) fn cut_off(&self) {
        let open = std::mem::take(&mut self.state().asked);
        open.into_values().for_each(|(_, asked)| asked.cut_off());
    }

    /// The place of a request that was sent and is open.
    pub(crate) fn place_of_asked(&self, id: &RequestId) -> Option<Carrier> {
        self.state().asked.get(id).and_then(|(_, asked)| asked.place())
    }

    /// The place of the request that was sent and is open, if there is but one: a server may ask back only while it
    /// answers (SEP-2260), and most transports do not tell for which request.
    pub(crate) fn place_of_only_asked(&self) -> Option<Carrier> {
        let state = self.state();
        let mut open = state.asked.values();
        open.next().filter(|_| state.asked.len() == 1)?.1.place()
    }

    /// The place of a request that was sent with this token, and is open.
    pub(crate) fn place_of_token_asked(&self, token: &ProgressToken) -> Option<Carrier> {
        self.state().asked.values().find(|(_, asked)| asked.has_token(token))?.1.place()
    }

    /// The place of a request that is being answered.
    pub(crate) fn place_of_answering(&self, id: &RequestId) -> Option<Carrier> {
        self.state().answering.get(id)?.place.clone()
    }

    /// The place of the request that is being answered, if there is but one: rmcp does not tell whose handler sends a
    /// notification.
    pub(crate) fn place_of_only_answering(&self) -> Option<Carrier> {
        let state = self.state();
        let mut answering = state.answering.values();
        answering.next().filter(|_| state.answering.len() == 1)?.place.clone()
    }

    /// The place of a request that came with this token, and is being answered.
    pub(crate) fn place_of_token_answering(&self, token: &ProgressToken) -> Option<Carrier> {
        let state = self.state();
        let found = state.answering.values().find(|answered| answered.token.as_ref() == Some(token));
        found?.place.clone()
    }

    /// Notes that the sender takes back a request that is being answered.
    pub(crate) fn withdraw_answering(&self, id: &RequestId) {
        if let Some(answered) = self.state().answering.get_mut(id) {
            answered.withdrawn = true;
        }
    }

    /// Notes that a request is being answered at `place`, until the returned value is dropped; and with it what was asked
    /// within: rmcp's servers do not withdraw what they give up.
    pub(crate) fn answering(
        &self,
        id: &RequestId,
        token: Option<ProgressToken>,
        place: Option<Carrier>,
    ) -> Option<Answering<'_>> {
        let mut state = self.state();
        if state.answering.len() >= MAX_OPEN {
            return None;
        }
        state.answering.insert(id.clone(), Answered { token, place, withdrawn: false });
        Some(Answering { connection: self, id: id.clone() })
    }
}

/// Where a request is being answered.
#[derive(Debug)]
struct Answered {
    /// By which the sender wants to be told how far it is.
    token: Option<ProgressToken>,
    place: Option<Carrier>,
    /// Whether the sender took it back.
    withdrawn: bool,
}

impl State {
    /// Whether the handler of a received request has returned. Beyond the limit nobody knows.
    fn has_answered(&self, id: &RequestId) -> bool {
        self.answering.len() < MAX_OPEN && !self.answering.contains_key(id)
    }

    /// Takes out what was asked within a received request.
    fn take_within(&mut self, received: &RequestId) -> Vec<(u64, Asked)> {
        let within = self.asked.iter().filter(|(_, (_, asked))| asked.sent_within() == Some(received));
        let within: Vec<_> = within.map(|(id, _)| id.clone()).collect();
        within.iter().filter_map(|id| self.asked.remove(id)).collect()
    }

    fn oldest(&self) -> Option<RequestId> {
        let oldest = self.asked.iter().min_by_key(|(_, (number, _))| *number);
        oldest.map(|(id, _)| id.clone())
    }
}

fn number(id: &RequestId) -> Option<RequestId> {
    match id {
        NumberOrString::String(text) => text.parse().ok().map(NumberOrString::Number),
        NumberOrString::Number(_) => None,
    }
}

/// A request that is being answered.
pub(crate) struct Answering<'a> {
    connection: &'a Connection,
    id: RequestId,
}

impl Answering<'_> {
    pub(crate) fn is_withdrawn(&self) -> bool {
        self.connection.state().answering.get(&self.id).is_some_and(|answered| answered.withdrawn)
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        let mut state = self.connection.state();
        state.answering.remove(&self.id);
        let given_up = state.take_within(&self.id);
        // They end, after the lock.
        drop(state);
        drop(given_up);
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::activity::McpClientRequest;
    use crate::semconv::attr;

    fn asked() -> Asked {
        Asked::of(McpClientRequest::new("ping").start())
    }

    #[test]
    fn requests_that_are_never_answered_do_not_pile_up() {
        let connection = Connection::default();
        let most = i64::try_from(MAX_OPEN).expect("small");
        for id in 0..most + 10 {
            connection.hold(NumberOrString::Number(id), asked());
        }
        assert_eq!(connection.state().asked.len(), MAX_OPEN);
        assert!(connection.take(&NumberOrString::Number(9)).is_none(), "the oldest are gone");
        assert!(connection.take(&NumberOrString::Number(10)).is_some());
        assert!(connection.take(&NumberOrString::String("11".into())).is_some(), "as rmcp forgives it");
        connection.cut_off();
        assert!(connection.state().asked.is_empty());
    }

    #[test]
    fn a_request_that_is_pushed_out_was_not_cancelled() {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let layer = crate::layer::layer(provider.tracer("test"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let connection = Connection::default();
            for id in 0..=i64::try_from(MAX_OPEN).expect("small") {
                connection.hold(NumberOrString::Number(id), asked());
            }
            let ended = exporter.get_finished_spans().expect("spans");
            let [ended] = ended.as_slice() else { panic!("{} have ended", ended.len()) };
            let has = |key: &str, value: &str| {
                ended.attributes.iter().any(|pair| pair.key.as_str() == key && pair.value.as_str() == value)
            };
            assert!(has(attr::AGENTIC_FORCED_CLOSE, "capacity") && has(attr::ERROR_TYPE, "interrupted"), "{ended:?}");
            assert!(!ended.attributes.iter().any(|pair| pair.key.as_str() == attr::AGENTIC_OUTCOME), "{ended:?}");
        });
    }

    #[test]
    fn what_was_asked_within_a_request_ends_with_it() {
        let connection = Connection::default();
        let (within, other) = (NumberOrString::Number(1), NumberOrString::Number(2));
        let answering = connection.answering(&within, None, None);
        let (_other, sent) =
            (connection.answering(&other, None, None), |id: &RequestId| asked().within(Some(id.clone())));
        connection.hold(NumberOrString::Number(10), sent(&within));
        connection.hold(NumberOrString::Number(11), sent(&other));
        drop(answering);
        assert!(connection.take(&NumberOrString::Number(10)).is_none());
        assert!(connection.take(&NumberOrString::Number(11)).is_some());
        connection.hold(NumberOrString::Number(12), sent(&within));
        assert!(connection.take(&NumberOrString::Number(12)).is_none(), "sent when its handler had returned");
    }

    #[test]
    fn a_request_is_answered_until_its_answer_is_there() {
        let connection = Connection::default();
        let place: Carrier = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().expect("valid");
        let (id, token) = (NumberOrString::Number(1), ProgressToken(NumberOrString::Number(7)));
        let answering = connection.answering(&id, Some(token.clone()), Some(place.clone()));
        assert_eq!(connection.place_of_answering(&id), Some(place.clone()));
        assert_eq!(connection.place_of_token_answering(&token), Some(place));
        drop(answering);
        assert_eq!(connection.place_of_answering(&id), None);
    }
}
