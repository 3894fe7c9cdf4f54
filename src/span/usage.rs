//! Usage of turns, summed on the agent they belong to.

use std::sync::Arc;

use opentelemetry::{Array, Value};

use crate::rules::{Activity, FieldId};
use crate::semconv::attr;
use crate::span::attributes::Attributes;
use crate::span::open::{About, Open};

const INPUT: FieldId = FieldId::of(attr::GEN_AI_USAGE_INPUT_TOKENS);
const OUTPUT: FieldId = FieldId::of(attr::GEN_AI_USAGE_OUTPUT_TOKENS);
const FINISH_REASONS: FieldId = FieldId::of(attr::GEN_AI_RESPONSE_FINISH_REASONS);

/// What an ended turn hands up.
#[derive(Debug)]
pub(crate) struct TurnUsage {
    input: Option<i64>,
    output: Option<i64>,
    finish_reasons: Option<Value>,
}

/// What an agent has from its own turns so far.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    input: Option<i64>,
    output: Option<i64>,
    finish_reasons: Option<Value>,
}

impl Totals {
    pub(crate) fn add(&mut self, turn: &TurnUsage) {
        self.input = sum(self.input, turn.input);
        self.output = sum(self.output, turn.output);
        if turn.finish_reasons.is_some() {
            self.finish_reasons.clone_from(&turn.finish_reasons);
        }
    }

    /// Completes an agent's attributes; what the application gave itself stays.
    pub(crate) fn write(&mut self, attributes: &mut Attributes) {
        let rows = [
            (INPUT, self.input.map(Value::I64)),
            (OUTPUT, self.output.map(Value::I64)),
            (FINISH_REASONS, self.finish_reasons.take()),
        ];
        for (id, value) in rows {
            if let (Some(value), false) = (value, attributes.has(id)) {
                attributes.set(id, value);
            }
        }
    }
}

/// A total that would overflow is unknown from then on: a wrong number is worse than none.
fn sum(total: Option<i64>, more: Option<i64>) -> Option<i64> {
    match (total, more) {
        (Some(total), Some(more)) => total.checked_add(more),
        (total, more) => total.or(more),
    }
}

/// Hands the usage of an ending turn to the agent it belongs to: the nearest one above, unless a tool or a workflow
/// stands between. The finish reason of a compaction's own turn is not the agent's.
pub(crate) fn hand_up(turn: &About, attributes: &Attributes) {
    let mut in_compaction = false;
    let mut above = turn.parent();
    while let Some(span) = above {
        match span.about().activity() {
            Activity::Agent => return span.roll_up(&of_turn(attributes, in_compaction)),
            Activity::Tool | Activity::Workflow | Activity::Turn => return,
            Activity::Compaction => in_compaction = true,
            Activity::Operation | Activity::Other => {}
        }
        above = span.about().parent();
    }
}

fn of_turn(attributes: &Attributes, in_compaction: bool) -> TurnUsage {
    let finish_reasons = match attributes.get(FINISH_REASONS) {
        Some(reasons @ Value::Array(Array::String(_))) if !in_compaction => Some(reasons.clone()),
        _ => None,
    };
    TurnUsage { input: attributes.int(INPUT), output: attributes.int(OUTPUT), finish_reasons }
}

/// The agent whose context a child of `span` works on: `span` itself or the nearest above, unless a tool or a workflow
/// stands between.
pub(crate) fn nearest_agent(span: Arc<dyn Open>) -> Option<Arc<dyn Open>> {
    let mut next = Some(span);
    while let Some(span) = next {
        match span.about().activity() {
            Activity::Agent => return Some(span),
            Activity::Tool | Activity::Workflow => return None,
            _ => next = span.about().parent(),
        }
    }
    None
}
