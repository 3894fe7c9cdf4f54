//! Why a model stopped: providers' words → those of the conventions' schema.

/// Why one choice of a reply ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FinishReason {
    /// As the provider says it.
    pub(crate) raw: String,
    /// As the conventions say it, if the table knows.
    known: Option<&'static str>,
}

impl FinishReason {
    /// `raw` as the provider says it. What is no word is `_OTHER`: whoever writes a sentence may write anything into it.
    pub(crate) fn new(raw: &str) -> Self {
        let known = normal(raw);
        let raw = if known.is_some() || is_word(raw) { raw } else { "_OTHER" };
        Self { raw: raw.to_owned(), known }
    }

    /// Of a prompt that was not let through.
    pub(crate) fn blocked(raw: &str) -> Self {
        Self { known: Some("content_filter"), ..Self::new(raw) }
    }

    /// Of a reply that wants tools called, in a format that has no word for it.
    pub(crate) fn called(raw: &str) -> Self {
        Self { known: Some("tool_call"), ..Self::new(raw) }
    }

    /// The conventions' word, else the provider's.
    pub(crate) fn as_str(&self) -> &str {
        self.known.unwrap_or(&self.raw)
    }
}

/// Letters, digits, `_`, `.` and `-`, at most 64.
fn is_word(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    matches!(text.len(), 1..=64) && text.bytes().all(fits)
}

/// The words that providers use, in lower case; sorted.
#[rustfmt::skip]
const WORDS: &[(&str, &str)] = &[
    // raw                          schema             provider
    ("abort",                        "error"),          // vLLM
    ("blocklist",                    "content_filter"), // Gemini
    ("cancelled",                    "error"),          // OpenAI responses
    ("complete",                     "stop"),           // Cohere
    ("completed",                    "stop"),           // OpenAI responses
    ("content_filter",               "content_filter"), // OpenAI
    ("content_filtered",             "content_filter"), // Bedrock
    ("end_turn",                     "stop"),           // Anthropic, Bedrock
    ("eos",                          "stop"),           // Together
    ("error",                        "error"),
    ("error_limit",                  "length"),         // Cohere
    ("error_toxic",                  "content_filter"), // Cohere
    ("failed",                       "error"),          // OpenAI responses
    ("finish_reason_stop",           "stop"),           // Gemini through gateways
    ("function_call",                "tool_call"),      // OpenAI before tools
    ("guardrail_intervened",         "content_filter"), // Bedrock
    ("image_other",                  "error"),          // Gemini
    ("image_prohibited_content",     "content_filter"), // Gemini
    ("image_recitation",             "content_filter"), // Gemini
    ("image_safety",                 "content_filter"), // Gemini
    ("incomplete",                   "error"),          // OpenAI responses, without a reason
    ("insufficient_system_resource", "error"),          // DeepSeek
    ("language",                     "content_filter"), // Gemini
    ("length",                       "length"),         // OpenAI, Ollama
    ("malformed_function_call",      "error"),          // Gemini
    ("malformed_model_output",       "error"),          // Bedrock
    ("malformed_response",           "error"),          // Gemini
    ("malformed_tool_use",           "error"),          // Bedrock
    ("max_output_tokens",            "length"),         // OpenAI responses
    ("max_tokens",                   "length"),         // Anthropic, Gemini, Cohere
    ("missing_thought_signature",    "error"),          // Gemini
    ("model_armor",                  "content_filter"), // Vertex AI
    ("model_context_window_exceeded", "length"),        // Anthropic, Bedrock
    ("model_length",                 "length"),         // Mistral
    ("network_error",                "error"),          // Zhipu
    ("no_image",                     "error"),          // Gemini
    ("prohibited_content",           "content_filter"), // Gemini
    ("recitation",                   "content_filter"), // Gemini
    ("refusal",                      "content_filter"), // Anthropic
    ("repetition",                   "stop"),           // vLLM
    ("safety",                       "content_filter"), // Gemini
    ("sensitive",                    "content_filter"), // Zhipu
    ("spii",                         "content_filter"), // Gemini
    ("stop",                         "stop"),           // OpenAI, Gemini, Ollama
    ("stop_sequence",                "stop"),           // Anthropic, Cohere
    ("timeout",                      "error"),          // Cohere
    ("too_many_tool_calls",          "error"),          // Gemini
    ("tool_call",                    "tool_call"),
    ("tool_calls",                   "tool_call"),      // OpenAI
    ("tool_use",                     "tool_call"),      // Anthropic, Bedrock
    ("unexpected_tool_call",         "error"),          // Gemini
];

fn normal(raw: &str) -> Option<&'static str> {
    let lower = raw.to_ascii_lowercase();
    let row = WORDS.binary_search_by_key(&&*lower, |(word, _)| word).ok()?;
    WORDS.get(row).map(|(_, normal)| *normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_lower_case() {
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(WORDS.iter().all(|(word, _)| *word == word.to_ascii_lowercase()));
    }

    #[test]
    fn a_sentence_is_no_finish_reason() {
        let reason = FinishReason::new("error: prompt 'my secret' rejected");
        assert_eq!((reason.as_str(), reason.raw.as_str()), ("_OTHER", "_OTHER"));
        assert_eq!(FinishReason::blocked("what was asked").raw, "_OTHER");
    }

    #[test]
    fn known_words_become_the_schemas_and_others_stay() {
        let reasons = ["tool_calls", "MAX_TOKENS", "end_turn", "pause_turn"].map(FinishReason::new);
        assert_eq!(reasons.each_ref().map(FinishReason::as_str), ["tool_call", "length", "stop", "pause_turn"]);
    }
}
