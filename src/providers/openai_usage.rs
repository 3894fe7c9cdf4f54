//! Tokens and costs, as OpenAI's format has them and as those who speak it extend it.

use crate::providers::fields::Fields;
use crate::providers::usage::Usage;
use crate::semconv::value::gen_ai_provider_name as provider;

/// Where one class of tokens stands; the first that holds a number counts.
struct Row {
    class: fn(&mut Usage) -> &mut Option<u64>,
    paths: &'static [&'static str],
}

const fn row(class: fn(&mut Usage) -> &mut Option<u64>, paths: &'static [&'static str]) -> Row {
    Row { class, paths }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    //  class                        chat completions, responses; then what others say
    row(|u| &mut u.input,            &["prompt_tokens", "input_tokens"]),
    row(|u| &mut u.output,           &["completion_tokens", "output_tokens"]),
    row(|u| &mut u.cache_read,       &["prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens",
                                       "prompt_cache_hit_tokens",                    // DeepSeek
                                       "cached_tokens",                              // Moonshot, Together
                                       "cache_read_input_tokens"]),                  // LiteLLM
    row(|u| &mut u.cache_write,      &["prompt_tokens_details.cache_write_tokens", "input_tokens_details.cache_write_tokens", // OpenRouter
                                       "prompt_tokens_details.cache_creation_tokens",       // LiteLLM
                                       "prompt_tokens_details.cache_creation_input_tokens", // Qwen
                                       "cache_creation_input_tokens"]),              // LiteLLM
    row(|u| &mut u.reasoning,        &["completion_tokens_details.reasoning_tokens", "output_tokens_details.reasoning_tokens",
                                       "reasoning_tokens"]),                         // Perplexity
    row(|u| &mut u.text_input,       &["prompt_tokens_details.text_tokens", "input_tokens_details.text_tokens"]),
    row(|u| &mut u.image_input,      &["prompt_tokens_details.image_tokens", "input_tokens_details.image_tokens"]),
    row(|u| &mut u.audio_input,      &["prompt_tokens_details.audio_tokens", "input_tokens_details.audio_tokens"]),
    row(|u| &mut u.text_cache_read,  &["prompt_tokens_details.cached_tokens_details.text_tokens", "input_tokens_details.cached_tokens_details.text_tokens"]),
    row(|u| &mut u.image_cache_read, &["prompt_tokens_details.cached_tokens_details.image_tokens", "input_tokens_details.cached_tokens_details.image_tokens"]),
    row(|u| &mut u.audio_cache_read, &["prompt_tokens_details.cached_tokens_details.audio_tokens", "input_tokens_details.cached_tokens_details.audio_tokens"]),
    row(|u| &mut u.text_output,      &["completion_tokens_details.text_tokens", "output_tokens_details.text_tokens"]),
    row(|u| &mut u.image_output,     &["completion_tokens_details.image_tokens", "output_tokens_details.image_tokens"]),
    row(|u| &mut u.audio_output,     &["completion_tokens_details.audio_tokens", "output_tokens_details.audio_tokens"]),
    row(|u| &mut u.search_units,     &["num_search_queries"]),                       // Perplexity
];

/// Who tells what a reply cost: where, and what one of it is in US dollars.
#[rustfmt::skip]
const COSTS: &[(&str, &str, f64)] = &[
    // gen_ai.provider.name   field                  US dollars
    ("openrouter",           "cost",                1.0),   // credits: one is a dollar
    (provider::PERPLEXITY,   "cost.total_cost",     1.0),
    (provider::X_AI,         "cost_in_usd_ticks",   1e-10),
];

/// Whose `completion_tokens` are what is left without `reasoning_tokens`: docs.x.ai, "Reasoning".
const REASONING_APART: &[&str] = &[provider::X_AI];

/// Whose `completion_tokens` leave out thoughts that only the total holds: Gemini behind OpenAI's format.
const THOUGHTS_IN_TOTAL: &[&str] = &[provider::GCP_GEMINI, provider::GCP_VERTEX_AI, provider::GCP_GEN_AI];

/// The tokens of `usage`, as the conventions count them.
pub(super) fn tokens(provider: &str, usage: &Fields<'_>) -> Usage {
    let mut tokens = Usage::default();
    for Row { class, paths } in ROWS {
        *class(&mut tokens) = paths.iter().find_map(|path| usage.count_at(path));
    }
    let total = usage.count("total_tokens");
    // Of xAI's two formats only the older one counts so.
    let known = if usage.any("completion_tokens").is_some() { provider } else { "" };
    if is_reasoning_apart(known, &tokens, total) {
        tokens.output = tokens.output.map(|output| output.saturating_add(tokens.reasoning.unwrap_or_default()));
    }
    if THOUGHTS_IN_TOTAL.contains(&provider)
        && let (Some(total), Some(input), Some(output)) = (total, tokens.input, tokens.output)
    {
        tokens.output = Some(total.saturating_sub(input).max(output));
    }
    tokens.cache_apart = is_cache_apart(&tokens, total);
    tokens
}

