//! A run of a workflow.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{described, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name};

/// A run of a workflow: span `invoke_workflow {name}`, INTERNAL.
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it ends as a success.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct Workflow(Description);

impl Workflow {
    /// A run of the workflow `name`: a static name of few possible values (`gen_ai.workflow.name`).
    pub fn new(name: impl Into<String>) -> Self {
        let mut description = Description::new(const { operations::row_of(gen_ai_operation_name::INVOKE_WORKFLOW) });
        description.give(const { FieldId::of(attr::GEN_AI_WORKFLOW_NAME) }, name.into());
        Self(description)
    }

    /// `agentic.run.id`: the application's identifier of the run; flows down to everything started in the scope.
    pub fn run_id(mut self, run_id: impl AsRef<str>) -> Self {
        self.0.identify(const { FieldId::of(attr::AGENTIC_RUN_ID) }, run_id.as_ref());
        self
    }

    described! {
        /// `agentic.run.segment`: 0 at first, one more with every time the run is resumed. Not given by default.
        segment: u64 => AGENTIC_RUN_SEGMENT,
    }
}

startable!(Workflow, "workflow");

impl Activity for Workflow {}
impl sealed::Sealed for Workflow {
    const DROPPED_IS_CANCELLED: bool = false;
    const SCOPE_COMPLETES: bool = false;
}
