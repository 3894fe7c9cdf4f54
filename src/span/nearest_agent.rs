//! Whose context a span works on.

use std::sync::Arc;

use crate::rules::Activity;
use crate::span::open::Open;

/// The agent whose context a child of `span` works on: `span` itself or the nearest above, unless a tool or a workflow
/// stands between.
pub(crate) fn nearest_agent(span: Arc<dyn Open>) -> Option<Arc<dyn Open>> {
    let mut next = Some(span);
    while let Some(span) = next {
        match span.about().activity() {
            Activity::Agent => return Some(span),
            Activity::Tool | Activity::Mcp | Activity::Workflow => return None,
            _ => next = span.about().parent(),
        }
    }
    None
}
