//! What a span used, or a sum of it.

use opentelemetry::Value;

use crate::rules::FieldId;
use crate::rules::rollup::{OWN_TOTALS, ROLLED_UP, TOKENS};
use crate::semconv::attr;
use crate::span::attributes::Attributes;
use crate::span::usage::cost::Costs;

const ESTIMATED: FieldId = FieldId::of(attr::AGENTIC_USAGE_ESTIMATED);
const TURNS: FieldId = FieldId::of(attr::AGENTIC_USAGE_TURNS);

/// Tokens, cost and number of turns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Amounts {
    pub(crate) turns: i64,
    /// One for each row of [`ROLLED_UP`]. Wide enough for any number of turns; a sum that no attribute can hold is
    /// left out.
    tokens: [Option<i128>; TOKENS],
    pub(crate) cost: Costs,
    estimated: bool,
}

impl Amounts {
    /// What a span that ends has under the keys of a leaf.
    pub(crate) fn of(attributes: &Attributes) -> Self {
        let tokens = ROLLED_UP.map(|(leaf, _)| attributes.int(leaf).map(i128::from));
        Self { turns: 0, tokens, cost: Costs::of(attributes), estimated: attributes.has(ESTIMATED) }
    }

    /// Whether there is nothing in it that a sum could show.
    pub(crate) fn is_empty(&self) -> bool {
        self.turns == 0 && !self.has_tokens() && !self.cost.is_known()
    }

    /// The tokens of a row of [`ROLLED_UP`], by the leaf's key.
    pub(crate) fn tokens(&self, leaf: FieldId) -> Option<i64> {
        let row = ROLLED_UP.iter().position(|(id, _)| *id == leaf)?;
        self.tokens.get(row).copied().flatten().and_then(|tokens| i64::try_from(tokens).ok())
    }

    pub(crate) fn with_cost(self, cost: Costs) -> Self {
        Self { cost, ..self }
    }

    pub(crate) fn has_tokens(&self) -> bool {
        self.tokens.iter().any(Option::is_some)
    }

    pub(crate) fn add(&mut self, more: &Amounts) {
        self.turns = self.turns.saturating_add(more.turns);
        for (sum, more) in self.tokens.iter_mut().zip(more.tokens) {
            *sum = match (*sum, more) {
                (Some(sum), Some(more)) => Some(sum.saturating_add(more)),
                (sum, more) => sum.or(more),
            };
        }
        self.cost.add(&more.cost);
        self.estimated |= more.estimated;
    }

    /// Completes the attributes of a span by what is below it; what the application gave itself stays.
    pub(crate) fn write(&self, attributes: &mut Attributes) {
        if self.is_empty() {
            return;
        }
        for ((_, sum), tokens) in ROLLED_UP.into_iter().zip(self.tokens) {
            complete(attributes, sum, tokens);
        }
        if self.turns > 0 {
            attributes.complete(TURNS, self.turns);
        }
        if self.estimated {
            attributes.complete(ESTIMATED, true);
        }
        self.cost.write(attributes);
    }

    /// Completes the attributes of an agent by what its own turns used.
    pub(crate) fn write_own(&self, attributes: &mut Attributes) {
        for ((leaf, _), tokens) in ROLLED_UP.into_iter().zip(self.tokens).take(OWN_TOTALS) {
            complete(attributes, leaf, tokens);
        }
    }
}

/// A wrong number is worse than none.
fn complete(attributes: &mut Attributes, id: FieldId, sum: Option<i128>) {
    if let Some(Ok(sum)) = sum.map(i64::try_from) {
        attributes.complete(id, Value::I64(sum));
    }
}
