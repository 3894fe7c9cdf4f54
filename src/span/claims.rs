//! Activities that are open already: a second start of the same one is none.
//!
//! Queues deliver twice and callers retry. An activity that has an id of its own (a tool call, a turn, an operation, a
//! task, a run) is known by that id and the place it starts in; while it is open, the same start again makes no span.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;
use std::num::NonZeroU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

use opentelemetry::trace::SpanId;

use crate::rules::operations::Operation;
use crate::rules::{Activity, FieldId};
use crate::semconv::attr;
use crate::span::attributes::Attributes;

/// What an activity is known by: a hash under a key of this process, so that an id cannot be made to meet another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim(NonZeroU64);

type Ids = &'static [FieldId];

/// Which ids make an activity known: any of these lists whose first id is there, with what else is there of it.
#[rustfmt::skip]
fn ids(activity: Activity) -> &'static [Ids] {
    const RUN: Ids =       &[FieldId::of(attr::AGENTIC_RUN_ID), FieldId::of(attr::AGENTIC_RUN_SEGMENT), FieldId::of(attr::GEN_AI_WORKFLOW_NAME)];
    const OPERATION: Ids = &[FieldId::of(attr::AGENTIC_OPERATION_ID)];
    // One task may be given to several agents.
    const TASK: Ids =      &[FieldId::of(attr::AGENTIC_TASK_ID), FieldId::of(attr::GEN_AI_AGENT_NAME)];
    const TURN: Ids =      &[FieldId::of(attr::AGENTIC_TURN_ID)];
    // A model that numbers its calls from 0 in every reply may give one number to two tools.
    const TOOL: Ids =      &[FieldId::of(attr::GEN_AI_TOOL_CALL_ID), FieldId::of(attr::GEN_AI_TOOL_NAME)];
    match activity {
        Activity::Workflow => &[RUN],
        Activity::Agent | Activity::Operation => &[OPERATION, TASK],
        Activity::Turn => &[TURN],
        Activity::Tool => &[TOOL],
        // Numbers of requests are those of a connection, which is not known.
        Activity::Compaction | Activity::Mcp | Activity::Other => &[],
    }
}

/// Where an activity starts: ids need to be unique there only.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) enum Within<'a> {
    /// Below this span, of this process or another.
    Span(SpanId),
    Conversation(&'a str),
    /// Nowhere. Only a run is known all over the process; the ids of others may be counted from 1 anywhere.
    Nowhere,
}

/// The activities that are open, by what they are known by.
#[derive(Default)]
pub(crate) struct Claims {
    hasher: RandomState,
    /// With the span's id, as soon as it has one.
    held: Mutex<HashMap<NonZeroU64, Option<SpanId>>>,
}

impl Claims {
    /// What the activity with these attributes is known by; `None` if it has no id of its own.
    pub(crate) fn of(&self, operation: &Operation, attributes: [&Attributes; 2], within: Within<'_>) -> Option<Claim> {
        let value = |id: &FieldId| attributes.iter().find_map(|attributes| attributes.get(*id));
        let known = |ids: &&&[FieldId]| ids.first().and_then(value).is_some();
        let ids = ids(operation.activity).iter().find(known)?;
        if matches!(within, Within::Nowhere) && operation.activity != Activity::Workflow {
            return None;
        }
        // With its key: an operation's id is no task's.
        let values: Vec<_> = ids.iter().filter_map(|id| Some((id.key(), value(id)?.as_str()))).collect();
        // Gemini has no ids of calls, and clients of it give the tool's name (genai 0.2): those of parallel calls too.
        if let (Activity::Tool, [(_, call), (_, name)]) = (operation.activity, values.as_slice())
            && call == name
        {
            return None;
        }
        let hash = self.hasher.hash_one((operation.label(), within, values));
        // One in 2⁶⁴ is known by nothing.
        NonZeroU64::new(hash).map(Claim)
    }

    /// Notes that an activity is about to start.
    ///
    /// # Errors
    /// The span id of the one that is open already, unless that has none yet.
    pub(crate) fn hold(&self, claim: Claim) -> Result<(), Option<SpanId>> {
        match self.held().entry(claim.0) {
            Entry::Occupied(held) => Err(*held.get()),
            Entry::Vacant(free) => {
                free.insert(None);
                Ok(())
            }
        }
    }

    /// Notes which span the activity has.
    pub(crate) fn name(&self, claim: Claim, id: SpanId) {
        if let Some(held) = self.held().get_mut(&claim.0) {
            *held = Some(id);
        }
    }

    /// Notes that the activity has ended, or did not start.
    pub(crate) fn let_go(&self, claim: Claim) {
        self.held().remove(&claim.0);
    }

    fn held(&self) -> MutexGuard<'_, HashMap<NonZeroU64, Option<SpanId>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
