use super::*;
use crate::providers::WireFormat::*;

fn place(url: &str) -> Place<'_> {
    let (scheme, rest) = url.split_once("://").expect("a scheme");
    let (authority, _) = rest.split_once('/').expect("a path");
    let path = rest.strip_prefix(authority).expect("it begins so");
    let default = if scheme == "https" { 443 } else { 80 };
    let (host, port) =
        authority.rsplit_once(':').map_or((authority, default), |(host, port)| (host, port.parse().expect("a port")));
    Place { host, port: Some(port), path }
}

/// URL, provider, format, model, streamed: as the providers' references have them.
#[rustfmt::skip]
const CALLS: &[(&str, &str, WireFormat, Option<&str>, bool)] = &[
    ("https://api.openai.com/v1/chat/completions", "openai", OpenAiChat, None, false),
    ("https://api.openai.com/v1/responses", "openai", OpenAiResponses, None, false),
    ("https://api.openai.com/v1/embeddings", "openai", OpenAiEmbeddings, None, false),
    ("https://api.openai.com/v1/completions", "openai", OpenAiCompletions, None, false),
    ("https://eu.api.openai.com/v1/responses", "openai", OpenAiResponses, None, false),
    ("https://me.openai.azure.com/openai/deployments/my-gpt/chat/completions", "azure.ai.openai", OpenAiChat, Some("my-gpt"), false),
    ("https://me.openai.azure.com/openai/v1/responses", "azure.ai.openai", OpenAiResponses, None, false),
    ("https://me.cognitiveservices.azure.com/openai/deployments/e/embeddings", "azure.ai.openai", OpenAiEmbeddings, Some("e"), false),
    ("https://me.services.ai.azure.com/models/chat/completions", "azure.ai.inference", OpenAiChat, None, false),
    ("https://api.anthropic.com/v1/messages", "anthropic", AnthropicMessages, None, false),
    ("https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", "gcp.gemini", GeminiGenerateContent, Some("gemini-2.5-flash"), false),
    ("https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent", "gcp.gemini", GeminiGenerateContent, Some("gemini-2.5-flash"), true),
    ("https://generativelanguage.googleapis.com/v1/models/gemini-embedding-001:embedContent", "gcp.gemini", GeminiEmbeddings, Some("gemini-embedding-001"), false),
    ("https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-pro:streamGenerateContent", "gcp.vertex_ai", GeminiGenerateContent, Some("gemini-2.5-pro"), true),
    ("https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/anthropic/models/claude-sonnet-4-5:rawPredict", "gcp.vertex_ai", AnthropicMessages, Some("claude-sonnet-4-5"), false),
    ("https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/anthropic/models/claude-sonnet-4-5:streamRawPredict", "gcp.vertex_ai", AnthropicMessages, Some("claude-sonnet-4-5"), true),
    ("https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/mistralai/models/mistral-medium:rawPredict", "gcp.vertex_ai", OpenAiChat, Some("mistral-medium"), false),
    ("https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse", "aws.bedrock", BedrockConverse, Some("anthropic.claude-3-haiku-20240307-v1%3A0"), false),
    ("https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1%3A0/converse-stream", "aws.bedrock", BedrockConverse, Some("amazon.nova-lite-v1%3A0"), true),
    ("https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke", "aws.bedrock", BedrockInvoke, Some("m"), false),
    ("https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke-with-response-stream", "aws.bedrock", BedrockInvoke, Some("m"), true),
    ("https://api.mistral.ai/v1/chat/completions", "mistral_ai", OpenAiChat, None, false),
    ("https://api.mistral.ai/v1/embeddings", "mistral_ai", OpenAiEmbeddings, None, false),
    ("https://api.cohere.com/v2/chat", "cohere", CohereChat, None, false),
    ("https://api.cohere.com/v2/embed", "cohere", CohereEmbed, None, false),
    ("https://api.groq.com/openai/v1/chat/completions", "groq", OpenAiChat, None, false),
    ("https://api.deepseek.com/chat/completions", "deepseek", OpenAiChat, None, false),
    ("https://api.deepseek.com/v1/chat/completions", "deepseek", OpenAiChat, None, false),
    ("https://api.deepseek.com/beta/completions", "deepseek", OpenAiCompletions, None, false),
    ("https://api.deepseek.com/anthropic/v1/messages", "deepseek", AnthropicMessages, None, false),
    ("https://api.x.ai/v1/chat/completions", "x_ai", OpenAiChat, None, false),
    ("https://openrouter.ai/api/v1/chat/completions", "openrouter", OpenAiChat, None, false),
    ("https://api.together.xyz/v1/chat/completions", "together_ai", OpenAiChat, None, false),
    ("https://api.fireworks.ai/inference/v1/chat/completions", "fireworks_ai", OpenAiChat, None, false),
    ("https://api.perplexity.ai/chat/completions", "perplexity", OpenAiChat, None, false),
    ("https://api.moonshot.ai/v1/chat/completions", "moonshot_ai", OpenAiChat, None, false),
    ("http://localhost:11434/api/chat", "ollama", OllamaChat, None, false),
    ("http://localhost:11434/api/generate", "ollama", OllamaGenerate, None, false),
    ("http://10.0.0.7:11434/api/embed", "ollama", OllamaEmbed, None, false),
    ("http://localhost:11434/v1/chat/completions", "ollama", OpenAiChat, None, false),
];

