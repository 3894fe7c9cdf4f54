//! Where a batch came from: its resource and its instrumentation scope.
use super::value::{AttributeValue, Attributes, find};

/// The resource of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceivedResource {
    /// Attributes, `service.name` among them.
    pub attributes: Attributes,
    /// Schema URL; empty when none was sent.
    pub schema_url: String,
}

impl ReceivedResource {
    /// The attribute `key`, the first one if the sender repeated it.
    pub fn attribute(&self, key: &str) -> Option<&AttributeValue> {
        find(&self.attributes, key)
    }
}

/// The instrumentation scope of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceivedScope {
    /// Name of the instrumentation library; empty = unknown.
    pub name: String,
    /// Its version; empty = unknown.
    pub version: String,
    /// Attributes of the scope.
    pub attributes: Attributes,
    /// Schema URL; empty when none was sent.
    pub schema_url: String,
}
