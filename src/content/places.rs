//! Where an item goes that is exported: to its span, to an event, or to both.

use crate::content::capture::Destination;

/// What there is to carry an item where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outlets {
    /// Whether the span is recorded, and exported.
    pub(crate) span: bool,
    /// Whether a log event is written that has a place for it.
    pub(crate) event: bool,
}

/// Where it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) span: bool,
    pub(crate) event: bool,
}

impl Places {
    pub(crate) fn any(self) -> bool {
        self.span || self.event
    }

    /// Where an item is told of: where it is; on the span if it is stored only.
    pub(crate) fn told(self) -> Self {
        if self.any() { self } else { Self { span: true, event: false } }
    }
}

impl Destination {
    /// The places of an item that has an event, or has none.
    pub(crate) fn places(self, has_event: bool) -> Places {
        Places { span: self.is_on_spans(), event: has_event && self.is_on_events() }
    }
}
