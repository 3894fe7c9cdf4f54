//! An agent makes a plan.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{described, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name};

/// An agent makes a plan, or splits a task: span `plan {agent}`, INTERNAL.
///
/// The model call that makes the plan is a [`Turn`](super::Turn) in its scope; the work that follows belongs beside
/// it, below the agent.
///
/// ```
/// use tracing_genai::activity::Plan;
///
/// # async fn think() -> Result<(), std::io::Error> { Ok(()) }
/// # async fn step() -> Result<(), std::io::Error> {
/// Plan::new().start().run(think()).await?;
/// # Ok(())
/// # }
/// ```
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it was cancelled, unless the work in its
/// [`scope`](Guard::scope) ran to its end.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct Plan(Description);

impl Plan {
    /// The agent around it makes a plan.
    pub fn new() -> Self {
        Self(Description::new(const { operations::row_of(gen_ai_operation_name::PLAN) }))
    }

    described! {
        /// `gen_ai.agent.name`. By default that of the agent whose plan it is.
        agent: id => GEN_AI_AGENT_NAME,
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self::new()
    }
}

startable!(Plan, "plan");

impl Activity for Plan {}
impl sealed::Sealed for Plan {
    const DROPPED_IS_CANCELLED: bool = true;
    const SCOPE_COMPLETES: bool = true;
}
