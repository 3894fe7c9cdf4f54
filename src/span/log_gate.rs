//! The gate for ordinary log events that become log records: what of them may leave.
//!
//! Inside a GenAI span the text of a log event and its fields are content, as they are on the span. In a span whose operation
//! no table lists they are too, and no policy knows it: they stay in. Elsewhere they are the application's own, but for what
//! is content by its name.

use opentelemetry::Key;
use opentelemetry::logs::AnyValue;
use opentelemetry::trace::SpanId;
use serde_json::{Map, Value as Json};

use crate::content::{Kind, Offered};
use crate::semconv::attr;
use crate::span::content;
use crate::span::gate::{self, Place};
use crate::span::open::Open;
use crate::span::shared::Shared;
use crate::span::stats::Count;

/// What a log record says; when, how grave and from where is not asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Log {
    pub(crate) body: Option<AnyValue>,
    pub(crate) attributes: Vec<(Key, AnyValue)>,
}

/// What may leave of a log record that was written in the span `place`.
pub(crate) fn admit(shared: &Shared, place: Option<SpanId>, log: Log) -> Log {
    match place.and_then(|span| shared.table.get(span)) {
        Some(open) => inside(shared, &*open, log),
        None if place.is_some_and(|span| shared.table.is_unlisted(span)) => withheld(shared, &log),
        None => outside(shared, log),
    }
}

/// Whether what is said in the span `id` is content.
pub(crate) fn is_inside(shared: &Shared, id: SpanId) -> bool {
    shared.table.get(id).is_some() || shared.table.is_unlisted(id)
}

/// Nothing of it.
fn withheld(shared: &Shared, log: &Log) -> Log {
    if log.body.is_some() {
        shared.count(Count::ContentOmitted, Kind::LogMessage.attribute());
    }
    if !log.attributes.is_empty() {
        shared.count(Count::ContentOmitted, Kind::LogFields.attribute());
    }
    Log::default()
}

fn outside(shared: &Shared, mut log: Log) -> Log {
    log.attributes.retain(|(key, _)| gate::plain_may_carry(shared, &Place::Outside, key.as_str()));
    log
}

fn inside(shared: &Shared, open: &dyn Open, log: Log) -> Log {
    let Log { body, attributes } = log;
    let mut told = Vec::new();
    if let Some(body) = body {
        told.extend(content::of_log(open, Kind::LogMessage, || Ok(Offered::Text(text(&body).into()))));
    }
    let content = &shared.settings.content;
    let may_leave = |key: &str| content::kind_of_field(key).is_none_or(|kind| content.chooses(kind));
    let mut fields = attributes.iter().filter(|(key, _)| may_leave(key.as_str())).peekable();
    if fields.peek().is_some() {
        let map = || Map::from_iter(fields.map(|(key, value)| (key.as_str().to_owned(), json(value))));
        told.extend(content::of_log(open, Kind::LogFields, || Offered::json(&map())));
    }
    let mut log = Log::default();
    for pair in told {
        match pair.key.as_str() {
            attr::AGENTIC_LOG_MESSAGE => log.body = Some(AnyValue::String(pair.value.as_str().into_owned().into())),
            attr::AGENTIC_LOG_ATTRIBUTES => log.attributes.extend(read(&pair.value.as_str())),
            _ => log.attributes.push((pair.key, AnyValue::String(pair.value.as_str().into_owned().into()))),
        }
    }
    log
}

/// The fields again, each by itself.
fn read(text: &str) -> impl Iterator<Item = (Key, AnyValue)> {
    let map: Map<String, Json> = serde_json::from_str(text).unwrap_or_default();
    map.into_iter().filter_map(|(key, value)| Some((Key::new(key), plain(value)?)))
}

/// A field of a log event is no list and no object.
fn plain(value: Json) -> Option<AnyValue> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(value) => AnyValue::Boolean(value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => AnyValue::Int(number),
            None => AnyValue::Double(number.as_f64()?),
        },
        Json::String(text) => AnyValue::String(text.into()),
        other => AnyValue::String(other.to_string().into()),
    })
}