const OTHERS: &[&str] = &[
    "https://api.openai.com/v1/files",
    "https://api.openai.com/v1/responses/resp_1/cancel",
    "https://api.openai.com/v1/batches",
    "https://api.anthropic.com/v1/messages/count_tokens",
    "https://api.anthropic.com/v1/messages/batches",
    "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:countTokens",
    "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/count-tokens",
    "https://bedrock.us-east-1.amazonaws.com/model/m/converse",
    "https://example.com/v1/chat/completions",
    "http://localhost:8080/v1/chat/completions",
    "https://api.openai.com.example.com/v1/chat/completions",
    "https://api.cohere.com/v1/tokenize",
];

#[test]
fn providers_are_known_by_host_and_path() {
    let endpoints = Endpoints::default();
    for (url, provider, format, model, is_streamed) in CALLS {
        let place = place(url);
        let found = endpoints.find(&place).unwrap_or_else(|| panic!("{url} is a model call"));
        assert_eq!(
            (found.provider, found.format, found.model, found.is_streamed),
            (*provider, *format, *model, *is_streamed),
            "{url}"
        );
    }
    for url in OTHERS {
        assert!(endpoints.find(&place(url)).is_none(), "{url} is none");
    }
}

#[test]
fn own_endpoints_and_hosts_come_first() {
    let own = Endpoint::new("mine", OllamaChat).host("api.openai.com").path("/v1/chat/completions").streamed();
    let endpoints = Endpoints::default().with(own).with_host("llm.internal:8080", "vllm");
    let found =
        |url| endpoints.find(&place(url)).map(|found| (found.provider.to_owned(), found.format, found.is_streamed));
    assert_eq!(found("https://api.openai.com/v1/chat/completions"), Some(("mine".into(), OllamaChat, true)));
    assert_eq!(found("https://api.openai.com/v1/responses"), Some(("openai".into(), OpenAiResponses, false)));
    assert_eq!(found("http://llm.internal:8080/x/v1/chat/completions"), Some(("vllm".into(), OpenAiChat, false)));
    assert_eq!(found("http://llm.internal:8080/v1/messages"), Some(("vllm".into(), AnthropicMessages, false)));
    assert_eq!(found("http://llm.internal/v1/messages"), None);
    assert!(Endpoints::none().find(&place("https://api.openai.com/v1/responses")).is_none());
}
