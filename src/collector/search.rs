//! Is a text among what was received? The proof that content stayed in the process.
use std::fmt;
use std::ptr;
use std::sync::Arc;

use super::Collector;
use super::disguise::Wanted;
use super::line::printable;
use super::span::{AttributeValue, Attributes, ReceivedSpan};

/// Shortest canary that [`assert_no_content`](Collector::assert_no_content) takes, in bytes: a shorter one is found by
/// chance, in ids and digests.
pub const MIN_CANARY_BYTES: usize = 8;

/// How many places a failed assertion names.
const MAX_SHOWN: usize = 20;

/// Longest name or key that is printed, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Where a text was found. Printed it names the place and quotes nothing of what is there:
/// `value of gen_ai.input.messages, span "chat gpt-4o" 00f067aa0ba902b7`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// Name of the span, of the first one for a resource or scope; `None` if the text is in it.
    pub span_name: Option<String>,
    /// Span id, 16 hex digits.
    pub span_id: String,
    /// What of the span it is.
    pub holder: Holder,
    /// What of the holder it is.
    pub part: Part,
}

/// What holds the text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Holder {
    /// The span itself.
    Span,
    /// The event of that name; `None` if the text is in the name.
    Event(Option<String>),
    /// A link.
    Link,
    /// The resource.
    Resource,
    /// The instrumentation scope.
    Scope,
}

/// What of its holder the text is in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The name.
    Name,
    /// The version of a scope.
    Version,
    /// The text of the status.
    StatusMessage,
    /// The `tracestate`.
    TraceState,
    /// The schema URL.
    SchemaUrl,
    /// A trace id or span id.
    Id,
    /// The key of an attribute, which is not shown.
    Key,
    /// The value of the attribute of that key.
    Value(String),
}

impl Collector {
    /// Where `text` is in the spans that are held: in names, keys and values of all types, of spans, events, links,
    /// resources and scopes, in status texts, trace states and ids. Also in disguise: in other case, escaped for JSON or
    /// by `Debug`, percent-encoded, in base64 (both alphabets, any alignment) or hexadecimal, and in each other up to
    /// four deep. An empty text is nowhere.
    ///
    /// ```
    /// # let collector = tracing_genai::collector::Collector::builder().start()?;
    /// for place in collector.find_text("a line of the prompt") {
    ///     println!("{place}"); // value of prompt, span "ask" 00f067aa0ba902b7
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn find_text(&self, text: &str) -> Vec<Place> {
        find(&self.spans(), text)
    }

    /// Asserts that content stayed in the process: `canary`, which the test planted in prompts, arguments, errors, is
    /// [nowhere](Self::find_text) in what was received. Call it after the exporter's flush or shutdown.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tracing_genai::activity::{Operation, Turn};
    /// use tracing_genai::collector::Collector;
    /// use tracing_genai::pipeline::{Env, Pipeline, Protocol};
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// let collector = Collector::builder().start()?;
    /// let pipeline = Pipeline::builder().with_env(Env::empty()).with_protocol(Protocol::HttpProtobuf);
    /// let telemetry = pipeline.with_endpoint(collector.http_endpoint()).build()?;
    /// let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    /// tracing::subscriber::with_default(subscriber, || {
    ///     Operation::prompt("support").start().in_scope(|| {
    ///         let turn = Turn::chat("openai", "gpt-4o").start();
    ///         tracing::error!("refused: {}", "my c4nary-7312 is ill");
    ///         turn.fail_with("content_filter");
    ///     });
    /// });
    /// assert_eq!(telemetry.shutdown().exported, 2);
    /// collector.assert_no_content("c4nary-7312");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the canary is found; the message names the places and quotes nothing. Also where there is no proof: the canary
    /// is shorter than [`MIN_CANARY_BYTES`], nothing was received, or not all of it is held any more (evicted, taken,
    /// rejected or refused; see [`Stats`](super::Stats)). Of a span that came twice the last one is held.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion for tests")]
    pub fn assert_no_content(&self, canary: &str) {
        if let Err(why) = self.prove(canary) {
            panic!("{why}");
        }
    }

    /// Why there is no proof that `canary` stayed in the process.
    fn prove(&self, canary: &str) -> Result<(), String> {
        if canary.len() < MIN_CANARY_BYTES {
            return Err(format!("the canary is {} bytes long: give one of at least {MIN_CANARY_BYTES}", canary.len()));
        }
        let (spans, stats) = self.store.held();
        let held = u64::try_from(spans.len()).unwrap_or(u64::MAX);
        let lost = stats.received.saturating_sub(stats.duplicates).saturating_sub(held);
        if lost > 0 || stats.rejected > 0 || stats.refused_requests > 0 {
            return Err(format!("the collector does not hold all it received: {lost} spans evicted or taken; {stats}"));
        }
        if spans.is_empty() {
            return Err("the collector has received no span, which proves nothing: export before you ask".to_owned());
        }
        let places = find(&spans, canary);
        if places.is_empty() {
            return Ok(());
        }
        let shown: Vec<String> = places.iter().take(MAX_SHOWN).map(|place| format!("\n  {place}")).collect();
        Err(format!("the canary left the process, at {} places:{}", places.len(), shown.concat()))
    }
}

