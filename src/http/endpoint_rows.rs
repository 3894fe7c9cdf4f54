//! Where providers answer model calls: hosts and paths, as their API references give them.

use crate::http::pattern;
use crate::providers::WireFormat::{self, *};
use crate::semconv::value::gen_ai_provider_name as provider;

/// A path on which a model answers.
#[derive(Debug)]
pub(crate) struct Path {
    pub(crate) pattern: &'static str,
    pub(crate) format: WireFormat,
    pub(crate) reply: Reply,
}

/// Who says whether the reply is streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    AsAsked,
    Streamed,
}

/// Who answers on a host.
#[derive(Debug)]
pub(crate) struct Host {
    #[cfg_attr(not(test), expect(dead_code, reason = "printed on the page"))]
    pub(crate) pattern: &'static str,
    pub(crate) name: pattern::Host<'static>,
    /// `gen_ai.provider.name`.
    pub(crate) provider: &'static str,
    pub(crate) paths: &'static [Path],
}

const fn path(pattern: &'static str, format: WireFormat) -> Path {
    Path { pattern, format, reply: Reply::AsAsked }
}

/// The path itself says that the reply is streamed.
const fn streamed(pattern: &'static str, format: WireFormat) -> Path {
    Path { pattern, format, reply: Reply::Streamed }
}

const fn host(pattern: &'static str, provider: &'static str, paths: &'static [Path]) -> Host {
    Host { pattern, name: pattern::Host::new(pattern), provider, paths }
}

/// OpenAI's API, below whatever path a provider puts it; Anthropic's messages, which many of them have besides.
const OPENAI: &[Path] = &[
    path("**/v1/chat/completions", OpenAiChat),
    path("**/v1/responses", OpenAiResponses),
    path("**/v1/embeddings", OpenAiEmbeddings),
    path("**/v1/completions", OpenAiCompletions),
    path("**/v1/messages", AnthropicMessages),
];

/// The same without or with another version.
const UNVERSIONED: &[Path] = &[
    path("/chat/completions", OpenAiChat),
    path("/*/chat/completions", OpenAiChat),
    path("/completions", OpenAiCompletions),
    path("/*/completions", OpenAiCompletions),
    path("/v1/responses", OpenAiResponses),
    path("/v1/embeddings", OpenAiEmbeddings),
    path("/anthropic/v1/messages", AnthropicMessages),
];

const AZURE: &[Path] = &[
    path("/openai/deployments/{model}/chat/completions", OpenAiChat),
    path("/openai/deployments/{model}/completions", OpenAiCompletions),
    path("/openai/deployments/{model}/embeddings", OpenAiEmbeddings),
    path("/openai/v1/chat/completions", OpenAiChat),
    path("/openai/v1/responses", OpenAiResponses),
    path("/openai/v1/embeddings", OpenAiEmbeddings),
    path("/openai/responses", OpenAiResponses),
    path("/models/chat/completions", OpenAiChat),
    path("/models/embeddings", OpenAiEmbeddings),
    path("/anthropic/v1/messages", AnthropicMessages),
];

const ANTHROPIC: &[Path] = &[path("/v1/messages", AnthropicMessages), path("/v1/chat/completions", OpenAiChat)];

const GEMINI: &[Path] = &[
    path("/v1*/models/{model}:generateContent", GeminiGenerateContent),
    streamed("/v1*/models/{model}:streamGenerateContent", GeminiGenerateContent),
    path("/v1*/models/{model}:embedContent", GeminiEmbeddings),
    path("/v1*/models/{model}:batchEmbedContents", GeminiEmbeddings),
    path("/v1*/tunedModels/{model}:generateContent", GeminiGenerateContent),
    streamed("/v1*/tunedModels/{model}:streamGenerateContent", GeminiGenerateContent),
    path("/v1*/openai/chat/completions", OpenAiChat),
    path("/v1*/openai/embeddings", OpenAiEmbeddings),
];

const VERTEX: &[Path] = &[
    path("**/publishers/google/models/{model}:generateContent", GeminiGenerateContent),
    streamed("**/publishers/google/models/{model}:streamGenerateContent", GeminiGenerateContent),
    path("**/endpoints/{model}:generateContent", GeminiGenerateContent),
    streamed("**/endpoints/{model}:streamGenerateContent", GeminiGenerateContent),
    path("**/publishers/anthropic/models/{model}:rawPredict", AnthropicMessages),
    streamed("**/publishers/anthropic/models/{model}:streamRawPredict", AnthropicMessages),
    path("**/publishers/*/models/{model}:rawPredict", OpenAiChat),
    streamed("**/publishers/*/models/{model}:streamRawPredict", OpenAiChat),
    path("**/endpoints/openapi/chat/completions", OpenAiChat),
];

const BEDROCK: &[Path] = &[
    path("/model/{model}/converse", BedrockConverse),
    streamed("/model/{model}/converse-stream", BedrockConverse),
    path("/model/{model}/invoke", BedrockInvoke),
    streamed("/model/{model}/invoke-with-response-stream", BedrockInvoke),
    path("/openai/v1/chat/completions", OpenAiChat),
];

const COHERE: &[Path] = &[
    path("/v2/chat", CohereChat),
    path("/v2/embed", CohereEmbed),
    path("/compatibility/v1/chat/completions", OpenAiChat),
    path("/compatibility/v1/embeddings", OpenAiEmbeddings),
];

