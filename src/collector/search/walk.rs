//! Everything that was received, text by text.
use std::collections::HashSet;
use std::sync::Arc;

use super::place::{Holder, Part, Place};
use crate::collector::disguise::Wanted;
use crate::collector::log::ReceivedLog;
use crate::collector::metric::{PointValue, ReceivedMetric, ReceivedPoint};
use crate::collector::origin::{ReceivedResource, ReceivedScope};
use crate::collector::signal::Signal;
use crate::collector::span::ReceivedSpan;
use crate::collector::value::{AttributeValue, Attributes};

/// A search through items that share resources and scopes.
pub(super) struct Search<'a> {
    wanted: &'a Wanted,
    /// Those that were looked at, by their address.
    seen: HashSet<usize>,
    found: Vec<Place>,
    item: Item,
}

/// What is being looked at.
struct Item {
    signal: Signal,
    name: Option<String>,
    span_id: String,
}

impl<'a> Search<'a> {
    pub(super) fn new(wanted: &'a Wanted) -> Self {
        let item = Item { signal: Signal::Traces, name: None, span_id: String::new() };
        Self { wanted, seen: HashSet::new(), found: Vec::new(), item }
    }

    pub(super) fn found(self) -> Vec<Place> {
        self.found
    }

    pub(super) fn span(&mut self, span: &ReceivedSpan) {
        self.item = Item { signal: Signal::Traces, name: self.shown(&span.name), span_id: span.span_id.clone() };
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
        self.origin(&span.resource, &span.scope);
    }

    pub(super) fn metric(&mut self, metric: &ReceivedMetric) {
        self.item = Item { signal: Signal::Metrics, name: self.shown(&metric.name), span_id: String::new() };
        self.text(&Holder::Metric, &metric.name, Part::Name);
        self.text(&Holder::Metric, &metric.description, Part::Description);
        self.text(&Holder::Metric, &metric.unit, Part::Unit);
        metric.points.iter().for_each(|point| self.point(point));
        self.origin(&metric.resource, &metric.scope);
    }

    fn point(&mut self, point: &ReceivedPoint) {
        self.attributes(&Holder::Point, &point.attributes);
        let number = match &point.value {
            PointValue::Int(number) => Some(number.to_string()),
            _ => point.sum().map(|number| number.to_string()),
        };
        self.text(&Holder::Point, &number.unwrap_or_default(), Part::Number);
        for exemplar in &point.exemplars {
            let number = exemplar.value.map(|number| number.to_string());
            self.text(&Holder::Exemplar, &number.unwrap_or_default(), Part::Number);
            self.text(&Holder::Exemplar, &exemplar.trace_id, Part::Id);
            self.text(&Holder::Exemplar, &exemplar.span_id, Part::Id);
            self.attributes(&Holder::Exemplar, &exemplar.attributes);
        }
    }

    pub(super) fn log(&mut self, log: &ReceivedLog) {
        let span_id = log.span_id.clone().unwrap_or_default();
        self.item = Item { signal: Signal::Logs, name: self.shown(&log.event_name), span_id };
        for id in log.trace_id.iter().chain(&log.span_id) {
            self.text(&Holder::Log, id, Part::Id);
        }
        self.text(&Holder::Log, &log.event_name, Part::Name);
        self.text(&Holder::Log, &log.severity_text, Part::SeverityText);
        if log.body.as_ref().is_some_and(|body| self.is_in_value(body)) {
            self.add(&Holder::Log, Part::Body);
        }
        self.attributes(&Holder::Log, &log.attributes);
        self.origin(&log.resource, &log.scope);
    }

    /// Each resource and scope once: those of one request are shared.
    fn origin(&mut self, resource: &Arc<ReceivedResource>, scope: &Arc<ReceivedScope>) {
        if self.seen.insert(Arc::as_ptr(resource).addr()) {
            self.text(&Holder::Resource, &resource.schema_url, Part::SchemaUrl);
            self.attributes(&Holder::Resource, &resource.attributes);
        }
        if self.seen.insert(Arc::as_ptr(scope).addr()) {
            self.text(&Holder::Scope, &scope.name, Part::Name);
            self.text(&Holder::Scope, &scope.version, Part::Version);
            self.text(&Holder::Scope, &scope.schema_url, Part::SchemaUrl);
            self.attributes(&Holder::Scope, &scope.attributes);
        }
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
            signal: self.item.signal,
            name: self.item.name.clone(),
            span_id: self.item.span_id.clone(),
            holder: holder.clone(),
            part,
        });
    }

    /// A name, unless what is looked for is in it.
    fn shown(&self, name: &str) -> Option<String> {
        (!self.wanted.is_in(name)).then(|| name.to_owned())
    }
}
