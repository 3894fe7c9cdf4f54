//! A span taken out of the open ones: completed, then ended for the tracer below.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::trace::{Span, Status};
use opentelemetry::{Key, KeyValue};

use crate::content::contained;
use crate::rules::{Activity, FieldId};
use crate::semconv::{attr, value};
use crate::span::attributes::Attributes;
use crate::span::complete;
use crate::span::error_type::ErrorType;
use crate::span::held::Held;
use crate::span::inherited::Inherited;
use crate::span::last_gate::{self, Made, Mark};
use crate::span::name::late_name;
use crate::span::nearest_agent::nearest_agent;
use crate::span::observer::Ending;
use crate::span::open::{About, ERROR_TYPE};
use crate::span::ranked;
use crate::span::start::Entrance;
use crate::span::stats::Count;

const COMPACTION_OUTCOME: FieldId = FieldId::of(attr::AGENTIC_COMPACTION_OUTCOME);

/// Whether a span had more than its limit.
#[derive(PartialEq)]
enum Limited {
    Yes,
    No,
}

/// A span taken out of its state to be completed and ended.
pub(crate) struct Ended<S> {
    pub(crate) span: S,
    pub(crate) attributes: Attributes,
    pub(crate) others: Vec<KeyValue>,
    pub(crate) content: Option<Box<Held>>,
    pub(crate) failed: bool,
    pub(crate) conversation: Option<Arc<str>>,
    /// For the mark of the span, where somebody asks for it.
    pub(crate) identity: Option<Box<Inherited>>,
}

impl<S: Span> Ended<S> {
    pub(crate) fn finish(&mut self, about: &About, at: SystemTime) {
        // Where fields are all that is said, there may be none for a failure, as with rig 0.44; a guard says how it ended.
        let is_silent = about.entrance == Entrance::Fields;
        about.calls.tell(&mut self.attributes, self.failed || is_silent);
        if self.attributes.has(ERROR_TYPE) {
            self.failed = true;
        } else if self.failed {
            self.attributes.set(ERROR_TYPE, ErrorType::OTHER.into_text());
        }
        if let Some(timing) = about.chunks.get().and_then(|chunks| chunks.timing()) {
            timing.write(&mut self.attributes);
        }
        complete::at_end(about, &mut self.attributes);
        if let Some(rollup) = &about.rollup {
            rollup.settle(about, &mut self.attributes);
        }
        if about.activity() == Activity::Compaction {
            self.finish_compaction(about);
        }
        let observers = &about.shared.settings.observers;
        if observers.any() {
            let content = self.content.as_deref();
            observers.ended(&Ending { about, at, late: &self.attributes, failed: self.failed, content });
        }
        // A panic of a processor must not reach the agent; tracing-opentelemetry holds locks while it ends a span,
        // and a second panic on those would abort the process.
        if contained(|| self.end(about, at)).is_none() {
            about.shared.count(Count::TracerPanic, about.operation.label());
        }
    }

    fn finish_compaction(&mut self, about: &About) {
        use value::agentic_compaction_outcome::{COMPACTED, FAILED};
        if self.failed && !self.attributes.has(COMPACTION_OUTCOME) {
            self.attributes.set(COMPACTION_OUTCOME, FAILED);
        }
        if self.attributes.text(COMPACTION_OUTCOME) == Some(COMPACTED) {
            about.shared.set_compacted(self.conversation.as_ref());
            if let Some(agent) = about.parent().and_then(nearest_agent) {
                agent.set_compacted();
            }
        }
    }

    fn end(&mut self, about: &About, at: SystemTime) {
        // By itself the description would be the error's text.
        let mut failed = Cow::Borrowed("");
        let mut attributes = std::mem::take(&mut self.attributes);
        if let Some(name) = late_name(about, &attributes) {
            self.span.update_name(name);
        }
        if let Some(renamed) = about.renamed {
            failed = renamed.failed(&attributes).into();
            self.others.extend(renamed.attributes(&attributes));
            self.others.push(renamed.duration(about.started, at));
            attributes = Attributes::default();
        }
        let own = self.others.len();
        if let Some(text) = self.release(about) {
            failed = text.into();
        }
        let mut content: Vec<Key> = self.others.iter().skip(own).map(|held| held.key.clone()).collect();
        let mut attributes = attributes.into_list();
        about.shared.settings.rewrite(&mut attributes);
        if self.within_limit(about, &mut attributes) == Limited::Yes {
            content.retain(|key| attributes.iter().any(|kept| kept.key == *key));
        }
        for attribute in attributes {
            self.span.set_attribute(attribute);
        }
        for attribute in self.others.drain(..) {
            self.span.set_attribute(attribute);
        }
        if self.failed {
            self.span.set_status(Status::error(failed));
        }
        let (id, operation) = (about.context.span_id(), Some(about.operation));
        let mark = Mark { id, made: Made::GenAi, content, operation, identity: self.identity.take() };
        let Self { span, .. } = self;
        last_gate::marked(&about.shared, mark, || span.end_with_timestamp(at));
    }

    /// Adds the content that may leave to the other attributes; the text that the status may have.
    fn release(&mut self, about: &About) -> Option<String> {
        let (content, status) = self.content.take()?.end(&about.shared);
        // Last of all, where a limit cuts first.
        self.others.extend(content.into_iter().filter_map(|attribute| match about.renamed {
            Some(renamed) => renamed.content(attribute),
            None => Some(attribute),
        }));
        status
    }

    /// Leaves out what the span has no room for, so that the tracer below need not drop what comes last.
    fn within_limit(&mut self, about: &About, attributes: &mut Vec<KeyValue>) -> Limited {
        let Some(limit) = about.shared.settings.attribute_limit else { return Limited::No };
        let room = limit.saturating_sub(about.written);
        if attributes.len() + self.others.len() <= room {
            return Limited::No;
        }
        attributes.append(&mut self.others);
        for _ in 0..ranked::keep(attributes, room) {
            about.shared.count(Count::AttributeCut, about.operation.label());
        }
        Limited::Yes
    }
}
