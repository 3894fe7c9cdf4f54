//! A span that ended, and what is measured of it.

use opentelemetry::Value;

use crate::rules::FieldId;
use crate::rules::instruments::{MODALITIES, Parts, Source};
use crate::semconv::{attr, value};
use crate::span::{Amounts, Ending};

const INPUT: FieldId = FieldId::of(attr::GEN_AI_USAGE_INPUT_TOKENS);
const OUTPUT: FieldId = FieldId::of(attr::GEN_AI_USAGE_OUTPUT_TOKENS);
const COST: FieldId = FieldId::of(attr::AGENTIC_COST_TOTAL);
const CURRENCY: FieldId = FieldId::of(attr::AGENTIC_COST_CURRENCY);
const OUTCOME: FieldId = FieldId::of(attr::AGENTIC_OUTCOME);
const BEFORE: FieldId = FieldId::of(attr::AGENTIC_COMPACTION_TOKENS_BEFORE);
const AFTER: FieldId = FieldId::of(attr::AGENTIC_COMPACTION_TOKENS_AFTER);
const PURPOSE: FieldId = FieldId::of(attr::AGENTIC_TURN_PURPOSE);
const AGENT: FieldId = FieldId::of(attr::GEN_AI_AGENT_NAME);

/// One value of an instrument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(u64),
    Double(f64),
}

/// A span that ended. A turn has with it what turns inside of it told of the same call.
pub(super) struct Subject<'a> {
    pub(super) span: &'a Ending<'a>,
    nested: Option<Nested>,
}

struct Nested {
    amounts: Amounts,
    cost: Option<(String, f64)>,
}

impl<'a> Subject<'a> {
    /// `None` for a turn inside a turn: the outer one is measured, as it is in the sums.
    pub(super) fn of(span: &'a Ending<'a>) -> Option<Self> {
        if span.about.is_nested_turn() {
            return None;
        }
        let nested = span.nested().map(|amounts| {
            let cost = amounts.cost.total().map(|(currency, total)| (currency.text(), total));
            Nested { amounts, cost: cost.filter(|_| span.get(COST).is_none()) }
        });
        Some(Self { span, nested })
    }

    /// The currency of a cost that only a turn inside has.
    pub(super) fn nested_currency(&self) -> Option<&str> {
        self.nested.as_ref()?.cost.as_ref().map(|(currency, _)| currency.as_str())
    }

    /// What it has for a source of single values; `None` if it does not say.
    pub(super) fn value(&self, source: Source) -> Option<Number> {
        match source {
            Source::Duration => Some(Number::Double(self.span.duration().as_secs_f64())),
            Source::Seconds(id) => match self.span.get(id) {
                Some(Value::F64(seconds)) => Some(Number::Double(*seconds)),
                _ => None,
            },
            Source::Tokens(id) => self.tokens(id).map(Number::Int),
            Source::InferenceCalls => self.span.calls().map(|calls| Number::Int(calls.inference)),
            Source::ToolCalls => self.span.calls().map(|calls| Number::Int(calls.tools)),
            Source::Cost => self.cost().map(Number::Double),
            Source::One => Some(Number::Int(1)),
            Source::Cancelled => {
                let is_cancelled = self.span.text(OUTCOME) == Some(value::agentic_outcome::CANCELLED);
                is_cancelled.then_some(Number::Int(1))
            }
            Source::Reclaimed => {
                let reclaimed = self.count(BEFORE)?.checked_sub(self.count(AFTER)?)?;
                (reclaimed > 0).then_some(Number::Int(reclaimed))
            }
            Source::Context => self.context().map(Number::Int),
            Source::Gaps | Source::ByModality(..) => None,
        }
    }

    /// Tokens by modality, in the order of [`MODALITIES`]: what no part tells of is of an unknown one, and all is if the
    /// parts contradict the whole.
    pub(super) fn by_modality(&self, whole: FieldId, parts: Parts) -> [u64; MODALITIES.len()] {
        let mut tokens = [0; MODALITIES.len()];
        for (at, id) in parts {
            if let (Some(part), Some(tokens)) = (self.count(*id), tokens.get_mut(*at)) {
                *tokens = part;
            }
        }
        let Some(whole) = self.tokens(whole) else { return tokens };
        let told = tokens.iter().fold(0_u64, |sum, part| sum.saturating_add(*part));
        match whole.checked_sub(told) {
            Some(rest) => {
                let [unknown, ..] = &mut tokens;
                *unknown = rest;
            }
            None => tokens = std::array::from_fn(|at| if at == 0 { whole } else { 0 }),
        }
        tokens
    }

    fn count(&self, id: FieldId) -> Option<u64> {
        self.span.int(id).and_then(|number| u64::try_from(number).ok())
    }

    fn tokens(&self, id: FieldId) -> Option<u64> {
        let nested = || self.nested.as_ref()?.amounts.tokens(id).and_then(|tokens| u64::try_from(tokens).ok());
        self.count(id).or_else(nested)
    }

    /// A cost without a currency is none that can be summed.
    fn cost(&self) -> Option<f64> {
        match (self.span.get(COST), self.span.get(CURRENCY)) {
            (Some(Value::F64(total)), Some(_)) => Some(*total),
            _ => self.nested.as_ref()?.cost.as_ref().map(|(_, total)| *total),
        }
    }

    /// What a turn leaves in the context of its agent; a turn for something else has a context of its own.
    fn context(&self) -> Option<u64> {
        let purpose = self.span.text(PURPOSE);
        let is_agents = purpose.is_none_or(|purpose| purpose == value::agentic_turn_purpose::AGENT);
        self.span.text(AGENT).filter(|_| is_agents)?;
        Some(self.tokens(INPUT)?.saturating_add(self.tokens(OUTPUT).unwrap_or_default()))
    }
}
