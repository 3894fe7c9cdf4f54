//! How somebody judges what an agent did.

use std::fmt;
use std::sync::Arc;

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use opentelemetry::{KeyValue, Value};

use crate::content::{Kind, Offered, Origin, Scope};
use crate::rules::FieldId;
use crate::rules::events::EVALUATION;
use crate::semconv::attr;
use crate::span::content;
use crate::span::{Brought, Carrier, Coerced, Count, ErrorType, Open, Shared, Stated, bring, hook};

const NAME: FieldId = FieldId::of(attr::GEN_AI_EVALUATION_NAME);
const SCORE: FieldId = FieldId::of(attr::GEN_AI_EVALUATION_SCORE_VALUE);
const LABEL: FieldId = FieldId::of(attr::GEN_AI_EVALUATION_SCORE_LABEL);
const RESPONSE: FieldId = FieldId::of(attr::GEN_AI_RESPONSE_ID);
const ERROR: FieldId = FieldId::of(attr::ERROR_TYPE);

/// The result of an evaluation: what was looked at, and how it was judged.
///
/// Give it to [`GenAiTracer::evaluate`](crate::GenAiTracer::evaluate), or to the guard of an activity.
///
/// ```
/// use tracing_genai::events::Evaluation;
///
/// let evaluation = Evaluation::new("relevance").score(0.8).label("relevant");
/// # let _ = evaluation;
/// ```
#[derive(Clone)]
#[must_use = "it is recorded by `evaluate`"]
pub struct Evaluation {
    name: String,
    score: Option<f64>,
    label: Option<String>,
    explanation: Option<String>,
    response_id: Option<String>,
    error_type: Option<ErrorType>,
}

impl Evaluation {
    /// An evaluation by the metric `name`: `relevance`, `toxicity`. One without a name is refused and counted.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { name, score: None, label: None, explanation: None, response_id: None, error_type: None }
    }

    /// `gen_ai.evaluation.score.value`, in the evaluator's own unit. What is not finite is left out and counted.
    pub fn score(mut self, score: f64) -> Self {
        self.score = Some(score);
        self
    }

    /// `gen_ai.evaluation.score.label`: what the score means, in a word (`pass`, `relevant`). At most
    /// [`MAX_TEXT_LENGTH`](crate::MAX_TEXT_LENGTH) bytes; the rest is cut and counted.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// `gen_ai.evaluation.explanation`: why. It is content ([`Kind::EvaluationExplanation`]), and leaves only if the
    /// [policy](crate::content) lets that kind out on events.
    pub fn explanation(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = Some(explanation.into());
        self
    }

    /// `gen_ai.response.id`: the response that was evaluated, for those who do not know its span.
    pub fn response_id(mut self, id: impl Into<String>) -> Self {
        self.response_id = Some(id.into());
        self
    }

    /// `error.type`: the evaluation itself failed.
    pub fn error_type(mut self, error: impl Into<ErrorType>) -> Self {
        self.error_type = Some(error.into());
        self
    }
}

/// Without the explanation, which is content.
impl fmt::Debug for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evaluation")
            .field("name", &self.name)
            .field("score", &self.score)
            .field("label", &self.label)
            .field("response_id", &self.response_id)
            .field("error_type", &self.error_type)
            .finish_non_exhaustive()
    }
}

/// What was evaluated: a span by its guard, by a [`Carrier`], or by its ids.
///
/// | from | for |
/// |---|---|
/// | `&Guard` of any activity | a span of this process, open or ended |
/// | [`&Carrier`](Carrier) | a span of anybody, whose place was sent or stored |
/// | `(TraceId, SpanId)` of `opentelemetry::trace` | a span that was found in a backend; it counts as sampled |
#[derive(Clone, Debug)]
pub struct EvaluationTarget {
    context: SpanContext,
    open: Option<Arc<dyn Open>>,
}

impl EvaluationTarget {
    pub(crate) fn of_span(open: Arc<dyn Open>) -> Self {
        Self { context: open.about().context.clone(), open: Some(open) }
    }

    /// Nothing: there was no tracer.
    pub(crate) fn nothing() -> Self {
        Self { context: SpanContext::NONE, open: None }
    }

    fn scope(&self, shared: &Shared) -> Scope {
        let kind = Kind::EvaluationExplanation;
        if let Some(open) = &self.open {
            return content::scope(&**open, kind);
        }
        Scope {
            kind,
            activity: "",
            origin: Origin::default(),
            sampled: self.context.is_sampled(),
            event: shared.settings.content.destination.is_on_events(),
            trace_id: self.context.trace_id().to_bytes(),
            span_id: self.context.span_id().to_bytes(),
        }
    }
}

impl From<&Carrier> for EvaluationTarget {
    fn from(carrier: &Carrier) -> Self {
        Self { context: carrier.span_context().clone(), open: None }
    }
}

impl From<(TraceId, SpanId)> for EvaluationTarget {
    fn from((trace, span): (TraceId, SpanId)) -> Self {
        Self { context: SpanContext::new(trace, span, TraceFlags::SAMPLED, true, TraceState::NONE), open: None }
    }
}

/// Hands an evaluation to whoever writes events.
pub(crate) fn evaluate(shared: &Shared, target: &EvaluationTarget, evaluation: Evaluation) {
    let observers = &shared.settings.observers;
    if !observers.write_events() {
        return shared.count(Count::NoLogger, EVALUATION.name);
    }
    let Evaluation { name, score, label, explanation, response_id, error_type } = evaluation;
    let mut attributes = Vec::with_capacity(6);
    give(shared, &mut attributes, NAME, name.into());
    if attributes.is_empty() || !target.context.is_valid() {
        return shared.count(Count::RefusedValue, EVALUATION.name);
    }
    let others = [
        (SCORE, score.map(Value::from)),
        (LABEL, label.map(Value::from)),
        (RESPONSE, response_id.map(Value::from)),
        (ERROR, error_type.map(|error| error.into_text().into())),
    ];
    for (id, value) in others {
        value.into_iter().for_each(|value| give(shared, &mut attributes, id, value));
    }
    if let Some(explanation) = explanation {
        let explanation = || Ok(Offered::Text(explanation.into()));
        attributes.extend(content::on_record(shared, target.scope(shared), explanation));
    }
    let at = opentelemetry::time::now();
    let stated = Stated { event: EVALUATION, at, context: target.context.clone(), attributes };
    hook::call(shared, "observer", || observers.stated(shared, &stated));
}

/// Adds a value of the right type, within its limits; counts what is not.
fn give(shared: &Shared, attributes: &mut Vec<KeyValue>, id: FieldId, mut value: Value) {
    match bring(id, &mut value) {
        Ok(Brought::Whole) => {}
        Ok(Brought::Cut) => shared.count(Count::ValueCut, id.key()),
        Err(Coerced::Omitted) => return,
        Err(_) => return shared.count(Count::RefusedValue, id.key()),
    }
    attributes.push(KeyValue::new(id.key(), value));
}
