//! A span under the names of another profile than the conventions'.

use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::{KeyValue, Value};

use crate::rules::FieldId;
use crate::rules::profile::{From, Profile, SpanNames};
use crate::semconv::attr;
use crate::span::GenAiTracer;
use crate::span::attributes::Attributes;
use crate::span::name;
use crate::span::shared::Settings;
use crate::span::start::Start;

const FORCED_CLOSE: FieldId = FieldId::of(attr::AGENTIC_FORCED_CLOSE);

/// How one span is called by a profile that is not the conventions'.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renamed(&'static SpanNames);

impl Renamed {
    /// `None` if the span keeps the conventions' names.
    pub(crate) fn of(settings: &Settings, start: &Start) -> Option<Self> {
        let names = settings.profile.names()?;
        names.span(start.operation.activity, |id| start.attributes.has(id)).map(Self)
    }

    pub(crate) fn name(self, attributes: &Attributes) -> Cow<'static, str> {
        match self.0.target.and_then(|target| attributes.text(target)) {
            Some(target) => name::of_words(self.0.word, target),
            None => Cow::Borrowed(self.0.word),
        }
    }

    /// [`name`](Self::name), if its second word is among `late`, the values that came after the start.
    pub(crate) fn late_name(self, late: &Attributes) -> Option<Cow<'static, str>> {
        self.0.target.filter(|target| late.has(*target)).map(|_| self.name(late))
    }

    /// The profile's attributes that `attributes` give.
    pub(crate) fn attributes(self, attributes: &Attributes) -> Vec<KeyValue> {
        self.0.keys().filter_map(|row| Some(KeyValue::new(row.key, value(row.value, attributes)?))).collect()
    }

    /// A content attribute under its name in the profile, if it has one.
    pub(crate) fn content(self, attribute: KeyValue) -> Option<KeyValue> {
        let row = self.0.keys().find(|row| row.content() == Some(attribute.key.as_str()))?;
        Some(KeyValue::new(row.key, attribute.value))
    }

    /// How long the span was open, in milliseconds.
    pub(crate) fn duration(self, from: SystemTime, to: SystemTime) -> KeyValue {
        let millis = to.duration_since(from).unwrap_or_default().as_millis();
        KeyValue::new(self.0.duration, i64::try_from(millis).unwrap_or(i64::MAX))
    }

    /// The text of the status of a span that failed.
    pub(crate) fn failed(self, attributes: &Attributes) -> &'static str {
        attributes.text(FORCED_CLOSE).map_or(self.0.failed, |why| self.0.interrupted(why))
    }
}

fn value(from: From, attributes: &Attributes) -> Option<Value> {
    match from {
        From::Same(id) => attributes.get(id).cloned(),
        From::Less(id, others) => {
            let others = others.iter().filter_map(|other| attributes.int(*other));
            others.fold(attributes.int(id), |rest, other| rest?.checked_sub(other)).map(Value::I64)
        }
        From::Sum(one, other) => attributes.int(one)?.checked_add(attributes.int(other)?).map(Value::I64),
        From::IsPositive(id) => (attributes.int(id)? > 0).then_some(Value::Bool(true)),
    }
}

impl<T> GenAiTracer<T> {
    /// Sets the profile: the names of spans and attributes. By default [`Profile::GenAi`].
    ///
    /// Kinds, parents, ends and what may leave are the same under every profile. What a profile has no name for is left
    /// out, apart from the attributes of [`with_attributes`](Self::with_attributes); spans it has no name for keep the
    /// conventions' names.
    #[must_use]
    pub fn with_profile(self, profile: Profile) -> Self {
        self.set(|settings| settings.profile = profile)
    }
}
