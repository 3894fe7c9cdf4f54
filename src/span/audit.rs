//! What can leave the process by a tracer.

use std::fmt;

use crate::content::{Content, Kind};
use crate::rules::audit::Decided;
use crate::span::GenAiTracer;
use crate::span::shared::Settings;

/// What can leave the process by a [`GenAiTracer`], for its settings: printed it is a page of Markdown, with every
/// attribute, its class and what it may come from, what other spans keep, and what never leaves. `docs/audit.md` is the
/// one of a tracer without settings.
///
/// It tells of keys and settings, not of what was exported.
#[derive(Clone, Debug)]
pub struct Audit(Decided);

impl<T> GenAiTracer<T> {
    /// What can leave the process by this tracer. Print it where somebody has to know; two of them differ by what a setting
    /// changed.
    ///
    /// ```
    /// # use tracing_genai::GenAiTracer;
    /// # let tracer = opentelemetry::trace::noop::NoopTracer::new();
    /// let tracer = GenAiTracer::new(tracer).with_attributes(["tenant", "my_app."]);
    /// let audit = tracer.audit().to_string();
    /// assert!(audit.contains("| further attributes, `with_attributes` | `tenant`, `my_app.` |"));
    /// ```
    pub fn audit(&self) -> Audit {
        Audit(decided(&self.shared.settings))
    }
}

fn decided(settings: &Settings) -> Decided {
    Decided {
        allowed: settings.allowed.clone(),
        default_attributes: settings.default_attributes.is_some(),
        baggage: settings.defaults.allowed().collect(),
        session: settings.defaults.has_session(),
        location: settings.location,
        prices: settings.prices.is_some(),
        profile: settings.profile,
        dialects: settings.written(),
        events: settings.observers.write_events(),
        content: content(&settings.content),
    }
}

/// What leaves of content, in words; nothing if none does.
fn content(content: &Content) -> Vec<(&'static str, String)> {
    if content.is_off() {
        return Vec::new();
    }
    let kinds: Vec<_> = Kind::all().filter(|kind| content.chooses(*kind)).collect();
    let keys: Vec<_> = kinds.iter().map(|kind| format!("`{}`", kind.attribute())).collect();
    let who = if content.is_custom() { "a policy of the application decides, item by item" } else { "all of these" };
    let (spans, budget) = (content.destination.is_on_spans(), content.budget());
    let on_spans =
        if spans { "yes; texts of errors and logs on events, those of errors in the status, too" } else { "no" };
    let on_events = if content.destination.is_on_events() {
        "yes, on log events that have a place for it: of turns, of errors of client spans, of evaluations"
    } else {
        "no"
    };
    let store = match content.references() {
        Some(_) => "yes, in full; its addresses are in `agentic.content.ref.*`",
        None => "no",
    };
    vec![
        ("attributes", keys.join(", ")),
        ("who decides", who.to_owned()),
        ("on spans", on_spans.to_owned()),
        ("on log events", on_events.to_owned()),
        ("in a store", store.to_owned()),
        ("bytes on spans", format!("{} an attribute, {} a span", budget.attribute, budget.span)),
        ("redactors", content.redaction.len().to_string()),
    ]
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