const OLLAMA: &[Path] = &[
    path("/api/chat", OllamaChat),
    path("/api/generate", OllamaGenerate),
    path("/api/embed", OllamaEmbed),
    path("/v1/chat/completions", OpenAiChat),
    path("/v1/responses", OpenAiResponses),
    path("/v1/completions", OpenAiCompletions),
    path("/v1/embeddings", OpenAiEmbeddings),
    path("/v1/messages", AnthropicMessages),
];

/// Paths that say what is asked for, on whatever host: those of a host that the application names.
pub(crate) const WELL_KNOWN: &[Path] = &[
    path("**/openai/deployments/{model}/chat/completions", OpenAiChat),
    path("**/openai/deployments/{model}/embeddings", OpenAiEmbeddings),
    path("**/chat/completions", OpenAiChat),
    path("**/v1/responses", OpenAiResponses),
    path("**/openai/responses", OpenAiResponses),
    path("**/v1/embeddings", OpenAiEmbeddings),
    path("**/v1/completions", OpenAiCompletions),
    path("**/v1/messages", AnthropicMessages),
    path("**/models/{model}:generateContent", GeminiGenerateContent),
    streamed("**/models/{model}:streamGenerateContent", GeminiGenerateContent),
    path("**/models/{model}:embedContent", GeminiEmbeddings),
    path("**/models/{model}:batchEmbedContents", GeminiEmbeddings),
    path("**/models/{model}:rawPredict", AnthropicMessages),
    streamed("**/models/{model}:streamRawPredict", AnthropicMessages),
    path("**/model/{model}/converse", BedrockConverse),
    streamed("**/model/{model}/converse-stream", BedrockConverse),
    path("**/model/{model}/invoke", BedrockInvoke),
    streamed("**/model/{model}/invoke-with-response-stream", BedrockInvoke),
    path("**/v2/chat", CohereChat),
    path("**/v2/embed", CohereEmbed),
    path("**/api/chat", OllamaChat),
    path("**/api/generate", OllamaGenerate),
    path("**/api/embed", OllamaEmbed),
];

#[rustfmt::skip]
pub(crate) const HOSTS: &[Host] = &[
    //   host                                provider                       paths
    host("api.openai.com",                    provider::OPENAI,             OPENAI),
    host("*.api.openai.com",                  provider::OPENAI,             OPENAI),
    host("*.openai.azure.com",                provider::AZURE_AI_OPENAI,    AZURE),
    host("*.cognitiveservices.azure.com",     provider::AZURE_AI_OPENAI,    AZURE),
    host("*.services.ai.azure.com",           provider::AZURE_AI_INFERENCE, AZURE),
    host("api.anthropic.com",                 provider::ANTHROPIC,          ANTHROPIC),
    host("generativelanguage.googleapis.com", provider::GCP_GEMINI,         GEMINI),
    host("aiplatform.googleapis.com",         provider::GCP_VERTEX_AI,      VERTEX),
    host("*-aiplatform.googleapis.com",       provider::GCP_VERTEX_AI,      VERTEX),
    host("bedrock-runtime.*.amazonaws.com",   provider::AWS_BEDROCK,        BEDROCK),
    host("bedrock-runtime-fips.*.amazonaws.com", provider::AWS_BEDROCK,     BEDROCK),
    host("api.mistral.ai",                    provider::MISTRAL_AI,         OPENAI),
    host("api.cohere.com",                    provider::COHERE,             COHERE),
    host("api.cohere.ai",                     provider::COHERE,             COHERE),
    host("api.groq.com",                      provider::GROQ,               OPENAI),
    host("api.deepseek.com",                  provider::DEEPSEEK,           UNVERSIONED),
    host("api.x.ai",                          provider::X_AI,               OPENAI),
    host("openrouter.ai",                     "openrouter",                 OPENAI),
    host("api.together.xyz",                  "together_ai",                OPENAI),
    host("api.together.ai",                   "together_ai",                OPENAI),
    host("api.fireworks.ai",                  "fireworks_ai",               OPENAI),
    host("api.perplexity.ai",                 provider::PERPLEXITY,         UNVERSIONED),
    host("api.moonshot.ai",                   provider::MOONSHOT_AI,        OPENAI),
    host("api.moonshot.cn",                   provider::MOONSHOT_AI,        OPENAI),
    host("*:11434",                           "ollama",                     OLLAMA),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> impl Iterator<Item = &'static Path> {
        HOSTS.iter().flat_map(|host| host.paths).chain(WELL_KNOWN)
    }

    #[test]
    fn hosts_are_unique_and_lower_case() {
        for (at, host) in HOSTS.iter().enumerate() {
            assert!(HOSTS.iter().take(at).all(|other| other.pattern != host.pattern), "{}", host.pattern);
            assert_eq!(host.pattern, host.pattern.to_ascii_lowercase());
            assert!(host.pattern.matches('*').count() <= 1, "{}", host.pattern);
        }
    }

    #[test]
    fn paths_are_absolute_or_end_of_any() {
        for path in paths() {
            assert!(path.pattern.starts_with('/') || path.pattern.starts_with("**/"), "{}", path.pattern);
            assert!(!path.pattern.get(2..).is_some_and(|rest| rest.contains("**")), "{}", path.pattern);
        }
    }

    #[test]
    fn every_path_of_a_provider_is_one_that_a_host_of_your_own_may_have() {
        let known = |format| WELL_KNOWN.iter().any(|path| path.format == format);
        assert!(paths().all(|path| known(path.format)));
    }
}
