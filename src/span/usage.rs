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
    // Wide enough for any number of turns; a total that no attribute can hold is left out.
    input: Option<i128>,
    output: Option<i128>,
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
        let rows =
            [(INPUT, total(self.input)), (OUTPUT, total(self.output)), (FINISH_REASONS, self.finish_reasons.take())];
        for (id, value) in rows {
            if let (Some(value), false) = (value, attributes.has(id)) {
                attributes.set(id, value);
            }
        }
    }
}

fn sum(total: Option<i128>, more: Option<i64>) -> Option<i128> {
    match (total, more.map(i128::from)) {
        (Some(total), Some(more)) => Some(total.saturating_add(more)),
        (total, more) => total.or(more),
    }
}

/// A wrong number is worse than none.
fn total(sum: Option<i128>) -> Option<Value> {
    i64::try_from(sum?).ok().map(Value::I64)
}

/// Hands the usage of an ending turn to the agent it belongs to: the nearest one above, unless a tool or a workflow
/// stands between. The finish reason of a compaction's own turn is not the agent's.
pub(crate) fn hand_up(turn: &About, attributes: &Attributes) {
    let mut in_compaction = false;
    let mut above = turn.parent();
    while let Some(span) = above {
        match span.about().activity() {
            Activity::Agent => {
                let reasons = if in_compaction { None } else { finish_reasons(attributes) };
                return span.roll_up(&TurnUsage {
                    input: attributes.int(INPUT),
                    output: attributes.int(OUTPUT),
                    finish_reasons: reasons,
                });
            }
            Activity::Tool | Activity::Mcp | Activity::Workflow | Activity::Turn => return,
            Activity::Compaction => in_compaction = true,
            Activity::Operation | Activity::Other => {}
        }
        above = span.about().parent();
    }
}

fn finish_reasons(attributes: &Attributes) -> Option<Value> {
    match attributes.get(FINISH_REASONS) {
        Some(reasons @ Value::Array(Array::String(_))) => Some(reasons.clone()),
        _ => None,
    }
}

/// The agent whose context a child of `span` works on: `span` itself or the nearest above, unless a tool or a workflow
/// stands between.
pub(crate) fn nearest_agent(span: Arc<dyn Open>) -> Option<Arc<dyn Open>> {
    let mut next = Some(span);
    while let Some(span) = next {
        match span.about().activity() {
            Activity::Agent => return Some(span),
            Activity::Tool | Activity::Mcp | Activity::Workflow => return None,
            _ => next = span.about().parent(),
        }
    }
    None
}