fn json(value: &AnyValue) -> Json {
    match value {
        AnyValue::Int(number) => (*number).into(),
        AnyValue::Double(number) => (*number).into(),
        AnyValue::Boolean(value) => (*value).into(),
        other => text(other).into(),
    }
}

/// The text of a value: bytes and structures have none.
fn text(value: &AnyValue) -> String {
    match value {
        AnyValue::String(text) => text.as_str().to_owned(),
        AnyValue::Int(number) => number.to_string(),
        AnyValue::Double(number) => number.to_string(),
        AnyValue::Boolean(value) => value.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Span, SpanBuilder, TraceContextExt, Tracer, TracerProvider};
    use opentelemetry::{Context, KeyValue};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;
    use crate::content::{Content, Destination, Redactor};
    use crate::span::GenAiTracer;

    fn log() -> Log {
        let attributes = [("attempt", AnyValue::Int(2)), ("to", "ann@example.org".into())];
        Log {
            body: Some("retrying ann@example.org".into()),
            attributes: attributes.into_iter().map(|(key, value)| (Key::new(key), value)).collect(),
        }
    }

    /// What is left of it inside of a GenAI span.
    fn inside(content: Content) -> Log {
        let provider = SdkTracerProvider::builder().build();
        let tracer = GenAiTracer::new(provider.tracer("t")).with_content(content);
        let chat = SpanBuilder::from_name("x").with_attributes([KeyValue::new("gen_ai.operation.name", "chat")]);
        let span = tracer.build_with_context(chat, &Context::new());
        let place = span.span_context().span_id();
        admit(&tracer.shared, Some(place), log())
    }

    #[test]
    fn inside_a_genai_span_texts_stay_in_unless_content_goes_on_events() {
        for content in [Content::off(), Content::all(), Content::all().with_destination(Destination::Reference)] {
            assert_eq!(inside(content), Log::default());
        }
        let events = Content::all().with_destination(Destination::Event);
        assert_eq!(inside(events.clone()), log());
        let only = Content::only([Kind::LogFields]).with_destination(Destination::SpanAndEvent);
        assert_eq!(inside(only), Log { body: None, ..log() });
        let redacted = inside(events.with_redactors(Redactor::recommended()));
        assert_eq!(redacted.body, Some("retrying [redacted:email]".into()));
        assert!(!format!("{redacted:?}").contains("ann@"));
    }

    #[test]
    fn in_a_span_of_an_unlisted_operation_and_below_nothing_leaves() {
        let provider = SdkTracerProvider::builder().build();
        let content = Content::all().with_destination(Destination::SpanAndEvent);
        let tracer = GenAiTracer::new(provider.tracer("t")).with_content(content);
        let unlisted = SpanBuilder::from_name("x").with_attributes([KeyValue::new("gen_ai.operation.name", "rerank")]);
        let outer = tracer.build_with_context(unlisted, &Context::new());
        let place = outer.span_context().clone();
        let below = Context::new().with_remote_span_context(place.clone());
        let inner = tracer.build_with_context(SpanBuilder::from_name("query"), &below);
        for span in [place.span_id(), inner.span_context().span_id()] {
            assert!(is_inside(&tracer.shared, span));
            assert_eq!(admit(&tracer.shared, Some(span), log()), Log::default());
        }
        assert_eq!(tracer.stats().content_omitted, 4);
        drop((outer, inner));
        assert!(!is_inside(&tracer.shared, place.span_id()));
    }

    #[test]
    fn elsewhere_all_leaves_but_what_is_content_by_its_name() {
        let shared = Shared::default();
        assert_eq!(admit(&shared, None, log()), log());
        assert_eq!(admit(&shared, Some(SpanId::from(7)), log()), log());
        let mut with_prompt = log();
        with_prompt.attributes.push((Key::new(attr::GEN_AI_INPUT_MESSAGES), "hi".into()));
        assert_eq!(admit(&shared, None, with_prompt), log());
        assert_eq!(shared.stats().content_omitted, 1);
    }
}
