//! What one turn cost.

use opentelemetry::Value;

use crate::activity::record::record;
use crate::rules::FieldId;
use crate::semconv::{attr, value::agentic_cost_source as source};
use crate::span::{Currency, Open, is_amount};

/// What one turn cost, and who says so: `agentic.cost.total`, `agentic.cost.currency`, `agentic.cost.source`.
///
/// `total` is a number from 0, in whole units of the currency; `currency` an ISO 4217 code, three capital letters.
/// Anything else is refused as a whole and counted ([`Stats::refused_values`](crate::Stats)).
/// Unknown is not 0: give no cost.
///
/// ```
/// use tracing_genai::activity::{Cost, Turn, Usage};
///
/// let turn = Turn::chat("openrouter", "gpt-4o").start();
/// turn.usage(Usage::new(1200, 34)).cost(Cost::provider(0.0125, "USD")).finish();
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a cost has to be given to a turn"]
pub struct Cost {
    total: f64,
    currency: String,
    source: &'static str,
}

impl Cost {
    /// As the provider, or a gateway before it, told with the reply.
    pub fn provider(total: f64, currency: impl Into<String>) -> Self {
        Self { total, currency: currency.into(), source: source::PROVIDER }
    }

    /// As the application knows it.
    pub fn user(total: f64, currency: impl Into<String>) -> Self {
        Self { total, currency: currency.into(), source: source::USER }
    }

    /// As the application computed it from prices of its own. [`PriceTable`](crate::PriceTable) does that by itself.
    pub fn price_table(total: f64, currency: impl Into<String>) -> Self {
        Self { total, currency: currency.into(), source: source::PRICE_TABLE }
    }

    pub(crate) fn record(self, turn: &dyn Open) {
        self.each(&mut |id, value| record(turn, id, value));
    }

    /// Hands `give` its attributes.
    pub(crate) fn each(self, give: &mut dyn FnMut(FieldId, Value)) {
        let (total, currency) = (is_amount(self.total), Currency::parse(&self.currency).is_some());
        let whole = total && currency;
        // Of a bad cost only what is bad goes on, to be refused and counted: the rest would look like a cost.
        if whole || !total {
            give(const { FieldId::of(attr::AGENTIC_COST_TOTAL) }, self.total.into());
        }
        if whole || !currency {
            give(const { FieldId::of(attr::AGENTIC_COST_CURRENCY) }, self.currency.into());
        }
        if whole {
            give(const { FieldId::of(attr::AGENTIC_COST_SOURCE) }, self.source.into());
        }
    }
}
