//! The wire formats: which there are, how they are told apart, and who reads them.

use serde_json::Value;

use crate::content::{Message, Part, ToolDefinition};
use crate::providers::fields::Fields;
use crate::providers::request::Asked;
use crate::providers::response::Answered;
use crate::providers::stream::{Assemble, Framing};
use crate::providers::{openai_chat, openai_completions};
use crate::semconv::value::{gen_ai_operation_name as operation, gen_ai_provider_name as provider};

/// The JSON that a provider's API speaks. Many providers speak that of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WireFormat {
    /// OpenAI's chat completions, and all who speak it: Azure OpenAI, Mistral, Groq, DeepSeek, xAI, LiteLLM, OpenRouter,
    /// vLLM and others.
    OpenAiChat,
    /// OpenAI's completions before chat: `/v1/completions`.
    OpenAiCompletions,
}

/// Content of a request.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Input {
    /// Instructions that stand apart from the messages.
    pub(crate) system: Vec<Part>,
    pub(crate) messages: Vec<Message>,
    pub(crate) tools: Vec<ToolDefinition>,
}

/// Who reads a format: pure functions, one file each.
pub(crate) struct Row {
    pub(crate) format: WireFormat,
    /// `gen_ai.provider.name` where nobody says another.
    pub(crate) provider: &'static str,
    /// `gen_ai.operation.name`.
    pub(crate) operation: &'static str,
    pub(crate) framing: Framing,
    pub(crate) reader: &'static dyn Reader,
}

/// Reads one wire format. Each of it is called with an object of that format, or with garbage.
pub(crate) trait Reader: Sync {
    /// Whether `reply` is one of this format; asked in the order of the table, so that a later row may be less strict.
    fn recognises(&self, reply: &Value) -> bool;
    /// The same of a request.
    fn recognises_request(&self, request: &Value) -> bool;
    /// What a request says, content aside.
    fn request(&self, body: &Fields<'_>) -> Asked;
    /// The content of a request.
    fn input(&self, body: &Value) -> Input;
    /// What a reply says, content aside. `provider` is `gen_ai.provider.name`: some speak a format in their own way.
    fn response(&self, provider: &str, body: &Fields<'_>) -> Answered;
    /// The messages of a reply, one a choice.
    fn output(&self, body: &Value) -> Vec<Message>;
    /// What puts the pieces of a streamed reply together.
    fn assemble(&self) -> Box<dyn Assemble>;
}

const fn row(
    format: WireFormat,
    names: (&'static str, &'static str),
    framing: Framing,
    reader: &'static dyn Reader,
) -> Row {
    Row { format, provider: names.0, operation: names.1, framing, reader }
}

#[rustfmt::skip]
pub(crate) const FORMATS: &[Row] = &[
    //  format                   provider           operation            stream                 reader
    row(WireFormat::OpenAiChat, (provider::OPENAI,  operation::CHAT),    Framing::ServerSent,  &openai_chat::OpenAiChat),
    row(WireFormat::OpenAiCompletions, (provider::OPENAI, operation::TEXT_COMPLETION), Framing::ServerSent, &openai_completions::OpenAiCompletions),
];

impl WireFormat {
    pub(crate) fn row(self) -> &'static Row {
        const FIRST: &Row = match FORMATS.first() {
            Some(row) => row,
            None => panic!("there is no format"),
        };
        FORMATS.iter().find(|row| row.format == self).unwrap_or(FIRST)
    }

    /// `gen_ai.operation.name` of a call in this format.
    pub fn operation(self) -> &'static str {
        self.row().operation
    }

    /// `gen_ai.provider.name` of the one who made the format.
    pub fn provider(self) -> &'static str {
        self.row().provider
    }

    /// The format of a reply, by the fields it has.
    pub fn of_reply(reply: &Value) -> Option<Self> {
        FORMATS.iter().find(|row| row.reader.recognises(reply)).map(|row| row.format)
    }

    /// The format of a request, by the fields it has. The path it is sent to tells more: a request often looks like that
    /// of another provider.
    pub fn of_request(request: &Value) -> Option<Self> {
        FORMATS.iter().find(|row| row.reader.recognises_request(request)).map(|row| row.format)
    }
}
