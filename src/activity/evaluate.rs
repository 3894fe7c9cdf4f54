//! Judging an activity by its guard.

use std::sync::Arc;

use crate::activity::guard::{Activity, Guard};
use crate::events::{self, Evaluation, EvaluationTarget};

impl<A: Activity> Guard<A> {
    /// Records the result of an evaluation of this activity, while it runs or after its end: `gen_ai.evaluation.result`, in
    /// its context, or in that of the first one if the activity was open already. See [`events`](crate::events).
    ///
    /// ```
    /// use tracing_genai::activity::Turn;
    /// use tracing_genai::events::Evaluation;
    ///
    /// let turn = Turn::chat("openai", "gpt-4o").start();
    /// turn.evaluate(Evaluation::new("toxicity").score(0.0).label("harmless"));
    /// # turn.finish();
    /// ```
    pub fn evaluate(&self, evaluation: Evaluation) -> &Self {
        if let Some(shared) = self.shared() {
            events::evaluate(shared, &self.into(), evaluation);
        }
        self
    }
}

impl<A: Activity> From<&Guard<A>> for EvaluationTarget {
    fn from(guard: &Guard<A>) -> Self {
        match (guard.opened(), guard.carrier()) {
            (Some(open), _) => Self::of_span(Arc::clone(open)),
            (None, Some(place)) => Self::from(&place),
            (None, None) => Self::nothing(),
        }
    }
}
