//! What a reply says.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde_json::Value;

use crate::content::Message;
use crate::providers::error_kind::ErrorKind;
use crate::providers::fields::Fields;
use crate::providers::finish_reason::FinishReason;
use crate::providers::format::WireFormat;
use crate::providers::usage::Usage;
use crate::semconv::value::gen_ai_provider_name as provider;

/// What a reply says, content aside. What is not said is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answered {
    pub(crate) id: Option<String>,
    pub(crate) model: Option<String>,
    /// One for each choice.
    pub(crate) finish_reasons: Vec<FinishReason>,
    pub(crate) usage: Usage,
    pub(crate) service_tier: Option<String>,
    pub(crate) system_fingerprint: Option<String>,
    /// Of OpenAI's conversations.
    pub(crate) conversation: Option<String>,
    /// Dimensions of an embedding.
    pub(crate) dimension_count: Option<u64>,
    /// What it cost, in US dollars, if the provider tells.
    pub(crate) cost: Option<f64>,
    pub(crate) failure: Option<Failed>,
}

/// The error that a provider answered with.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Failed {
    /// The provider's code, or type, of the error.
    pub(crate) code: Option<String>,
    /// HTTP status, where the body tells.
    pub(crate) status: Option<u16>,
    /// What the error's text means where code and status tell only that something was wrong. The text itself is not kept.
    pub(crate) hint: Option<ErrorKind>,
}

impl Failed {
    /// Of `codes`, the most telling first, the first one that is known, else the first that is a code at all. What is no
    /// status is left out, `message` is only looked through.
    pub(crate) fn new<'a>(
        codes: impl IntoIterator<Item = Option<&'a str>>,
        status: Option<u64>,
        message: Option<&str>,
    ) -> Self {
        let codes: Vec<&str> = codes.into_iter().flatten().filter(|code| is_code(code)).collect();
        let known = codes.iter().find(|code| ErrorKind::of(Some(code), None).is_some());
        Self {
            code: known.or(codes.first()).map(|code| (*code).to_owned()),
            status: status.and_then(|status| u16::try_from(status).ok()).filter(|status| (400..600).contains(status)),
            hint: message.and_then(ErrorKind::of_message),
        }
    }

    /// What failed, where the reply came with the HTTP status `status`.
    pub(crate) fn kind(&self, status: Option<u16>) -> Option<ErrorKind> {
        let known = ErrorKind::of(self.code.as_deref(), self.status.or(status));
        self.hint.filter(|hint| hint.refines(known)).or(known)
    }
}

/// Letters, digits, `_`, `.`, `-`, at most 64, and more than a number: some write sentences and HTTP statuses there.
fn is_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    text.len() <= 64
        && text.bytes().all(fits)
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !matches!(text, "None" | "null")
}

/// A reply of a model, read from the JSON that came.
///
/// See the [module's documentation](super) for an example. A reply that says an error is one, too
/// ([`error_kind`](Self::error_kind)).
#[derive(Clone)]
pub struct Response<'a> {
    format: WireFormat,
    value: Cow<'a, Value>,
    answered: Answered,
    is_of_openai: bool,
    has_content: bool,
    skipped: u32,
}

impl<'a> Response<'a> {
    /// A reply of `provider`, a value of [`gen_ai.provider.name`](crate::semconv::value::gen_ai_provider_name) or a name of
    /// your own, in the format that its fields look like. One that looks like none says nothing.
    pub fn from_json(provider: &str, body: &'a Value) -> Self {
        let format = WireFormat::of_reply(body).unwrap_or(WireFormat::OpenAiChat);
        Self::new(format, provider, Cow::Borrowed(body))
    }

    /// A reply in `format`, of the provider who made that format.
    pub fn of(format: WireFormat, body: &'a Value) -> Self {
        Self::new(format, format.provider(), Cow::Borrowed(body))
    }

    /// A reply in `format`, of `provider`, which is given away.
    pub fn from_owned(format: WireFormat, provider: &str, body: Value) -> Response<'static> {
        Response::new(format, provider, Cow::Owned(body))
    }

    fn new(format: WireFormat, provider: &str, value: Cow<'a, Value>) -> Self {
        let skipped = Cell::new(0);
        let answered = format.row().reader.response(provider, &Fields::of(&value, &skipped));
        let is_of_openai = matches!(provider, provider::OPENAI | provider::AZURE_AI_OPENAI);
        Self { format, value, answered, is_of_openai, has_content: true, skipped: skipped.get() }
    }

    /// Its format.
    pub fn format(&self) -> WireFormat {
        self.format
    }

    /// The provider's identifier of the reply.
    pub fn id(&self) -> Option<&str> {
        self.answered.id.as_deref()
    }

    /// The model that answered.
    pub fn model(&self) -> Option<&str> {
        self.answered.model.as_deref()
    }

    /// Why each choice ended, in the conventions' words: `stop`, `length`, `content_filter`, `tool_call`, `error`; else
    /// the provider's own.
    pub fn finish_reasons(&self) -> impl Iterator<Item = &str> {
        self.answered.finish_reasons.iter().map(FinishReason::as_str)
    }

    /// Why each choice ended, in the provider's words.
    pub fn raw_finish_reasons(&self) -> impl Iterator<Item = &str> {
        self.answered.finish_reasons.iter().map(|reason| reason.raw.as_str())
    }

    /// Tokens, as the conventions count them.
    pub fn usage(&self) -> Usage {
        self.answered.usage
    }

    /// The provider's code or type of the error it answered with.
    pub fn error_code(&self) -> Option<&str> {
        self.answered.failure.as_ref()?.code.as_deref()
    }

    /// What failed; `None` if nothing did, or nobody knows what.
    pub fn error_kind(&self) -> Option<ErrorKind> {
        self.answered.failure.as_ref()?.kind(None)
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.answered.failure.is_some()
    }

    /// The reply was read without its content: it has no messages.
    pub(crate) fn without_content(self) -> Self {
        Self { has_content: false, ..self }
    }

    /// The messages of the reply, one a choice. They are content, and made now.
    pub fn output_messages(&self) -> Vec<Message> {
        if !self.has_content {
            return Vec::new();
        }
        self.format.row().reader.output(&self.value)
    }

    /// Fields that were left out because they are of a wrong type.
    pub fn skipped(&self) -> u32 {
        self.skipped
    }

    /// Whether its attributes under `openai.` are meant.
    pub(crate) fn is_of_openai(&self) -> bool {
        self.is_of_openai
    }

    pub(crate) fn answered(&self) -> &Answered {
        &self.answered
    }
}

/// Without the body, which holds content.
impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("format", &self.format).field("skipped", &self.skipped).finish_non_exhaustive()
    }
}
