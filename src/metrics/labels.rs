//! The labels of one measurement, borrowed from the span that it is about.

use opentelemetry::{Key, KeyValue, Value};

use crate::metrics::subject::Subject;
use crate::rules::instruments::{Family, ONLY_OPENAI, PROVIDER};
use crate::rules::{Activity, FieldId};
use crate::semconv::{attr, value};

const ACTIVITY: FieldId = FieldId::of(attr::AGENTIC_ACTIVITY);
const CURRENCY: FieldId = FieldId::of(attr::AGENTIC_COST_CURRENCY);
const SOURCE: FieldId = FieldId::of(attr::AGENTIC_COST_SOURCE);

/// Most labels of a family.
const MOST: usize = 16;

/// A label's value. No other type is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Label<'a> {
    Text(&'a str),
    Int(i64),
}

impl<'a> Label<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text.as_str())),
            Value::I64(number) => Some(Self::Int(*number)),
            _ => None,
        }
    }

    fn to_value(self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.to_owned()),
            Self::Int(number) => Value::I64(number),
        }
    }
}

/// What a span has of a family's labels.
#[derive(Debug)]
pub(super) struct Labels<'a> {
    keys: &'static [FieldId],
    values: [Option<Label<'a>>; MOST],
}

impl<'a> Labels<'a> {
    pub(super) fn of(family: Family, subject: &'a Subject<'a>) -> Self {
        let keys = family.labels();
        let nested_currency = subject.nested_currency();
        let mut values = [None; MOST];
        let mut is_openai = false;
        for (value, id) in values.iter_mut().zip(keys) {
            *value = match *id {
                id if id == ACTIVITY => Some(Label::Text(activity(subject.span.about.activity()))),
                id if !is_openai && ONLY_OPENAI.contains(&id) => None,
                // With the cost of a turn inside goes its currency; where it is from nobody has kept.
                id if id == CURRENCY && nested_currency.is_some() => nested_currency.map(Label::Text),
                id if id == SOURCE && nested_currency.is_some() => None,
                id => subject.span.get(id).and_then(Label::of),
            };
            // Keys are sorted: the provider comes before what only it has.
            is_openai |= *id == PROVIDER && *value == Some(Label::Text(value::gen_ai_provider_name::OPENAI));
        }
        Self { keys, values }
    }

    pub(super) fn hash(&self, seed: u64) -> u64 {
        self.present().fold(seed, |hash, (at, _, label)| {
            let hash = mix(hash, at as u64);
            match label {
                Label::Text(text) => text_hash(hash, text),
                Label::Int(number) => mix(hash, number as u64),
            }
        })
    }

    /// Whether these are the labels of `set`.
    pub(super) fn are(&self, set: &[KeyValue]) -> bool {
        let mut held = set.iter();
        let same = |(_, id, label): (usize, FieldId, Label<'_>)| {
            held.next().is_some_and(|held| held.key.as_str() == id.key() && Label::of(&held.value) == Some(label))
        };
        self.present().all(same) && held.next().is_none()
    }

    pub(super) fn to_list(&self) -> Vec<KeyValue> {
        self.present().map(|(_, id, label)| KeyValue::new(Key::from_static_str(id.key()), label.to_value())).collect()
    }

    fn present(&self) -> impl Iterator<Item = (usize, FieldId, Label<'a>)> {
        let labels = self.keys.iter().zip(self.values).enumerate();
        labels.filter_map(|(at, (id, label))| Some((at, *id, label?)))
    }
}

/// One multiplication a word. Who could make labels collide makes chains no longer than there are sets.
fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn text_hash(hash: u64, text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let hash = words.iter().fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let rest = rest.iter().fold(text.len() as u64, |rest, byte| rest << 8 | u64::from(*byte));
    mix(hash, rest)
}

fn activity(activity: Activity) -> &'static str {
    use value::agentic_activity::{AGENT, COMPACTION, MCP, OPERATION, OTHER, TOOL, TURN, WORKFLOW};
    match activity {
        Activity::Workflow => WORKFLOW,
        Activity::Agent => AGENT,
        Activity::Operation => OPERATION,
        Activity::Turn => TURN,
        Activity::Tool => TOOL,
        Activity::Compaction => COMPACTION,
        Activity::Mcp => MCP,
        Activity::Other => OTHER,
    }
}
