//! Fields of log events: each is content of its own kind besides.

use serde_json::{Map, Value};

use crate::content::Content;
use crate::span::content::kind_of_field;
use crate::span::{Count, LastGate};

/// Takes out of `fields` those whose own kind `content` does not let out.
pub(super) fn choose(content: &Content, gate: &LastGate, fields: &mut Map<String, Value>) {
    fields.retain(|key, _| {
        let omitted = kind_of_field(key).filter(|kind| !content.chooses(*kind));
        if let Some(kind) = omitted {
            gate.count(Count::ContentOmitted, kind.attribute());
        }
        omitted.is_none()
    });
}

/// The same for fields as a span event has them; `None` if nothing is left of them, or if they cannot be read.
pub(super) fn chosen(content: &Content, gate: &LastGate, text: &str) -> Option<String> {
    let mut fields: Map<String, Value> = serde_json::from_str(text).ok()?;
    let before = fields.len();
    choose(content, gate, &mut fields);
    match fields.len() {
        0 => None,
        left if left == before => Some(text.to_owned()),
        _ => serde_json::to_string(&fields).ok(),
    }
}
