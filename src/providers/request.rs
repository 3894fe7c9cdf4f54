//! What a request says.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde_json::Value;

use crate::providers::fields::Fields;
use crate::providers::format::{Input, WireFormat};

/// What a request says, content aside. What is not said is `None`, empty or `false`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    pub(crate) model: Option<String>,
    pub(crate) stream: bool,
    pub(crate) max_tokens: Option<u64>,
    pub(crate) temperature: Option<f64>,
    pub(crate) top_p: Option<f64>,
    pub(crate) top_k: Option<u64>,
    pub(crate) frequency_penalty: Option<f64>,
    pub(crate) presence_penalty: Option<f64>,
    pub(crate) stop_sequences: Vec<String>,
    pub(crate) seed: Option<i64>,
    pub(crate) choice_count: Option<u64>,
    /// `text`, `json`, `image`, `speech`.
    pub(crate) output_type: Option<&'static str>,
    pub(crate) reasoning_level: Option<String>,
    pub(crate) service_tier: Option<String>,
    pub(crate) previous_response: Option<String>,
    /// Of OpenAI's conversations.
    pub(crate) conversation: Option<String>,
    pub(crate) encoding_formats: Vec<String>,
    /// Bedrock's.
    pub(crate) guardrail: Option<String>,
}

/// A request to a model, read from the JSON that is sent.
///
/// ```
/// use serde_json::json;
/// use tracing_genai::providers::{Request, WireFormat};
///
/// let body = json!({"model": "gpt-4o", "temperature": 0.2, "messages": [{"role": "user", "content": "Where is it warm?"}]});
/// let request = Request::of(WireFormat::OpenAiChat, &body);
/// assert_eq!(request.model(), Some("gpt-4o"));
/// ```
#[derive(Clone)]
pub struct Request<'a> {
    format: WireFormat,
    provider: Cow<'a, str>,
    value: Cow<'a, Value>,
    asked: Asked,
    skipped: u32,
}

impl<'a> Request<'a> {
    /// A request to `provider`, a value of [`gen_ai.provider.name`](crate::semconv::value::gen_ai_provider_name) or a name
    /// of your own, in the format that its fields look like; `None` if they look like none.
    pub fn from_json(provider: &'a str, body: &'a Value) -> Option<Self> {
        let format = WireFormat::of_request(body)?;
        Some(Self { provider: Cow::Borrowed(provider), ..Self::of(format, body) })
    }

    /// A request in `format`, to the provider who made that format.
    pub fn of(format: WireFormat, body: &'a Value) -> Self {
        Self::new(format, Cow::Borrowed(body))
    }

    /// [`of`](Self::of) a value that is given away.
    pub fn from_owned(format: WireFormat, body: Value) -> Self {
        Self::new(format, Cow::Owned(body))
    }

    fn new(format: WireFormat, value: Cow<'a, Value>) -> Self {
        let skipped = Cell::new(0);
        let asked = format.row().reader.request(&Fields::of(&value, &skipped));
        Self { format, provider: Cow::Borrowed(format.provider()), value, asked, skipped: skipped.get() }
    }

    /// The request goes to `provider`, which speaks this format. By default the provider who made it.
    #[must_use]
    pub fn to_provider(mut self, provider: impl Into<Cow<'a, str>>) -> Self {
        self.provider = provider.into();
        self
    }

    /// The model is `model`, as the URL tells. By default the one that the body names.
    #[must_use]
    pub fn for_model(mut self, model: impl Into<String>) -> Self {
        self.asked.model = Some(model.into());
        self
    }

    /// The reply is streamed, as the URL tells. By default as the body says.
    #[must_use]
    pub fn streaming(mut self) -> Self {
        self.asked.stream = true;
        self
    }

    /// Its format.
    pub fn format(&self) -> WireFormat {
        self.format
    }

    /// `gen_ai.provider.name`.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The model that is asked for.
    pub fn model(&self) -> Option<&str> {
        self.asked.model.as_deref()
    }

    /// Whether the reply is to come in pieces.
    pub fn is_streamed(&self) -> bool {
        self.asked.stream
    }

    /// Fields that were left out because they are of a wrong type.
    pub fn skipped(&self) -> u32 {
        self.skipped
    }

    pub(crate) fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Its content: made now.
    pub(crate) fn input(&self) -> Input {
        self.format.row().reader.input(&self.value)
    }
}

/// Without the body, which holds content.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("format", &self.format).field("skipped", &self.skipped).finish_non_exhaustive()
    }
}
