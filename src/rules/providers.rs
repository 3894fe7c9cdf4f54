//! Spellings of `gen_ai.provider.name` → the registry's well-known value.

use crate::rules::fields;
use crate::semconv::{attr, value::gen_ai_provider_name as provider};

const WELL_KNOWN: &[&str] = fields::values_of(attr::GEN_AI_PROVIDER_NAME);

/// Lower-case spellings people write, beside the well-known values themselves; sorted.
#[rustfmt::skip]
const SPELLINGS: &[(&str, &str)] = &[
    // written            well-known value
    ("aws_bedrock",       provider::AWS_BEDROCK),
    ("azure",             provider::AZURE_AI_OPENAI),
    ("azure_openai",      provider::AZURE_AI_OPENAI),
    ("azureopenai",       provider::AZURE_AI_OPENAI),
    ("bedrock",           provider::AWS_BEDROCK),
    ("gemini",            provider::GCP_GEMINI),
    ("google",            provider::GCP_GEN_AI),
    ("mistral",           provider::MISTRAL_AI),
    ("mistralai",         provider::MISTRAL_AI),
    ("moonshot",          provider::MOONSHOT_AI),
    ("moonshotai",        provider::MOONSHOT_AI),
    ("vertex_ai",         provider::GCP_VERTEX_AI),
    ("vertexai",          provider::GCP_VERTEX_AI),
    ("watsonx",           provider::IBM_WATSONX_AI),
    ("xai",               provider::X_AI),
];

/// Whether `name` is a well-known value as it is.
pub(crate) fn is_well_known(name: &str) -> bool {
    WELL_KNOWN.contains(&name)
}

/// The well-known value for `name`, written in any case; `None` leaves a custom provider as it is.
pub(crate) fn well_known(name: &str) -> Option<&'static str> {
    exact(name).or_else(|| exact(&name.to_ascii_lowercase()))
}

fn exact(name: &str) -> Option<&'static str> {
    if let Some(value) = WELL_KNOWN.iter().find(|value| **value == name) {
        return Some(value);
    }
    let row = SPELLINGS.binary_search_by_key(&name, |(written, _)| written).ok()?;
    SPELLINGS.get(row).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_sorted_and_lower_case() {
        assert!(SPELLINGS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(SPELLINGS.iter().all(|(written, _)| *written == written.to_ascii_lowercase()));
    }

    #[test]
    fn known_spellings_become_well_known_values_and_others_stay() {
        assert_eq!(well_known("openai"), Some("openai"));
        assert_eq!(well_known("OpenAI"), Some("openai"));
        assert_eq!(well_known("xAI"), Some("x_ai"));
        assert_eq!(well_known("Gemini"), Some("gcp.gemini"));
        assert_eq!(well_known("my-gateway"), None);
    }
}
