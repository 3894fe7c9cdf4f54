//! One compaction of a conversation's context.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{Given, described, recorded, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::attr;
use crate::semconv::value::{agentic_compaction_outcome as outcome, agentic_compaction_trigger as trigger};

/// One compaction of a conversation's context: span `compact {agent}`, INTERNAL.
///
/// A model call that writes the summary is an ordinary [`Turn`](super::Turn) in its scope. Finish it with
/// [`compacted`](Guard::compacted) or [`no_op`](Guard::no_op); after the former, every later turn of the conversation
/// (or, without a conversation id, of the agent) carries `gen_ai.conversation.compacted = true`. A failed one says so
/// in `agentic.compaction.outcome`.
///
/// ```
/// use tracing_genai::activity::{Compaction, CompactionTrigger};
///
/// let compaction = Compaction::new(CompactionTrigger::Overflow)
///     .strategy("summarize_oldest")
///     .messages_before(42)
///     .tokens_before(118_000)
///     .start();
/// // … summarize …
/// compaction.messages_after(7).tokens_after(12_400).compacted();
/// ```
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct Compaction(Description);

/// What set a compaction off: `agentic.compaction.trigger`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CompactionTrigger {
    /// The agent found its context long enough.
    Auto,
    /// Somebody asked for it.
    Manual,
    /// The provider refused the context as too long.
    Overflow,
}

impl Given for CompactionTrigger {
    fn into_value(self) -> opentelemetry::Value {
        match self {
            Self::Auto => trigger::AUTO,
            Self::Manual => trigger::MANUAL,
            Self::Overflow => trigger::OVERFLOW,
        }
        .into()
    }
}

const OUTCOME: FieldId = FieldId::of(attr::AGENTIC_COMPACTION_OUTCOME);

impl Compaction {
    /// A compaction that `trigger` set off.
    pub fn new(trigger: CompactionTrigger) -> Self {
        let mut description = Description::new(operations::COMPACTION);
        description.give(const { FieldId::of(attr::AGENTIC_COMPACTION_TRIGGER) }, trigger);
        Self(description)
    }

    described! {
        /// `gen_ai.agent.name`. By default that of the agent whose context it is.
        agent: id => GEN_AI_AGENT_NAME,
        /// `agentic.compaction.reason`: a word of few possible values, such as `context_length`. Not given by default,
        /// like all that follow.
        reason: text => AGENTIC_COMPACTION_REASON,
        /// `agentic.compaction.strategy`, such as `summarize_oldest`.
        strategy: text => AGENTIC_COMPACTION_STRATEGY,
        /// `agentic.compaction.messages_before`: messages in the context.
        messages_before: u64 => AGENTIC_COMPACTION_MESSAGES_BEFORE,
        /// `agentic.compaction.tokens_before`: tokens in the context.
        tokens_before: u64 => AGENTIC_COMPACTION_TOKENS_BEFORE,
        /// `agentic.compaction.estimated_tokens`: the application's own estimate of the tokens in the context.
        estimated_tokens: u64 => AGENTIC_COMPACTION_ESTIMATED_TOKENS,
    }
}

startable!(Compaction, "compaction");

impl Guard<Compaction> {
    recorded! {
        /// `agentic.compaction.messages_after`: messages left in the context.
        messages_after: u64 => AGENTIC_COMPACTION_MESSAGES_AFTER,
        /// `agentic.compaction.tokens_after`: tokens left in the context.
        tokens_after: u64 => AGENTIC_COMPACTION_TOKENS_AFTER,
    }

    /// Finishes: the context is shorter now.
    pub fn compacted(&self) {
        self.record(OUTCOME, outcome::COMPACTED).finish();
    }

    /// Finishes: there was nothing to shorten.
    pub fn no_op(&self) {
        self.record(OUTCOME, outcome::NO_OP).finish();
    }
}

impl Activity for Compaction {}
impl sealed::Sealed for Compaction {
    const DROPPED_IS_CANCELLED: bool = true;
    const SCOPE_COMPLETES: bool = true;
}
