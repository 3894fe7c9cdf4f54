//! Leaf → roll-up: which numbers are summed over everything below a span, under which key, and who gives and takes.

use crate::rules::FieldId;
use crate::rules::operations::{Activity, Operation};
use crate::semconv::{SpanKind, attr, value::gen_ai_operation_name as op};

/// How many rows [`ROLLED_UP`] has.
pub(crate) const TOKENS: usize = 5;

const fn row(leaf: &str, sum: &str) -> (FieldId, FieldId) {
    (FieldId::of(leaf), FieldId::of(sum))
}

/// Never the same key: a sum over spans would count a turn once for every agent above it.
#[rustfmt::skip]
pub(crate) const ROLLED_UP: [(FieldId, FieldId); TOKENS] = [
    //  on a turn                                    its sum, on every span above that sums
    row(attr::GEN_AI_USAGE_INPUT_TOKENS,             attr::AGENTIC_USAGE_INPUT_TOKENS),
    row(attr::GEN_AI_USAGE_OUTPUT_TOKENS,            attr::AGENTIC_USAGE_OUTPUT_TOKENS),
    row(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,  attr::AGENTIC_USAGE_CACHE_READ_INPUT_TOKENS),
    row(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, attr::AGENTIC_USAGE_CACHE_WRITE_INPUT_TOKENS),
    row(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,  attr::AGENTIC_USAGE_REASONING_OUTPUT_TOKENS),
];

/// How many of the first rows an agent has of its own turns too, under the leaf's key: the registry allows these.
pub(crate) const OWN_TOTALS: usize = 2;

/// What a span is to the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A model turn: gives.
    Turn,
    /// Another call of a model: gives, and is no turn.
    Call,
    /// Takes what everything below it gives.
    Sum,
    /// Takes, and gives as a whole at its end: by what it was given, else by what it took. What a remote agent tells
    /// of itself may be all there is, and may be the same as what spans below it tell.
    Remote,
    /// Neither.
    Nothing,
}

/// What a span of that operation and kind is to the sums.
pub(crate) fn part(operation: &Operation, kind: SpanKind) -> Part {
    match operation.activity {
        Activity::Turn => Part::Turn,
        Activity::Agent if kind == SpanKind::Client => Part::Remote,
        Activity::Agent | Activity::Workflow | Activity::Operation | Activity::Compaction => Part::Sum,
        Activity::Other if operation.name == Some(op::EMBEDDINGS) => Part::Call,
        Activity::Tool | Activity::Mcp | Activity::Other => Part::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::operations::OPERATIONS;
    use crate::semconv::SPANS;

    #[test]
    fn a_sum_has_its_leafs_name_under_another_prefix() {
        for (leaf, sum) in ROLLED_UP {
            assert_eq!(leaf.key().strip_prefix("gen_ai."), sum.key().strip_prefix("agentic."), "{}", leaf.key());
        }
    }

    #[test]
    fn what_an_agent_has_under_the_leafs_key_is_what_the_registry_lists_for_it() {
        let agent = SPANS.iter().find(|span| span.id == "gen_ai.invoke_agent.internal").expect("in the registry");
        for (row, (leaf, _)) in ROLLED_UP.iter().enumerate() {
            let listed = agent.attributes.iter().any(|attribute| attribute.key == leaf.key());
            assert_eq!(listed, row < OWN_TOTALS, "{}", leaf.key());
        }
    }

    #[test]
    fn every_call_with_tokens_gives() {
        for operation in OPERATIONS {
            let gives = matches!(part(operation, operation.kind), Part::Turn | Part::Call);
            let id = format!("gen_ai.{}.client", operation.label());
            let counts = |span: &&crate::semconv::SpanType| {
                span.id == id && span.attributes.iter().any(|a| a.key == attr::GEN_AI_USAGE_INPUT_TOKENS)
            };
            let listed = SPANS.iter().find(counts).is_some() && operation.activity != Activity::Agent;
            assert!(gives || !listed, "{} has tokens and gives none", operation.label());
        }
    }
}
