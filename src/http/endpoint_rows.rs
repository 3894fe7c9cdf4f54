//! Where providers answer model calls: hosts and paths, as their API references give them.

use crate::providers::WireFormat;
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
    pub(crate) pattern: &'static str,
    /// `gen_ai.provider.name`.
    pub(crate) provider: &'static str,
    pub(crate) paths: &'static [Path],
}

const fn path(pattern: &'static str, format: WireFormat) -> Path {
    Path { pattern, format, reply: Reply::AsAsked }
}

const fn host(pattern: &'static str, provider: &'static str, paths: &'static [Path]) -> Host {
    Host { pattern, provider, paths }
}

const OPENAI: &[Path] = &[path("/v1/chat/completions", WireFormat::OpenAiChat)];

const AZURE: &[Path] = &[
    path("/openai/deployments/{model}/chat/completions", WireFormat::OpenAiChat),
    path("/openai/v1/chat/completions", WireFormat::OpenAiChat),
    path("/models/chat/completions", WireFormat::OpenAiChat),
];

const VERTEX: &[Path] = &[
    path("**/endpoints/openapi/chat/completions", WireFormat::OpenAiChat),
    path("**/publishers/mistralai/models/{model}:rawPredict", WireFormat::OpenAiChat),
];

const GEMINI: &[Path] = &[path("/v1*/openai/chat/completions", WireFormat::OpenAiChat)];

/// On any host below some path.
const OPENAI_BELOW: &[Path] = &[path("**/v1/chat/completions", WireFormat::OpenAiChat)];

const UNVERSIONED: &[Path] = &[
    path("/chat/completions", WireFormat::OpenAiChat),
    path("/v1/chat/completions", WireFormat::OpenAiChat),
    path("/beta/chat/completions", WireFormat::OpenAiChat),
];

/// Paths that say what is asked for, on whatever host: those of a host that the application names.
pub(crate) const WELL_KNOWN: &[Path] = &[
    path("**/openai/deployments/{model}/chat/completions", WireFormat::OpenAiChat),
    path("**/chat/completions", WireFormat::OpenAiChat),
];

#[rustfmt::skip]
pub(crate) const HOSTS: &[Host] = &[
    //   host                              provider                       paths
    host("api.openai.com",                  provider::OPENAI,              OPENAI),
    host("*.openai.azure.com",              provider::AZURE_AI_OPENAI,     AZURE),
    host("*.cognitiveservices.azure.com",   provider::AZURE_AI_OPENAI,     AZURE),
    host("*.services.ai.azure.com",         provider::AZURE_AI_INFERENCE,  AZURE),
    host("generativelanguage.googleapis.com", provider::GCP_GEMINI,        GEMINI),
    host("aiplatform.googleapis.com",       provider::GCP_VERTEX_AI,       VERTEX),
    host("*-aiplatform.googleapis.com",     provider::GCP_VERTEX_AI,       VERTEX),
    host("api.mistral.ai",                  provider::MISTRAL_AI,          OPENAI),
    host("api.groq.com",                    provider::GROQ,                OPENAI_BELOW),
    host("api.deepseek.com",                provider::DEEPSEEK,            UNVERSIONED),
    host("api.x.ai",                        provider::X_AI,                OPENAI),
    host("openrouter.ai",                   "openrouter",                  OPENAI_BELOW),
    host("api.together.xyz",                "together_ai",                 OPENAI),
    host("api.together.ai",                 "together_ai",                 OPENAI),
    host("api.fireworks.ai",                "fireworks_ai",                OPENAI_BELOW),
    host("api.perplexity.ai",               provider::PERPLEXITY,          UNVERSIONED),
    host("api.moonshot.ai",                 provider::MOONSHOT_AI,         OPENAI),
    host("*:11434",                         "ollama",                      OPENAI),
];
