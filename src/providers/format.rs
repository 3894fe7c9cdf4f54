//! The wire formats: which there are, how they are told apart, and who reads them.

use serde_json::Value;

use crate::content::{Message, Part, ToolDefinition};
use crate::providers::fields::Fields;
use crate::providers::request::Asked;
use crate::providers::response::Answered;
use crate::providers::stream::{Assemble, Framing};
use crate::providers::{anthropic_messages, bedrock_converse, bedrock_invoke};
use crate::providers::{cohere_chat, cohere_embed, gemini, gemini_embeddings, ollama_chat, ollama_embed};
use crate::providers::{openai_agents, openai_chat, openai_completions, openai_embeddings, openai_responses};
use crate::semconv::value::{gen_ai_operation_name as operation, gen_ai_provider_name as provider};

/// The JSON that a provider's API speaks. Many providers speak that of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WireFormat {
    /// Anthropic's messages, also on Vertex AI.
    AnthropicMessages,
    /// Bedrock's `Converse` and `ConverseStream`.
    BedrockConverse,
    /// Bedrock's `InvokeModel` and `InvokeModelWithResponseStream` with the body of Anthropic's messages.
    BedrockInvoke,
    /// Cohere's chat, version 2.
    CohereChat,
    /// Cohere's embeddings, version 2.
    CohereEmbed,
    /// Gemini's `embedContent` and `batchEmbedContents`.
    GeminiEmbeddings,
    /// Gemini's `generateContent` and `streamGenerateContent`, of the Gemini API and of Vertex AI. Model and streaming
    /// stand in the URL: [`Request::for_model`](crate::providers::Request::for_model),
    /// [`Request::streaming`](crate::providers::Request::streaming).
    GeminiGenerateContent,
    /// Ollama's `/api/chat`.
    OllamaChat,
    /// Ollama's `/api/embed`.
    OllamaEmbed,
    /// Ollama's `/api/generate`.
    OllamaGenerate,
    /// The result of a run of OpenAI's Agents SDK, of Python or JavaScript: the sums of its replies.
    OpenAiAgents,
    /// OpenAI's chat completions, and all who speak it: Azure OpenAI, Mistral, Groq, DeepSeek, xAI, LiteLLM, OpenRouter,
    /// vLLM and others.
    OpenAiChat,
    /// OpenAI's completions before chat: `/v1/completions`.
    OpenAiCompletions,
    /// OpenAI's embeddings, and all who speak it.
    OpenAiEmbeddings,
    /// OpenAI's responses, and all who speak it.
    OpenAiResponses,
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

/// `gen_ai.provider.name`, for which the conventions have no value.
const OLLAMA: &str = "ollama";

#[rustfmt::skip]
pub(crate) const FORMATS: &[Row] = &[
    //  format                             provider                operation                     stream                  reader
    row(WireFormat::BedrockInvoke,         (provider::AWS_BEDROCK, operation::CHAT),             Framing::AwsEvents,  &bedrock_invoke::BedrockInvoke),
    row(WireFormat::BedrockConverse,       (provider::AWS_BEDROCK, operation::CHAT),             Framing::AwsEvents,  &bedrock_converse::BedrockConverse),
    row(WireFormat::AnthropicMessages,     (provider::ANTHROPIC,   operation::CHAT),             Framing::ServerSent, &anthropic_messages::AnthropicMessages),
    row(WireFormat::GeminiEmbeddings,      (provider::GCP_GEMINI,  operation::EMBEDDINGS),       Framing::None,       &gemini_embeddings::GeminiEmbeddings),
    row(WireFormat::GeminiGenerateContent, (provider::GCP_GEMINI,  operation::GENERATE_CONTENT), Framing::ServerSent, &gemini::GeminiGenerateContent),
    row(WireFormat::CohereChat,            (provider::COHERE,      operation::CHAT),             Framing::ServerSent, &cohere_chat::CohereChat),
    row(WireFormat::CohereEmbed,           (provider::COHERE,      operation::EMBEDDINGS),       Framing::None,       &cohere_embed::CohereEmbed),
    row(WireFormat::OllamaChat,            (OLLAMA,                operation::CHAT),             Framing::Lines,      &ollama_chat::OllamaChat),
    row(WireFormat::OllamaGenerate,        (OLLAMA,                operation::TEXT_COMPLETION),  Framing::Lines,      &ollama_chat::OllamaGenerate),
    row(WireFormat::OllamaEmbed,           (OLLAMA,                operation::EMBEDDINGS),       Framing::None,       &ollama_embed::OllamaEmbed),
    row(WireFormat::OpenAiAgents,          (provider::OPENAI,      operation::INVOKE_AGENT),     Framing::None,       &openai_agents::OpenAiAgents),
    row(WireFormat::OpenAiEmbeddings,      (provider::OPENAI,      operation::EMBEDDINGS),       Framing::None,       &openai_embeddings::OpenAiEmbeddings),
    row(WireFormat::OpenAiResponses,       (provider::OPENAI,      operation::CHAT),             Framing::ServerSent, &openai_responses::OpenAiResponses),
    row(WireFormat::OpenAiChat,            (provider::OPENAI,      operation::CHAT),             Framing::ServerSent, &openai_chat::OpenAiChat),
    row(WireFormat::OpenAiCompletions,     (provider::OPENAI,      operation::TEXT_COMPLETION),  Framing::ServerSent, &openai_completions::OpenAiCompletions),
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
