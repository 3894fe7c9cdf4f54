//! What flows down the tree, unless the child says otherwise.

use crate::rules::fields::{FieldId, FieldSet};
use crate::rules::operations::Activity;
use crate::semconv::attr;

/// One value that children take over from the nearest GenAI span above them.
pub(crate) struct Inherited {
    pub(crate) field: FieldId,
    /// The activities that take it over, show it and hand it on.
    pub(crate) on: fn(Activity) -> bool,
}

const fn row(key: &str, on: fn(Activity) -> bool) -> Inherited {
    Inherited { field: FieldId::of(key), on }
}

fn everywhere(_: Activity) -> bool {
    true
}

/// An agent below an agent is another agent: it must not wear its caller's name.
fn below_an_agent(activity: Activity) -> bool {
    !matches!(activity, Activity::Agent | Activity::Workflow)
}

/// How many rows [`INHERITED`] has.
pub(crate) const COUNT: usize = 5;

#[rustfmt::skip]
pub(crate) const INHERITED: [Inherited; COUNT] = [
    //  attribute                       taken over by
    row(attr::GEN_AI_CONVERSATION_ID,   everywhere),
    row(attr::GEN_AI_AGENT_NAME,        below_an_agent),
    row(attr::AGENTIC_RUN_ID,           everywhere),
    row(attr::SESSION_ID,               everywhere),
    row(attr::USER_ID,                  everywhere),
];

/// The fields of [`INHERITED`].
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
pub(crate) const INHERITED_FIELDS: FieldSet = FieldSet::from_slice(&{
    let mut fields = [INHERITED[0].field; COUNT];
    let mut row = 0;
    while row < COUNT {
        fields[row] = INHERITED[row].field;
        row += 1;
    }
    fields
});

/// Place of the conversation id in [`INHERITED`].
pub(crate) const CONVERSATION: usize = 0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fields::START_FIELDS;

    #[test]
    fn the_conversation_stands_where_its_constant_says() {
        assert_eq!(INHERITED[CONVERSATION].field.key(), attr::GEN_AI_CONVERSATION_ID);
    }

    #[test]
    fn what_children_inherit_is_fixed_at_the_start() {
        for inherited in &INHERITED {
            assert!(START_FIELDS.contains(inherited.field), "{}", inherited.field.key());
        }
    }
}
