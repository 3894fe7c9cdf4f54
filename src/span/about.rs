//! What does not change of an open span, from start to end.

use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, SystemTime};

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanContext;

use crate::rules::operations::Operation;
use crate::rules::{Activity, FieldId};
use crate::semconv::{SpanKind, attr};
use crate::span::attributes::Attributes;
use crate::span::calls::Calls;
use crate::span::chunks::Chunks;
use crate::span::claims::Claim;
use crate::span::open::Open;
use crate::span::profile::Renamed;
use crate::span::shared::Shared;
use crate::span::start::Entrance;
use crate::span::stats::Count;
use crate::span::usage::RollUp;

const OPERATION_NAME: FieldId = FieldId::of(attr::GEN_AI_OPERATION_NAME);

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) context: SpanContext,
    pub(crate) entrance: Entrance,
    pub(crate) operation: &'static Operation,
    pub(crate) kind: SpanKind,
    /// The nearest GenAI span above. Weak: who is gone has been exported, and chains cannot pile up.
    pub(crate) above: Option<Weak<dyn Open>>,
    pub(crate) started: SystemTime,
    /// What a second start of the same would be known by, if it has an id of its own.
    pub(crate) claim: Option<Claim>,
    /// Whether the tracer below records it, until its end.
    pub(crate) recording: bool,
    pub(crate) shared: Arc<Shared>,
    pub(crate) rollup: Option<RollUp>,
    /// How many attributes the span below was given at its start.
    pub(crate) written: usize,
    /// Its names, if they are not the conventions'.
    pub(crate) renamed: Option<Renamed>,
    /// The tool's name, where a content policy may ask for it.
    pub(crate) tool: Option<Arc<str>>,
    /// Which message of the Model Context Protocol it is about, as its name says; of other spans nothing.
    pub(crate) message: Option<Box<str>>,
    /// Of a reply that comes in chunks.
    pub(crate) chunks: OnceLock<Box<Chunks>>,
    /// The requests that were sent for it, as far as our middleware saw them.
    pub(crate) calls: Calls,
    /// What it was given at its start, under the conventions' names; empty unless somebody observes ends.
    pub(crate) given: Attributes,
}

impl About {
    pub(crate) fn activity(&self) -> Activity {
        self.operation.activity
    }

    /// Takes note of a chunk of the reply; `true` for the first.
    pub(crate) fn chunk(&self, since_start: Duration) -> bool {
        let observed = self.shared.settings.observers.any();
        let new = || Box::new(if observed { Chunks::measured() } else { Chunks::default() });
        self.chunks.get_or_init(new).add(since_start)
    }

    /// Counts a value that came too late, unless it only says again which operation this is: rig 0.44 does on every
    /// turn.
    #[cold]
    pub(crate) fn refuse(&self, what: Count, id: FieldId, attribute: &KeyValue) {
        if id != OPERATION_NAME || self.operation.name != Some(&*attribute.value.as_str()) {
            self.shared.count(what, id.key());
        }
    }

    /// See [`RollUp::is_nested`].
    pub(crate) fn is_nested_turn(&self) -> bool {
        self.rollup.as_ref().is_some_and(RollUp::is_nested)
    }

    pub(crate) fn parent(&self) -> Option<Arc<dyn Open>> {
        self.above.as_ref().and_then(Weak::upgrade)
    }
}