/// Whether output leaves out reasoning: with Perplexity, which bills it apart and leaves it out of the sum, too. The sum
/// tells, else that a part is no larger than the whole, else the provider.
fn is_reasoning_apart(whose: &str, tokens: &Usage, total: Option<u64>) -> bool {
    let (Some(output), Some(reasoning)) = (tokens.output, tokens.reasoning) else { return false };
    let visible = tokens.input.map(|input| input.saturating_add(output));
    match (total, visible) {
        _ if reasoning == 0 => false,
        _ if whose == provider::PERPLEXITY => true,
        _ if reasoning > output => true,
        (Some(total), Some(visible)) if total == visible => false,
        (Some(total), Some(visible)) if total == visible.saturating_add(reasoning) => true,
        _ => REASONING_APART.contains(&whose),
    }
}

/// Whether input leaves out what the cache read and wrote: gateways that hand Anthropic's numbers on. LiteLLM's
/// documentation says so of itself, its code adds them: so only the numbers are believed.
fn is_cache_apart(tokens: &Usage, total: Option<u64>) -> bool {
    let Some(input) = tokens.input else { return false };
    let cached = tokens.cache_read.unwrap_or_default().saturating_add(tokens.cache_write.unwrap_or_default());
    let visible = input.saturating_add(tokens.output.unwrap_or_default());
    cached > input || (cached > 0 && total == Some(visible.saturating_add(cached)))
}

/// What the reply cost, in US dollars.
pub(super) fn cost(provider: &str, usage: &Fields<'_>) -> Option<f64> {
    let (_, path, dollars) = COSTS.iter().find(|(name, ..)| *name == provider)?;
    let units = match path.split_once('.') {
        Some((outer, inner)) => usage.object(outer)?.float(inner)?,
        None => usage.float(path)?,
    };
    Some(units * dollars).filter(|cost| *cost >= 0.0 && cost.is_finite())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::{Value, json};

    use super::*;

    fn read(provider: &str, usage: &Value) -> (Option<u64>, Option<u64>) {
        let skipped = Cell::new(0);
        let usage = tokens(provider, &Fields::of(usage, &skipped));
        (usage.input_tokens(), usage.output_tokens())
    }

    #[test]
    fn output_includes_reasoning_however_it_is_counted() {
        let details = |reasoning: u64| json!({"reasoning_tokens": reasoning});
        #[rustfmt::skip]
        let cases = [
            // provider      usage                                                                                                           output
            ("openai",     json!({"prompt_tokens": 5, "completion_tokens": 90, "total_tokens": 95, "completion_tokens_details": details(64)}),  90),
            ("x_ai",       json!({"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 135, "completion_tokens_details": details(94)}), 103),
            ("x_ai",       json!({"prompt_tokens": 32, "completion_tokens": 90, "completion_tokens_details": details(4)}),                      94),
            ("x_ai",       json!({"prompt_tokens": 32, "completion_tokens": 90, "total_tokens": 122, "completion_tokens_details": details(4)}), 90),
            ("openrouter", json!({"prompt_tokens": 32, "completion_tokens": 90, "total_tokens": 126, "completion_tokens_details": details(4)}), 94),
            ("perplexity", json!({"prompt_tokens": 33, "completion_tokens": 7163, "total_tokens": 7196, "reasoning_tokens": 73997}),            81160),
            ("perplexity", json!({"prompt_tokens": 33, "completion_tokens": 7163, "total_tokens": 7196, "reasoning_tokens": 50}),               7213),
            ("gcp.gemini", json!({"prompt_tokens": 20, "completion_tokens": 424, "total_tokens": 1016}),                                       996),
            ("openai",     json!({"prompt_tokens": 5, "completion_tokens": 90, "completion_tokens_details": details(0)}),                       90),
        ];
        for (provider, usage, output) in cases {
            assert_eq!(read(provider, &usage).1, Some(output), "{provider} {usage}");
        }
    }

    #[test]
    fn input_includes_the_cache_however_it_is_counted() {
        #[rustfmt::skip]
        let cases = [
            // usage                                                                                                                             input
            (json!({"prompt_tokens": 2006, "completion_tokens": 1, "total_tokens": 2007, "prompt_tokens_details": {"cached_tokens": 1920}}),          2006),
            (json!({"prompt_tokens": 1100, "completion_tokens": 5, "total_tokens": 1105, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 80}), 1100),
            (json!({"prompt_tokens": 20, "completion_tokens": 5, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 80}),                1100),
            (json!({"prompt_tokens": 200, "completion_tokens": 5, "total_tokens": 305, "cache_read_input_tokens": 100}),                              300),
            (json!({"prompt_tokens": 30, "prompt_cache_hit_tokens": 10, "prompt_cache_miss_tokens": 20, "completion_tokens": 5, "total_tokens": 35}), 30),
        ];
        for (usage, input) in cases {
            assert_eq!(read("litellm", &usage).0, Some(input), "{usage}");
        }
    }

    #[test]
    fn costs_are_in_dollars_and_only_of_those_who_tell_their_currency() {
        let read = |provider: &str, usage: Value| cost(provider, &Fields::of(&usage, &Cell::new(0)));
        assert_eq!(read("openrouter", json!({"cost": 0.95})), Some(0.95));
        assert_eq!(read("perplexity", json!({"cost": {"total_cost": 0.006}})), Some(0.006));
        assert_eq!(read("x_ai", json!({"cost_in_usd_ticks": 200_000_000})), Some(0.02));
        assert_eq!(read("openai", json!({"cost": 1})), None);
        assert_eq!(read("openrouter", json!({"cost": -1})), None);
    }
}
