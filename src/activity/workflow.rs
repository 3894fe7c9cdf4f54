//! A run of a workflow.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{described, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name};
use crate::span::{Carrier, Predecessor};

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
        /// `agentic.run.segment`: 0 at first, one more with every time the run is resumed. By default counted by this
        /// process, if the run has an id.
        segment: u64 => AGENTIC_RUN_SEGMENT,
    }

    /// The run goes on after an interruption in the same process: a new segment with a link to the last one of the
    /// same [`run_id`](Self::run_id). What is still open of that one ends first, as interrupted
    /// (`agentic.forced_close = resume`). A run that this process does not remember starts without a link.
    pub fn resume(mut self) -> Self {
        self.0.start.resumes = Some(Box::new(Predecessor::Remembered));
        self
    }

    /// [`resume`](Self::resume) from a [`Carrier`] that was stored while the run was open, as
    /// [`checkpoint`](Guard::checkpoint) gives it: in another process, or after the run was forgotten. Run id and
    /// segment go on from there, unless they are given.
    ///
    /// ```
    /// use tracing_genai::Carrier;
    /// use tracing_genai::activity::Workflow;
    ///
    /// # fn load() -> &'static str { r#"{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"# }
    /// let stored: Carrier = serde_json::from_str(load())?;
    /// let run = Workflow::new("triage-issue").run_id("run-7").resume_from(&stored).start();
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn resume_from(mut self, carrier: &Carrier) -> Self {
        self.0.start.resumes = Some(Box::new(Predecessor::Carried(carrier.clone())));
        self
    }
}

startable!(Workflow, "workflow");

impl Guard<Workflow> {
    /// This place in the trace, the run's id and its segment, to store for [`Workflow::resume_from`]; `None` without a
    /// tracer.
    ///
    /// ```
    /// use tracing_genai::activity::Workflow;
    ///
    /// let run = Workflow::new("triage-issue").run_id("run-7").start();
    /// if let Some(checkpoint) = run.checkpoint() {
    ///     let stored = serde_json::to_string(&checkpoint)?; // {"traceparent":"…","run_id":"run-7","run_segment":0}
    /// #   let _ = stored;
    /// }
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn checkpoint(&self) -> Option<Carrier> {
        let open = self.opened()?;
        let carrier = self.carrier()?;
        let run = open.run_id().map(|id| open.about().shared.runs.mark(id));
        Some(carrier.of_run(run))
    }
}

impl Activity for Workflow {}
impl sealed::Sealed for Workflow {
    const DROPPED_IS_CANCELLED: bool = false;
    const SCOPE_COMPLETES: bool = false;
}
