//! Money: a currency, and costs that can be summed.

use opentelemetry::Value;

use crate::rules::FieldId;
use crate::semconv::attr;
use crate::span::attributes::Attributes;

const TOTAL: FieldId = FieldId::of(attr::AGENTIC_COST_TOTAL);
const CURRENCY: FieldId = FieldId::of(attr::AGENTIC_COST_CURRENCY);
const SUM_TOTAL: FieldId = FieldId::of(attr::AGENTIC_USAGE_COST_TOTAL);
const SUM_CURRENCY: FieldId = FieldId::of(attr::AGENTIC_USAGE_COST_CURRENCY);
const SUM_INCOMPLETE: FieldId = FieldId::of(attr::AGENTIC_USAGE_COST_INCOMPLETE);

/// Money is counted in whole millionths of a millionth: a sum of doubles would depend on the order of the ends.
const SCALE: f64 = 1e12;

/// Whether `total` can be a cost.
pub(crate) fn is_amount(total: f64) -> bool {
    total.is_finite() && total >= 0.0
}

/// An amount of money, or a price, in units of [`SCALE`].
pub(crate) fn to_units(total: f64) -> i128 {
    // Saturates.
    (total * SCALE).round() as i128
}

pub(crate) fn from_units(units: i128) -> f64 {
    units as f64 / SCALE
}

/// An ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Currency([u8; 3]);

impl Currency {
    /// Three capital letters; `None` for anything else.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    pub(crate) fn text(self) -> String {
        self.0.iter().copied().map(char::from).collect()
    }
}

/// The sum of costs, as far as it can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Costs {
    known: Option<(Currency, i128)>,
    /// There are two currencies in it, and no sum.
    mixed: bool,
    /// There is a call in it whose cost nobody told.
    lacks: bool,
}

impl Costs {
    /// The cost a span has; without a currency it is none that can be summed.
    pub(crate) fn of(attributes: &Attributes) -> Self {
        let currency = attributes.text(CURRENCY).and_then(Currency::parse);
        let known = match (attributes.get(TOTAL), currency) {
            (Some(Value::F64(total)), Some(currency)) => Some((currency, to_units(*total))),
            _ => None,
        };
        Self { known, ..Self::default() }
    }

    /// One that nobody told.
    pub(crate) const UNKNOWN: Self = Self { known: None, mixed: false, lacks: true };

    pub(crate) fn is_known(&self) -> bool {
        self.known.is_some() || self.mixed
    }

    /// The sum and its currency, if it is the sum of one.
    pub(crate) fn total(&self) -> Option<(Currency, f64)> {
        self.known.filter(|_| !self.mixed).map(|(currency, total)| (currency, from_units(total)))
    }

    pub(crate) fn add(&mut self, more: &Costs) {
        self.lacks |= more.lacks;
        self.mixed |= more.mixed;
        self.known = match (self.known, more.known) {
            (Some((currency, total)), Some((same, more))) if currency == same => {
                Some((currency, total.saturating_add(more)))
            }
            (Some(_), Some(_)) => {
                self.mixed = true;
                None
            }
            (known, more) => known.or(more),
        };
    }

    /// Writes the sum. One that lacks parts says so, else it would look like the whole.
    pub(crate) fn write(&self, attributes: &mut Attributes) {
        if !self.is_known() {
            return;
        }
        if let (Some((currency, total)), false) = (self.known, self.mixed) {
            attributes.complete(SUM_TOTAL, from_units(total));
            attributes.complete(SUM_CURRENCY, currency.text());
        }
        if self.lacks || self.mixed {
            attributes.complete(SUM_INCOMPLETE, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(total: f64, currency: &str) -> Costs {
        Costs { known: Currency::parse(currency).map(|currency| (currency, to_units(total))), ..Costs::default() }
    }

    #[test]
    fn a_currency_is_three_capitals() {
        for (code, valid) in
            [("USD", true), ("EUR", true), ("usd", false), ("US", false), ("EURO", false), ("€", false)]
        {
            assert_eq!(Currency::parse(code).map(Currency::text).as_deref(), valid.then_some(code), "{code}");
        }
    }

    #[test]
    fn a_sum_does_not_depend_on_the_order() {
        let parts = [0.1, 0.2, 0.3, 1e-12, 1234.5678];
        let sum = |parts: &mut dyn Iterator<Item = &f64>| {
            let mut sum = Costs::default();
            parts.for_each(|part| sum.add(&costs(*part, "USD")));
            sum
        };
        assert_eq!(sum(&mut parts.iter()), sum(&mut parts.iter().rev()));
        assert_eq!(sum(&mut parts[..2].iter()), costs(0.3, "USD"));
    }

    #[test]
    fn two_currencies_have_no_sum_whatever_comes_after() {
        let mut sum = costs(1.0, "USD");
        for more in [costs(1.0, "EUR"), costs(1.0, "USD")] {
            sum.add(&more);
            let mut attributes = Attributes::default();
            sum.write(&mut attributes);
            assert!(attributes.has(SUM_INCOMPLETE) && !attributes.has(SUM_TOTAL) && !attributes.has(SUM_CURRENCY));
        }
    }

    #[test]
    fn an_amount_is_finite_and_not_negative() {
        for (total, valid) in [(0.0, true), (0.5, true), (-0.5, false), (f64::NAN, false), (f64::INFINITY, false)] {
            assert_eq!(is_amount(total), valid, "{total}");
        }
        assert_eq!(from_units(to_units(0.0125)), 0.0125);
    }
}
