//! Why a span failed: the event on the span, and what a log event will tell of it.

use std::fmt;

use opentelemetry::{KeyValue, Value};

use crate::content::{Kind, Offered};
use crate::rules::{FieldId, events};
use crate::semconv::attr;
use crate::span::coerce::bring;
use crate::span::content::{self, Named};
use crate::span::error_type::Failure;
use crate::span::gate::Event;
use crate::span::held::Exception;
use crate::span::open::Open;

/// Name of the span event.
pub(crate) const EXCEPTION: &str = "exception";

const EXCEPTION_TYPE: FieldId = FieldId::of(attr::EXCEPTION_TYPE);

/// Puts `error` on an event of the span: its type, and its text and its stack if they may leave; then the span's status
/// tells its text, too.
pub(crate) fn record<E: Failure + ?Sized>(open: &dyn Open, error: &E, stack: Option<&dyn fmt::Display>) {
    let mut event = Event::new(EXCEPTION.into(), opentelemetry::time::now(), Vec::new());
    // The name of a type is the program's own, but who implements `Failure` may give any.
    let mut type_name = Value::from(error.type_name());
    if bring(EXCEPTION_TYPE, &mut type_name).is_ok() {
        event.attributes.push(KeyValue::new(attr::EXCEPTION_TYPE, type_name));
    }
    let message = || Ok(Offered::Text(error.as_error().to_string().into()));
    let told = content::on_event(open, Named::of(Kind::ErrorMessage), message);
    content::describe(open, &told.on_span);
    event.attributes.extend(told.on_span);
    event.on_record.extend(told.on_record);
    if let Some(stack) = stack {
        let stack = || Ok(Offered::Text(stack.to_string().into()));
        let told = content::on_event(open, Named::of(Kind::ErrorStack), stack);
        event.attributes.extend(told.on_span);
        event.on_record.extend(told.on_record);
    }
    note(open, &event);
    if !event.attributes.is_empty() {
        open.event(event);
    }
}

/// Keeps the text of a failure for the log event, whose exception may have none.
pub(crate) fn describe(open: &dyn Open, text: &[KeyValue]) {
    if !text.is_empty() {
        let at = opentelemetry::time::now();
        open.hold(&mut |held| held.describe_exception(at, text));
    }
}

/// Remembers an exception for the log event, if the span has one.
pub(crate) fn note(open: &dyn Open, event: &Event) {
    let about = open.about();
    let is_told = about.shared.settings.observers.write_events()
        && event.name == EXCEPTION
        && events::is_of(events::EXCEPTION, about.operation, about.kind);
    if !is_told {
        return;
    }
    let of_type = event.attributes.iter().filter(|pair| pair.key.as_str() == attr::EXCEPTION_TYPE);
    let attributes: Vec<_> = of_type.chain(&event.on_record).cloned().collect();
    if !attributes.is_empty() {
        let exception = Exception { at: event.at, attributes };
        open.hold(&mut |held| held.set_exception(exception.clone()));
    }
}
