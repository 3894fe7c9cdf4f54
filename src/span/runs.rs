//! Runs and their segments: what a resumed run goes on from.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use opentelemetry::Context;
use opentelemetry::trace::{Link, SpanContext, TraceContextExt};

use crate::rules::{Activity, FieldId};
use crate::semconv::attr;
use crate::span::attributes::Attributes;
use crate::span::carrier::{Carrier, RunMark};
use crate::span::shared::Shared;
use crate::span::start::{Entrance, Start};
use crate::span::sweep::{self, Forced};

/// How many runs are remembered, to be resumed in this process; the oldest is forgotten first.
pub const MAX_REMEMBERED_RUNS: usize = 4096;

const RUN_ID: FieldId = FieldId::of(attr::AGENTIC_RUN_ID);
const SEGMENT: FieldId = FieldId::of(attr::AGENTIC_RUN_SEGMENT);

/// What a run that is resumed goes on from.
#[derive(Clone, Debug)]
pub(crate) enum Predecessor {
    /// The last segment of the same run id, if this process remembers it.
    Remembered,
    Carried(Carrier),
}

/// The last segment of a run.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) number: i64,
    context: SpanContext,
}

impl Segment {
    /// The one that `carrier` names; its number is the last that the carrier or this process knows of.
    fn carried(carrier: &Carrier, last: Option<&Self>) -> Self {
        let carried = carrier.run().map_or(0, |run| run.segment);
        Self { number: last.map_or(carried, |last| last.number.max(carried)), context: carrier.span_context().clone() }
    }
}

/// The last segments of the last runs, by run id.
#[derive(Debug, Default)]
pub(crate) struct Runs(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    segments: HashMap<Arc<str>, Segment>,
    order: VecDeque<Arc<str>>,
}

impl Runs {
    /// The run of that id as it is now.
    pub(crate) fn mark(&self, id: Arc<str>) -> RunMark {
        let segment = self.last(&id).map_or(0, |last| last.number);
        RunMark { id, segment }
    }

    pub(crate) fn last(&self, run: &str) -> Option<Segment> {
        self.remembered().segments.get(run).cloned()
    }

    /// After a run has started.
    pub(crate) fn remember(&self, run: Run, context: &SpanContext) {
        let Some(id) = run.id else { return };
        let segment = Segment { number: run.number, context: context.clone() };
        let mut remembered = self.remembered();
        if remembered.segments.insert(Arc::clone(&id), segment).is_none() {
            remembered.order.push_back(id);
        }
        if remembered.order.len() > MAX_REMEMBERED_RUNS
            && let Some(oldest) = remembered.order.pop_front()
        {
            remembered.segments.remove(&oldest);
        }
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One segment of a run, about to start.
#[derive(Debug)]
pub(crate) struct Run {
    id: Option<Arc<str>>,
    number: i64,
    predecessor: Option<SpanContext>,
}

impl Run {
    /// To the segment before.
    pub(crate) fn link(&self) -> Option<Link> {
        // One that was suppressed has no place in any trace.
        self.predecessor.clone().filter(SpanContext::is_valid).map(Link::with_context)
    }
}

/// Before a run starts: numbers its segment and, if it is resumed, ends what is open of the one before. `None` for
/// everything that is no run.
pub(crate) fn prepare(shared: &Shared, start: &mut Start, late: &mut Attributes, at: SystemTime) -> Option<Run> {
    if start.operation.activity != Activity::Workflow {
        return None;
    }
    if let (Some(Predecessor::Carried(carrier)), false) = (start.resumes.as_deref(), start.attributes.has(RUN_ID)) {
        let run = carrier.run().map(|run| Arc::clone(&run.id));
        run.iter().for_each(|run| start.identify(RUN_ID, run));
    }
    let id = start.attributes.text(RUN_ID).map(Arc::from);
    let last = id.as_deref().and_then(|run| shared.runs.last(run));
    let resumed = start.resumes.take();
    let before = match resumed.as_deref() {
        None => None,
        Some(Predecessor::Remembered) => last.clone(),
        Some(Predecessor::Carried(carrier)) => Some(Segment::carried(carrier, last.as_ref())),
    };
    if resumed.is_some() {
        [&before, &last].into_iter().flatten().for_each(|segment| interrupt(shared, &segment.context, at));
    }
    let number = match &resumed {
        None => 0,
        // The least it can be where nobody knows: all that is certain is that it was resumed.
        Some(_) => before.as_ref().map_or(0, |before| before.number).saturating_add(1),
    };
    // A field may be recorded again until the end, what a guard is described by may not.
    let attributes = if start.entrance == Entrance::Guard { &mut start.attributes } else { late };
    if id.is_some() || resumed.is_some() {
        attributes.complete(SEGMENT, number);
    }
    let number = attributes.int(SEGMENT).unwrap_or(number);
    Some(Run { id, number, predecessor: before.map(|segment| segment.context) })
}

/// Whether `run` would hang in the segment that it goes on from: resumed in the scope of that one, it is a root all the
/// same.
pub(crate) fn goes_on_inside(shared: &Shared, run: Option<&Run>, parent: &Context) -> bool {
    let Some(before) = run.and_then(|run| run.predecessor.as_ref()) else { return false };
    let mut above = shared.table.above(parent.span().span_context());
    while let Some(span) = above {
        if span.about().context.span_id() == before.span_id() {
            return true;
        }
        above = span.about().parent();
    }
    false
}

/// Ends the span of a segment that is open in this process, after everything below it.
fn interrupt(shared: &Shared, segment: &SpanContext, at: SystemTime) {
    let span = shared.table.above(segment);
    if let Some(span) = span.filter(|span| span.about().context.span_id() == segment.span_id()) {
        sweep::sweep(vec![Arc::downgrade(&span)], at, Forced::Resume);
    }
}
