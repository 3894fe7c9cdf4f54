//! Setters as tables: name, type, attribute.

use opentelemetry::{Array, StringValue, Value};

/// What a setter takes, as an attribute value.
pub(crate) trait Given {
    fn into_value(self) -> Value;
}

impl Given for String {
    fn into_value(self) -> Value {
        self.into()
    }
}

impl Given for &'static str {
    fn into_value(self) -> Value {
        self.into()
    }
}

impl Given for bool {
    fn into_value(self) -> Value {
        self.into()
    }
}

impl Given for f64 {
    fn into_value(self) -> Value {
        self.into()
    }
}

impl Given for i64 {
    fn into_value(self) -> Value {
        self.into()
    }
}

impl Given for u64 {
    /// Beyond what an attribute holds it goes on as text, which is refused and counted like any other bad number.
    fn into_value(self) -> Value {
        i64::try_from(self).map_or_else(|_| self.to_string().into(), Value::I64)
    }
}

impl Given for Vec<String> {
    fn into_value(self) -> Value {
        Value::Array(Array::String(self.into_iter().map(StringValue::from).collect()))
    }
}

/// Setters of a description, each for one attribute given at the start.
///
/// `text` takes anything that becomes a `String`, `id` anything that is a `str` and flows down the tree, `texts` a
/// list of texts, any other word is the type itself.
macro_rules! described {
    ($($(#[$doc:meta])* $name:ident: $kind:tt => $key:ident,)+) => {
        $(described!(@ $(#[$doc])* $name: $kind => $key);)+
    };
    (@ $(#[$doc:meta])* $name:ident: text => $key:ident) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: impl Into<String>) -> Self {
            self.0.give(const { FieldId::of(attr::$key) }, $name.into());
            self
        }
    };
    (@ $(#[$doc:meta])* $name:ident: id => $key:ident) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: impl AsRef<str>) -> Self {
            self.0.identify(const { FieldId::of(attr::$key) }, $name.as_ref());
            self
        }
    };
    (@ $(#[$doc:meta])* $name:ident: texts => $key:ident) => {
        $(#[$doc])*
        pub fn $name<T: Into<String>>(mut self, $name: impl IntoIterator<Item = T>) -> Self {
            let texts: Vec<String> = $name.into_iter().map(Into::into).collect();
            self.0.give(const { FieldId::of(attr::$key) }, texts);
            self
        }
    };
    (@ $(#[$doc:meta])* $name:ident: $type:ty => $key:ident) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: $type) -> Self {
            self.0.give(const { FieldId::of(attr::$key) }, $name);
            self
        }
    };
}

/// The parameters of a request, for the descriptions of spans that the registry gives them.
macro_rules! requesting {
    ($description:ident) => {
        impl $description {
            described! {
                /// `gen_ai.request.max_tokens`. Not given by default, like all that follow.
                max_tokens: u64 => GEN_AI_REQUEST_MAX_TOKENS,
                /// `gen_ai.request.temperature`.
                temperature: f64 => GEN_AI_REQUEST_TEMPERATURE,
                /// `gen_ai.request.top_p`.
                top_p: f64 => GEN_AI_REQUEST_TOP_P,
                /// `gen_ai.request.frequency_penalty`.
                frequency_penalty: f64 => GEN_AI_REQUEST_FREQUENCY_PENALTY,
                /// `gen_ai.request.presence_penalty`.
                presence_penalty: f64 => GEN_AI_REQUEST_PRESENCE_PENALTY,
                /// `gen_ai.request.stop_sequences`.
                stop_sequences: texts => GEN_AI_REQUEST_STOP_SEQUENCES,
                /// `gen_ai.request.seed`.
                seed: i64 => GEN_AI_REQUEST_SEED,
                /// `gen_ai.request.choice.count`; left out if it is 1.
                choice_count: u64 => GEN_AI_REQUEST_CHOICE_COUNT,
                /// `gen_ai.output.type`: `text`, `json`, `image`, `speech`.
                output_type: text => GEN_AI_OUTPUT_TYPE,
            }
        }
    };
}

/// The server that a call goes to.
macro_rules! calling {
    ($description:ident) => {
        impl $description {
            /// `server.address` and `server.port` of the service, behind proxies if known. Not given by default.
            pub fn server(mut self, address: impl Into<String>, port: u16) -> Self {
                self.0.give(const { FieldId::of(attr::SERVER_ADDRESS) }, address.into());
                self.0.give(const { FieldId::of(attr::SERVER_PORT) }, i64::from(port));
                self
            }
        }
    };
}

/// Setters of a guard, each for one attribute that is known later; the last value counts.
macro_rules! recorded {
    ($($(#[$doc:meta])* $name:ident: $kind:tt => $key:ident,)+) => {
        $(recorded!(@ $(#[$doc])* $name: $kind => $key);)+
    };
    (@ $(#[$doc:meta])* $name:ident: text => $key:ident) => {
        $(#[$doc])*
        pub fn $name(&self, $name: impl Into<String>) -> &Self {
            self.record(const { FieldId::of(attr::$key) }, $name.into())
        }
    };
    (@ $(#[$doc:meta])* $name:ident: texts => $key:ident) => {
        $(#[$doc])*
        pub fn $name<T: Into<String>>(&self, $name: impl IntoIterator<Item = T>) -> &Self {
            let texts: Vec<String> = $name.into_iter().map(Into::into).collect();
            self.record(const { FieldId::of(attr::$key) }, texts)
        }
    };
    (@ $(#[$doc:meta])* $name:ident: $type:ty => $key:ident) => {
        $(#[$doc])*
        pub fn $name(&self, $name: $type) -> &Self {
            self.record(const { FieldId::of(attr::$key) }, $name)
        }
    };
}

/// What every description offers, and its start.
macro_rules! startable {
    ($description:ident, $span:literal) => {
        impl $description {
            described! {
                /// `gen_ai.conversation.id`: an identifier that the agent or its provider really uses for the
                /// conversation; flows down to everything started in the scope. Inherited by default.
                conversation: id => GEN_AI_CONVERSATION_ID,
                /// `session.id`; flows down. Inherited by default.
                session: id => SESSION_ID,
                /// `user.id`: an opaque identifier, not a name or an address; flows down. Inherited by default.
                user: id => USER_ID,
            }

            /// Hangs the activity under `parent` instead of the current span. A parent that is disabled counts as none
            /// given.
            pub fn child_of(mut self, parent: &tracing::Span) -> Self {
                self.0.parent = (!parent.is_disabled()).then(|| parent.clone());
                self
            }

            /// Hangs the activity under a span of another process, or of an earlier time, instead of the current one;
            /// not if it is also [`child_of`](Self::child_of) a span.
            pub fn continues(mut self, carrier: &$crate::span::Carrier) -> Self {
                self.0.start.parent = Some(carrier.context());
                self
            }

            /// Starts the activity, now.
            #[must_use = "the activity ends when its guard is dropped"]
            #[track_caller]
            pub fn start(mut self) -> Guard<Self> {
                self.0.start.location = Some(std::panic::Location::caller());
                if self.0.parent.is_some() {
                    self.0.start.parent = None;
                }
                // Two call sites: `parent: None` would not mean "the current span" but "no parent".
                let span = match &self.0.parent {
                    Some(parent) => tracing::info_span!(target: "tracing_genai", parent: parent, $span),
                    None => tracing::info_span!(target: "tracing_genai", $span),
                };
                Guard::open(span, self.0.start)
            }
        }
    };
}

pub(crate) use {calling, described, recorded, requesting, startable};
