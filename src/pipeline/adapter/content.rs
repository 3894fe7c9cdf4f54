//! Of the content that the tracer let out, what one backend gets: its own setting decides, as the tracer's did.
//!
//! The text of an exception and the description of a status are content too. Of spans that have nothing to do with
//! agents they are the application's own business, and stay.

use opentelemetry::trace::Status;
use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use crate::content::{Content, Kept, Kind, Side, Why, contained};
use crate::semconv::attr;
use crate::span::content::{Named, count_of};
use crate::span::{Count, LastGate, Made, about_content, is_content, is_error_description};

use super::limits::add_missing;
use super::log_fields;
use super::view::View;

/// What is told about content stands under these keys, before the word of its kind.
const ABOUT: [&str; 4] = [
    attr::AGENTIC_CONTENT_REF,
    attr::AGENTIC_CONTENT_SIZE,
    attr::AGENTIC_CONTENT_SHA256,
    attr::AGENTIC_CONTENT_TRUNCATED,
];

/// Takes out of `span`, or shortens, what `content` does not let out.
pub(crate) fn choose(content: &Content, gate: &LastGate, span: &mut SpanData) {
    if gate.judge(&mut span.attributes) == Made::Plain {
        return;
    }
    let mut choice = Choice { content, gate, view: View::of(gate, span), used: 0 };
    if let Some(chosen) = choice.list(span, &span.attributes) {
        span.attributes = chosen;
    }
    for place in 0..span.events.events.len() {
        let Some(event) = span.events.events.get(place) else { break };
        let chosen = choice.list(span, &event.attributes);
        if let (Some(chosen), Some(event)) = (chosen, span.events.events.get_mut(place)) {
            event.attributes = chosen;
        }
    }
    for link in &mut span.links.links {
        link.attributes.retain(|pair| !is_about_content(pair.key.as_str()));
    }
    let told = match &span.status {
        Status::Error { description } if is_error_description(description) => description.to_string(),
        _ => return,
    };
    let told = choice.item(span, Kind::ErrorMessage, &told).ok().and_then(|kept| kept.inline);
    span.status = Status::error(told.unwrap_or_default());
}

fn is_about_content(key: &str) -> bool {
    is_content(key) || told_about(key).is_some()
}

/// The word of what `key` tells about: `input_messages`, `prompt_variable.city`.
fn told_about(key: &str) -> Option<&str> {
    ABOUT.iter().find_map(|about| key.strip_prefix(about)?.strip_prefix('.'))
}

/// The choice for one span, and how much of its budget is used.
struct Choice<'a> {
    content: &'a Content,
    gate: &'a LastGate,
    view: View<'a>,
    used: usize,
}

/// One item that was there, and what becomes of it.
struct Chosen {
    key: Key,
    kept: Result<Kept, Why>,
}

impl Choice<'_> {
    /// A list of attributes as it may leave; `None` if it may as it is.
    fn list(&mut self, span: &SpanData, attributes: &[KeyValue]) -> Option<Vec<KeyValue>> {
        if !attributes.iter().any(|pair| is_about_content(pair.key.as_str())) {
            return None;
        }
        let items: Vec<Chosen> = attributes.iter().filter_map(|pair| self.attribute(span, pair)).collect();
        let mut chosen = Vec::with_capacity(attributes.len());
        for pair in attributes {
            let key = pair.key.as_str();
            match items.iter().find(|item| item.key == pair.key) {
                Some(Chosen { kept: Ok(Kept { inline: Some(text), .. }), .. }) => {
                    chosen.push(KeyValue::new(pair.key.clone(), text.clone()));
                }
                Some(_) => {}
                None if is_content(key) => self.gate.count(Count::ContentOmitted, key),
                None if told_about(key).is_some_and(|word| !self.tells(&items, key, word)) => {}
                None => chosen.push(pair.clone()),
            }
        }
        for (item, named) in items.iter().filter_map(|item| Some((item, Named::of_attribute(item.key.as_str())?))) {
            let Ok(kept) = &item.kept else { continue };
            chosen.extend(about_content(&named, &Kept { missing: 0, ..kept.clone() }));
            if kept.missing > 0 {
                add_missing(&mut chosen, named.about(attr::AGENTIC_CONTENT_TRUNCATED), kept.missing);
            }
        }
        Some(chosen)
    }

    fn attribute(&mut self, span: &SpanData, pair: &KeyValue) -> Option<Chosen> {
        let named = Named::of_attribute(pair.key.as_str()).filter(|_| is_content(pair.key.as_str()))?;
        let Value::String(text) = &pair.value else {
            return Some(Chosen { key: pair.key.clone(), kept: Err(Why::NotWanted) });
        };
        let kept = match named.kind {
            Kind::LogFields => match log_fields::chosen(self.content, self.gate, text.as_str()) {
                Some(fields) => self.item(span, named.kind, &fields),
                None => Err(Why::NotWanted),
            },
            kind => self.item(span, kind, text.as_str()),
        };
        Some(Chosen { key: pair.key.clone(), kept })
    }

    /// One item: what of it may leave, within what is left of the budget.
    fn item(&mut self, span: &SpanData, kind: Kind, text: &str) -> Result<Kept, Why> {
        let budget = self.content.budget();
        let reserve = if kind.side() == Side::Input { budget.output_reserve } else { 0 };
        let room = budget.span.saturating_sub(reserve).saturating_sub(self.used);
        let room = room.saturating_sub(kind.attribute().len());
        let scope = self.view.scope(span, kind);
        let Some(kept) = contained(|| self.content.again(scope, text, room)) else {
            self.gate.count(Count::HookPanic, "content policy");
            return Err(Why::PolicyFailed);
        };
        match &kept {
            Ok(kept) => {
                self.used += kept.inline.as_ref().map_or(0, |text| text.len() + kind.attribute().len());
                if kept.missing > 0 {
                    self.gate.count(Count::ContentTruncated, kind.attribute());
                }
            }
            Err(why) => self.gate.count(count_of(*why), kind.attribute()),
        }
        kept
    }

    /// Whether `key`, which tells about the content `word`, may leave.
    fn tells(&self, items: &[Chosen], key: &str, word: &str) -> bool {
        let is_of = |item: &&Chosen| {
            Named::of_attribute(item.key.as_str())
                .is_some_and(|named| ABOUT.iter().any(|about| named.about(about).as_str() == key))
        };
        match items.iter().find(is_of) {
            Some(Chosen { kept: Err(_), .. }) => false,
            // Stored by this backend's own store: told anew.
            Some(Chosen { kept: Ok(kept), .. }) if kept.reference.is_some() => {
                key.starts_with(attr::AGENTIC_CONTENT_TRUNCATED)
            }
            Some(Chosen { kept: Ok(_), .. }) if key.starts_with(attr::AGENTIC_CONTENT_TRUNCATED) => true,
            _ => kind_of(word).is_some_and(|kind| self.content.tells_about(kind)),
        }
    }
}

/// The kind whose word `word` begins with.
fn kind_of(word: &str) -> Option<Kind> {
    let word = word.split('.').next().unwrap_or_default();
    Kind::all().find(|kind| kind.as_str() == word)
}
