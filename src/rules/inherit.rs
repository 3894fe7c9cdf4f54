//! What flows down the tree, unless the child says otherwise.

use crate::rules::fields::FieldId;
use crate::rules::operations::{Activity, Operation};
use crate::semconv::{attr, value::gen_ai_operation_name as op};

/// Whether an activity takes a value over from the nearest GenAI span above it, shows it and hands it on.
type TakenOver = fn(&Operation) -> bool;

fn everywhere(_: &Operation) -> bool {
    true
}

/// An agent below an agent is another agent: it must not wear its caller's name, nor must one that is created.
fn below_an_agent(operation: &Operation) -> bool {
    !matches!(operation.activity, Activity::Agent | Activity::Workflow) && operation.name != Some(op::CREATE_AGENT)
}

/// How many rows [`INHERITED`] has.
pub(crate) const COUNT: usize = 5;

#[rustfmt::skip]
pub(crate) const INHERITED: [(&str, TakenOver); COUNT] = [
    //  attribute                   taken over
    (attr::GEN_AI_CONVERSATION_ID,  everywhere),
    (attr::GEN_AI_AGENT_NAME,       below_an_agent),
    (attr::AGENTIC_RUN_ID,          everywhere),
    (attr::SESSION_ID,              everywhere),
    (attr::USER_ID,                 everywhere),
];

/// The keys of [`INHERITED`].
pub(crate) const KEYS: [&str; COUNT] = [INHERITED[0].0, INHERITED[1].0, INHERITED[2].0, INHERITED[3].0, INHERITED[4].0];

/// The same as attributes.
pub(crate) const FIELDS: [FieldId; COUNT] =
    [FieldId::of(KEYS[0]), FieldId::of(KEYS[1]), FieldId::of(KEYS[2]), FieldId::of(KEYS[3]), FieldId::of(KEYS[4])];

/// Place of the conversation id in [`INHERITED`].
pub(crate) const CONVERSATION: usize = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conversation_stands_where_its_constant_says() {
        assert_eq!(KEYS[CONVERSATION], attr::GEN_AI_CONVERSATION_ID);
    }

    #[test]
    fn what_children_inherit_is_fixed_at_the_start() {
        for (place, field) in FIELDS.into_iter().enumerate() {
            assert!(field.at_start && field.inherited == Some(place as u8), "{}", field.key());
        }
    }
}
