//! The hooks of the two predecessors, as content policies.
//!
//! | there | here |
//! |---|---|
//! | `exportContent(event)`: an edited copy of the event, or `undefined` | a closure `Fn(Item) -> Option<Payload>` |
//! | `content: {transform(content, scope)}`, 56 KiB a span, 16 KiB of them for the output | the same, with budgets |
//!
//! One that throws leaves its content in the process, there and here. What differs: an agent waits for a policy for a
//! time limit at most, and content that is too long stays valid JSON by the conventions' schemas.

use serde_json::json;
use tracing_genai::content::{Content, Item, Kind, Payload, Scope};

use crate::agent::CUSTOMER;

/// The span's budget of Flue's instrumentation, and what of it the input leaves to the output.
const SPAN_BUDGET: usize = 56 * 1024;
const OUTPUT_RESERVE: usize = 16 * 1024;

/// Flue's observer: asked event by event; only what comes back edited leaves.
pub(crate) fn observer() -> Content {
    // It had no budget of its own: the backend's limit was the first one.
    Content::custom(export_content).with_attribute_budget(usize::MAX).with_span_budget(usize::MAX)
}

/// `exportContent`. The item is a copy: the application's own values stay as they are.
fn export_content(mut item: Item) -> Option<Payload> {
    match item.kind() {
        Kind::ToolArguments => {
            if let Payload::Json(arguments) = item.value_mut() {
                *arguments = json!({"customer": "[hidden]"});
            }
            Some(item.into_value())
        }
        Kind::ToolResult => Some(Payload::Json(json!({"found": true}))),
        // `undefined`
        _ => None,
    }
}

/// Flue's instrumentation: one function for all content, and one budget for all content of a span.
pub(crate) fn instrumentation() -> Content {
    let policy = |item: Item| {
        let scope = item.scope().clone();
        transform(item.into_value(), &scope)
    };
    Content::custom(policy)
        .with_attribute_budget(SPAN_BUDGET)
        .with_span_budget(SPAN_BUDGET)
        .with_output_reserve(OUTPUT_RESERVE)
}

/// `transform`: told of whose content it is, it edits the copy it was given.
fn transform(mut content: Payload, scope: &Scope) -> Option<Payload> {
    if scope.tool() == Some("find_invoice") {
        return None;
    }
    if let Payload::Messages(messages) = &mut content {
        for part in messages.iter_mut().flat_map(|message| message.parts_mut()) {
            *part = serde_json::from_value(without_customer(json!(part))).ok()?;
        }
    }
    Some(content)
}

fn without_customer(part: serde_json::Value) -> serde_json::Value {
    match part {
        serde_json::Value::String(text) => text.replace(CUSTOMER, "[customer]").into(),
        serde_json::Value::Array(items) => items.into_iter().map(without_customer).collect(),
        serde_json::Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, without_customer(value))).collect()
        }
        other => other,
    }
}