/// [`Collector::find_text`] for spans at hand.
fn find(spans: &[ReceivedSpan], text: &str) -> Vec<Place> {
    let Some(wanted) = Wanted::new(text) else { return Vec::new() };
    let mut found = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let mut search = Search { wanted: &wanted, span, found: &mut found };
        search.span();
        let before = spans.iter().take(at);
        if !before.clone().any(|other| ptr::eq(Arc::as_ptr(&other.resource), Arc::as_ptr(&span.resource))) {
            search.resource();
        }
        if !before.clone().any(|other| ptr::eq(Arc::as_ptr(&other.scope), Arc::as_ptr(&span.scope))) {
            search.scope();
        }
    }
    found
}

/// The search in one span.
struct Search<'a> {
    wanted: &'a Wanted,
    span: &'a ReceivedSpan,
    found: &'a mut Vec<Place>,
}

impl Search<'_> {
    fn span(&mut self) {
        let span = self.span;
        for id in [&span.trace_id, &span.span_id].into_iter().chain(&span.parent_span_id) {
            self.text(&Holder::Span, id, Part::Id);
        }
        self.text(&Holder::Span, &span.name, Part::Name);
        self.text(&Holder::Span, &span.status_message, Part::StatusMessage);
        self.text(&Holder::Span, &span.trace_state, Part::TraceState);
        self.attributes(&Holder::Span, &span.attributes);
        for event in &span.events {
            let holder = Holder::Event(self.shown(&event.name));
            self.text(&holder, &event.name, Part::Name);
            self.attributes(&holder, &event.attributes);
        }
        for link in &span.links {
            self.text(&Holder::Link, &link.trace_id, Part::Id);
            self.text(&Holder::Link, &link.span_id, Part::Id);
            self.text(&Holder::Link, &link.trace_state, Part::TraceState);
            self.attributes(&Holder::Link, &link.attributes);
        }
    }

    fn resource(&mut self) {
        let resource = Arc::clone(&self.span.resource);
        self.text(&Holder::Resource, &resource.schema_url, Part::SchemaUrl);
        self.attributes(&Holder::Resource, &resource.attributes);
    }

    fn scope(&mut self) {
        let scope = Arc::clone(&self.span.scope);
        self.text(&Holder::Scope, &scope.name, Part::Name);
        self.text(&Holder::Scope, &scope.version, Part::Version);
        self.text(&Holder::Scope, &scope.schema_url, Part::SchemaUrl);
        self.attributes(&Holder::Scope, &scope.attributes);
    }

    fn attributes(&mut self, holder: &Holder, attributes: &Attributes) {
        for (key, value) in attributes {
            self.text(holder, key, Part::Key);
            if self.is_in_value(value) {
                let key = self.shown(key).unwrap_or_else(|| "(key not shown)".to_owned());
                self.add(holder, Part::Value(key));
            }
        }
    }

    fn is_in_value(&self, value: &AttributeValue) -> bool {
        match value {
            AttributeValue::Empty => false,
            AttributeValue::Str(text) => self.wanted.is_in(text),
            AttributeValue::Bool(flag) => self.wanted.is_in(&flag.to_string()),
            AttributeValue::Int(number) => self.wanted.is_in(&number.to_string()),
            AttributeValue::Double(number) => self.wanted.is_in(&number.to_string()),
            AttributeValue::Bytes(bytes) => self.wanted.is_in_bytes(bytes),
            AttributeValue::Array(items) => items.iter().any(|item| self.is_in_value(item)),
            AttributeValue::Map(entries) => {
                entries.iter().any(|(key, value)| self.wanted.is_in(key) || self.is_in_value(value))
            }
        }
    }

    fn text(&mut self, holder: &Holder, text: &str, part: Part) {
        if self.wanted.is_in(text) {
            self.add(holder, part);
        }
    }

    fn add(&mut self, holder: &Holder, part: Part) {
        self.found.push(Place {
            span_name: self.shown(&self.span.name),
            span_id: self.span.span_id.clone(),
            holder: holder.clone(),
            part,
        });
    }

    /// A name, unless what is looked for is in it.
    fn shown(&self, name: &str) -> Option<String> {
        (!self.wanted.is_in(name)).then(|| name.to_owned())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |name: &Option<String>| match name {
            Some(name) => format!("\"{}\"", printable(name, MAX_NAME_CHARS)),
            None => "(name not shown)".to_owned(),
        };
        match &self.part {
            Part::Name => f.write_str("name"),
            Part::Version => f.write_str("version"),
            Part::StatusMessage => f.write_str("status message"),
            Part::TraceState => f.write_str("trace state"),
            Part::SchemaUrl => f.write_str("schema URL"),
            Part::Id => f.write_str("id"),
            Part::Key => f.write_str("key of an attribute"),
            Part::Value(key) => write!(f, "value of {}", printable(key, MAX_NAME_CHARS)),
        }?;
        match &self.holder {
            Holder::Span => Ok(()),
            Holder::Event(name) => write!(f, ", event {}", named(name)),
            Holder::Link => f.write_str(", link"),
            Holder::Resource => f.write_str(", resource"),
            Holder::Scope => f.write_str(", scope"),
        }?;
        write!(f, ", span {} {}", named(&self.span_name), self.span_id)
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
